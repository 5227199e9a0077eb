from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "towpath.foundation.jobs"
    label = "jobs"

    def ready(self) -> None:
        from towpath.foundation.jobs import forgetting, queries  # noqa: F401 (registers what it erases)
        from towpath.foundation.operations.metrics import gauge

        gauge("towpath_jobs", "Background jobs.", queries.counts, label="state")
