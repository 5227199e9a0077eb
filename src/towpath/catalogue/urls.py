"""Addresses of the catalogue, and who may open them."""

from towpath.catalogue.pages import importing, service, services
from towpath.catalogue.rules.permissions import READ_CATALOGUE, WRITE_CATALOGUE
from towpath.foundation.access.routes import route

app_name = "catalogue"
urlpatterns = [
    route("catalogue/import/", importing.bring_in, name="import", access=WRITE_CATALOGUE),
    route("catalogue/export/", importing.export, name="export", access=READ_CATALOGUE),
    route("catalogue/services/<str:name>/", service.show, name="service", access=READ_CATALOGUE),
    route("catalogue/", services.listing, name="list", access=READ_CATALOGUE),
]
