from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "towpath.journeys"
    label = "journeys"

    def ready(self) -> None:
        from towpath.journeys import forgetting  # noqa: F401 (registers what it erases)
