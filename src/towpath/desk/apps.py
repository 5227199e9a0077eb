from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "towpath.desk"
    label = "desk"

    def ready(self) -> None:
        from towpath.desk import forgetting  # noqa: F401 (registers what it erases)
        from towpath.desk.actions.desks import SECTION, import_confirmed
        from towpath.desk.queries.desks import lead_of
        from towpath.desk.rules.reading_text import reading_of
        from towpath.events.sections import add_section

        add_section(SECTION, check=reading_of, confirmed=import_confirmed, leads=lead_of)
        self._take_files_in()

    @staticmethod
    def _take_files_in() -> None:
        """Files in the forms of helpdesks, and what names people in them masked."""
        from towpath.desk.importers import masking, tables
        from towpath.desk.importers.registering import FORMATS
        from towpath.events.importers.formats import add_format, add_refinement
        from towpath.events.importers.treating import add_treatment
        from towpath.events.sections import add_section

        for each in FORMATS:
            add_format(each)
        add_section(masking.SECTION, check=masking.check)
        add_refinement("desk", tables.refine)
        add_treatment(masking.SECTION, masking.begin, masking.in_words)
