from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "towpath.foundation.outbox"
    label = "outbox"
