from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "towpath.foundation.jobs"
    label = "jobs"
