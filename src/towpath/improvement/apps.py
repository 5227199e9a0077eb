from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    name = "towpath.improvement"
    label = "improvement"
