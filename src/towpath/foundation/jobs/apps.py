from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "towpath.foundation.jobs"
    label = "jobs"

    def ready(self) -> None:
        from towpath.foundation.jobs import queries
        from towpath.foundation.operations.metrics import gauge

        gauge("towpath_jobs", "Background jobs.", queries.counts, label="state")
