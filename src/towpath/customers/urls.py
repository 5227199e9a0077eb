"""Addresses of the customers area, and who may open them."""

from towpath.customers import pages
from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.routes import route

app_name = "customers"
urlpatterns = [route("customers/<str:key>/", pages.show_story, name="story", access=READ_CUSTOMERS)]
