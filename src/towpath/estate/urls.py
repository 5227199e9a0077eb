"""Addresses of the estate, and who may open them."""

from towpath.estate.pages import items
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.routes import route

app_name = "estate"
urlpatterns = [
    route("estate/", items.listing, name="list", access=READ_ESTATE),
]
