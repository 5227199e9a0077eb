from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class AccessConfig(AppConfig):
    name = "towpath.foundation.access"
    label = "access"

    def ready(self) -> None:
        """Operations is no app of Django's, so its checks of the set-up are registered here."""
        from towpath.foundation.access.keys import look_again
        from towpath.foundation.operations import checks  # noqa: F401

        for model in ("access.ApiKey", "people.Person", "people.RoleGrant"):
            for changed in (post_save, post_delete):
                changed.connect(look_again, sender=model, dispatch_uid=f"look again at keys: {model}")
