from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    name = "towpath.improvement"
    label = "improvement"

    def ready(self) -> None:
        from towpath.estate.carrying import add_carrier
        from towpath.improvement import forgetting  # noqa: F401 (registers what it erases)
        from towpath.improvement.queries.through import carried

        add_carrier(carried)
