from django.apps import AppConfig


class VisibilityConfig(AppConfig):
    name = "towpath.visibility"
    label = "visibility"
