"""Addresses of the desk, and who may open them."""

from towpath.desk.pages import connections, desks, flow, insights, shift
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.foundation.access.routes import route

app_name = "desk"
urlpatterns = [
    route("administration/helpdesks/", connections.connections, name="connections", access=MANAGE_DESK),
    route(
        "administration/helpdesks/<slug:name>/",
        connections.decide,
        name="connection-decision",
        access=MANAGE_DESK,
    ),
    route("desk/<slug:name>/insights/", insights.show, name="insights", access=READ_DESK),
    route("desk/<slug:name>/insights/<slug:kind>/", insights.behind, name="behind", access=READ_DESK),
    route("desk/<slug:name>/shift/", shift.show, name="shift", access=READ_DESK),
    route("desk/<slug:name>/shift/topic/", shift.topic, name="shift-topic", access=READ_DESK),
    route("desk/<slug:name>/shift/decide/", shift.decide, name="shift-decide", access=MANAGE_DESK),
    route("desk/<slug:name>/shift/say/", shift.say, name="shift-say", access=MANAGE_DESK),
    route("desk/<slug:name>/", flow.show, name="flow", access=READ_DESK),
    route("desk/", desks.listing, name="list", access=READ_DESK),
]
