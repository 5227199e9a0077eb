"""Addresses of findings, and who may open them."""

from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.routes import route
from towpath.improvement.pages import beneath, components, findings, reviews, ruined_days, telling
from towpath.improvement.rules.permissions import READ_FINDINGS, TELL_FINDINGS, WRITE_FINDINGS
from towpath.journeys.rules.permissions import READ_JOURNEYS

app_name = "improvement"
urlpatterns = [
    route("components/", components.listing, name="components", access=READ_FINDINGS),
    route("components/<path:name>/", components.show, name="component", access=READ_FINDINGS),
    route("beneath/<slug:journey>/<slug:step>/", beneath.show, name="beneath", access=READ_JOURNEYS),
    route("findings/", findings.listing, name="findings", access=READ_FINDINGS),
    route("administration/telling/", telling.rules, name="telling", access=TELL_FINDINGS),
    route(
        "administration/telling/<int:rule_id>/",
        telling.decide,
        name="telling-decision",
        access=TELL_FINDINGS,
    ),
    route("reviews/", reviews.listing, name="reviews", access=READ_FINDINGS),
    route("reviews/<int:review_id>/", reviews.show, name="review", access=READ_FINDINGS),
    route("reviews/<int:review_id>/write/", reviews.write, name="review-write", access=WRITE_FINDINGS),
    route("review-actions/<int:action_id>/", reviews.end, name="review-action", access=WRITE_FINDINGS),
    route("findings/<slug:digest>/review/", reviews.start, name="start-review", access=WRITE_FINDINGS),
    route("findings/<slug:digest>/", findings.show, name="finding", access=READ_FINDINGS),
    route("findings/<slug:digest>/tickets/", findings.tickets, name="finding-tickets", access=READ_DESK),
    route("findings/<slug:digest>/decide/", findings.decide, name="decide", access=WRITE_FINDINGS),
    route(
        "findings/<slug:digest>/days/<int:number>/",
        ruined_days.play,
        name="ruined-day",
        access=READ_CUSTOMERS,
    ),
]
