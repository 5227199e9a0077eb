"""Addresses of the events area, and who may open them."""

from towpath.events import pages
from towpath.events.keeping.pages import urlpatterns as keeping
from towpath.events.rules import READ_EVENTS, WRITE_EVENTS
from towpath.foundation.access.routes import route

app_name = "events"
urlpatterns = [
    *keeping,
    route("events/", pages.sources, name="sources", access=READ_EVENTS),
    route("events/import/", pages.new_import, name="new-import", access=WRITE_EVENTS),
    route("events/imports/<uuid:import_id>/", pages.show_import, name="import", access=WRITE_EVENTS),
    route("events/quarantine/", pages.quarantine, name="quarantine", access=WRITE_EVENTS),
    route(
        "events/quarantine/<int:record_id>/",
        pages.quarantined_record,
        name="quarantined-record",
        access=WRITE_EVENTS,
    ),
]
