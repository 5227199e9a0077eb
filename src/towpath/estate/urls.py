"""Addresses of the estate, and who may open them."""

from towpath.estate.pages import discoveries, exposures, graph, item, items, libraries, ranges, vex
from towpath.estate.rules.permissions import AUTHORISE_SCANS, READ_ESTATE, WRITE_ESTATE
from towpath.foundation.access.routes import route

app_name = "estate"
urlpatterns = [
    route("estate/trust/", discoveries.trust, name="trust", access=READ_ESTATE),
    route("estate/discoveries/", discoveries.listing, name="discoveries", access=READ_ESTATE),
    route("estate/discoveries/<int:number>/", discoveries.show, name="discovery", access=READ_ESTATE),
    route("estate/software/", exposures.listing, name="software", access=READ_ESTATE),
    route("estate/software/vex/", vex.bring_in, name="vex", access=WRITE_ESTATE),
    route("estate/software/<int:number>/", exposures.show, name="exposure", access=READ_ESTATE),
    route("estate/software/<int:number>/assess/", exposures.assess, name="assess", access=WRITE_ESTATE),
    route("estate/libraries/", libraries.listing, name="libraries", access=READ_ESTATE),
    route("estate/libraries/<path:purl>/", libraries.show, name="library", access=READ_ESTATE),
    route("estate/licences/", libraries.licences, name="licences", access=READ_ESTATE),
    route("estate/advisories/<str:named>/", libraries.advisory, name="advisory", access=READ_ESTATE),
    route("estate/ranges/", ranges.listing, name="ranges", access=READ_ESTATE),
    route("estate/ranges/add/", ranges.authorise, name="authorise", access=AUTHORISE_SCANS),
    route("estate/ranges/<slug:name>/scan/", ranges.scan, name="scan", access=WRITE_ESTATE),
    route("estate/ranges/<slug:name>/withdraw/", ranges.withdraw, name="withdraw", access=AUTHORISE_SCANS),
    route("estate/import/", discoveries.bring_in, name="import", access=WRITE_ESTATE),
    route("estate/named/", item.find, name="named", access=READ_ESTATE),
    route("estate/<int:number>/", item.show, name="item", access=READ_ESTATE),
    route("estate/<int:number>/decide/", item.decide, name="decide", access=WRITE_ESTATE),
    route("estate/<int:number>/graph/", graph.show, name="graph", access=READ_ESTATE),
    route("estate/", items.listing, name="list", access=READ_ESTATE),
]
