from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "towpath.desk"
    label = "desk"
