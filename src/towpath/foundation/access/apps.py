from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "towpath.foundation.access"
    label = "access"

    def ready(self) -> None:
        """Operations is no app of Django's, so its checks of the set-up are registered here."""
        from towpath.foundation.operations import checks  # noqa: F401
