from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "towpath.foundation.people"
    label = "people"
