from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "towpath.foundation.audit"
    label = "audit"

    def ready(self) -> None:
        from towpath.foundation.audit import sealing  # noqa: F401 (registers what it erases)
