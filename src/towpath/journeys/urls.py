"""Addresses of the journeys area, and who may open them."""

from towpath.foundation.access.routes import route
from towpath.journeys.pages import blueprint, editing, lists
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
]
