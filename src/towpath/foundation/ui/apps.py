from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "towpath.foundation.ui"
    label = "ui"
