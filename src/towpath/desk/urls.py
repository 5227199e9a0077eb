"""Addresses of the desk, and who may open them."""

from towpath.desk.pages import (
    agreements,
    calls,
    connections,
    desks,
    emerging,
    flow,
    insights,
    links,
    problems,
    shift,
    solved,
    teams,
    tickets,
)
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
    route("desk-agreements/", agreements.show, name="agreements", access=READ_DESK),
    route("desk-agreements/change/", agreements.edit, name="edit-agreements", access=MANAGE_DESK),
    route("desk-calls/", calls.listing, name="calls-list", access=READ_DESK),
    route("desk-calls/<slug:name>/", calls.show, name="calls", access=READ_DESK),
    route("desk-calls-import/", calls.bring_in, name="import-calls", access=MANAGE_DESK),
    route("desk/<slug:name>/tickets/", tickets.listing, name="tickets", access=READ_DESK),
    route("desk/<slug:name>/tickets/<path:number>/", tickets.show, name="ticket", access=READ_DESK),
    route("desk/<slug:name>/insights/", insights.show, name="insights", access=READ_DESK),
    route("desk/<slug:name>/insights/<slug:kind>/", insights.behind, name="behind", access=READ_DESK),
    route("desk/<slug:name>/solved/", solved.show, name="solved", access=READ_DESK),
    route("desk/<slug:name>/solved-tickets/", solved.behind, name="solved-tickets", access=READ_DESK),
    route("desk/<slug:name>/emerging/", emerging.show, name="emerging", access=READ_DESK),
    route("desk/<slug:name>/emerging-tickets/", emerging.behind, name="emerging-tickets", access=READ_DESK),
    route("desk/<slug:name>/teams/", teams.listing, name="teams", access=READ_DESK),
    route("desk/<slug:name>/teams/<path:team>/", teams.show, name="team", access=READ_DESK),
    route("desk/<slug:name>/team-tickets/", teams.behind, name="team-tickets", access=READ_DESK),
    route("desk/<slug:name>/firefighting/", teams.firefighting, name="firefighting", access=READ_DESK),
    route("desk/<slug:name>/analysis/<path:number>/", problems.show, name="analysis", access=READ_DESK),
    route(
        "desk/<slug:name>/save-analysis/<path:number>/",
        problems.save,
        name="save-analysis",
        access=MANAGE_DESK,
    ),
    route("desk/<slug:name>/links/", links.show, name="links", access=READ_DESK),
    route("desk/<slug:name>/links/answer/", links.answer, name="link-answer", access=MANAGE_DESK),
    route("desk/<slug:name>/links/say/", links.say, name="link-say", access=MANAGE_DESK),
    route("desk/<slug:name>/shift/", shift.show, name="shift", access=READ_DESK),
    route("desk/<slug:name>/shift/topic/", shift.topic, name="shift-topic", access=READ_DESK),
    route("desk/<slug:name>/shift/decide/", shift.decide, name="shift-decide", access=MANAGE_DESK),
    route("desk/<slug:name>/shift/say/", shift.say, name="shift-say", access=MANAGE_DESK),
    route("desk/<slug:name>/", flow.show, name="flow", access=READ_DESK),
    route("desk/", desks.listing, name="list", access=READ_DESK),
]
