from django.apps import AppConfig
from prometheus_client import REGISTRY


class EventsConfig(AppConfig):
    name = "towpath.events"
    label = "events"

    def ready(self) -> None:
        from towpath.events import accepting, forgetting, inbox, watch  # noqa: F401 (registers what it erases)
        from towpath.events.sections import add_section
        from towpath.events.whole_histories import SECTION, check
        from towpath.foundation.operations.health import CHECKS, TROUBLE

        CHECKS["inbox"] = accepting.writable
        TROUBLE.add(inbox.InboxBroken)
        add_section(SECTION, check=check)
        REGISTRY.register(watch.Watch())
