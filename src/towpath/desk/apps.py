from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "towpath.desk"
    label = "desk"

    def ready(self) -> None:
        from towpath.desk.actions.desks import SECTION, import_confirmed
        from towpath.desk.rules.reading_text import reading_of
        from towpath.events.sections import add_section

        add_section(SECTION, check=reading_of, confirmed=import_confirmed)
