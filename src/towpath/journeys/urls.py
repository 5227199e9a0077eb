"""Addresses of the journeys area, and who may open them."""

from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.routes import route
from towpath.journeys.pages import (
    blueprint,
    editing,
    entities,
    friction,
    funnel,
    lists,
    losses,
    paths,
    segments,
)
from towpath.journeys.rules.permissions import READ_JOURNEYS, WRITE_JOURNEYS

app_name = "journeys"
urlpatterns = [
    route("journeys/", lists.journey_list, name="list", access=READ_JOURNEYS),
    route("journeys/new/", editing.new, name="new", access=WRITE_JOURNEYS),
    route("journeys/<slug:key>/", blueprint.show, name="blueprint", access=READ_JOURNEYS),
    route("journeys/<slug:key>/blueprint.<str:form>", blueprint.export, name="export", access=READ_JOURNEYS),
    route("journeys/<slug:key>/edit/", editing.edit, name="edit", access=WRITE_JOURNEYS),
    route("journeys/<slug:key>/edit/yaml/", editing.edit_yaml, name="edit-yaml", access=WRITE_JOURNEYS),
    route("journeys/<slug:key>/definition/", editing.definition, name="definition", access=READ_JOURNEYS),
    route("journeys/<slug:key>/definition.yaml", editing.download, name="download", access=READ_JOURNEYS),
    route("journeys/<slug:key>/funnel/", funnel.show, name="funnel", access=READ_JOURNEYS),
    route("journeys/<slug:key>/flow/", paths.show, name="flow", access=READ_JOURNEYS),
    route("journeys/<slug:key>/segments/", segments.show, name="segments", access=READ_JOURNEYS),
    route("journeys/<slug:key>/losses/", losses.show, name="losses", access=READ_JOURNEYS),
    route("journeys/<slug:key>/friction/", friction.show, name="friction", access=READ_JOURNEYS),
    route("journeys/<slug:key>/entities/", entities.show, name="entities", access=READ_CUSTOMERS),
    route(
        "journeys/<slug:key>/entities/<str:entity>/",
        entities.show_story,
        name="entity",
        access=READ_CUSTOMERS,
    ),
    route("events/sources/<path:source>/flow/", paths.show_source, name="source-flow", access=READ_JOURNEYS),
    route(
        "events/sources/<path:source>/entities/",
        entities.show_source,
        name="source-entities",
        access=READ_CUSTOMERS,
    ),
]
