from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "towpath.events"
    label = "events"

    def ready(self) -> None:
        from towpath.events import accepting, forgetting, inbox, watch  # noqa: F401 (registers what it erases)
        from towpath.foundation.operations.health import CHECKS, TROUBLE
        from towpath.foundation.operations.metrics import gauge

        CHECKS["inbox"] = accepting.writable
        TROUBLE.add(inbox.InboxBroken)
        for name, description, measure in watch.GAUGES:
            gauge(name, description, measure)
