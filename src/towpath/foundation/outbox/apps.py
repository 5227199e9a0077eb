from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "towpath.foundation.outbox"
    label = "outbox"

    def ready(self) -> None:
        """Find every area's announcements and handlers: lower areas cannot import them, they lie above."""
        from towpath.foundation.operations.metrics import gauge
        from towpath.foundation.outbox import forgetting, queries  # noqa: F401 (registers what it erases)

        autodiscover_modules("announcements", "handlers")
        gauge("towpath_outbox_messages", "Announcements that wait.", queries.waiting, label="state")
