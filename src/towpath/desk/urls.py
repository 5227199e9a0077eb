"""Addresses of the desk, and who may open them."""

from towpath.desk.pages import desks
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.routes import route

app_name = "desk"
urlpatterns = [
    route("desk/", desks.listing, name="list", access=READ_DESK),
]
