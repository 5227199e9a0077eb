from django.apps import AppConfig


class EstateConfig(AppConfig):
    name = "towpath.estate"
    label = "estate"
