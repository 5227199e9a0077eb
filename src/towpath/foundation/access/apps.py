from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "towpath.foundation.access"
    label = "access"
