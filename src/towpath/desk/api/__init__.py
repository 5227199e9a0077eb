"""API of the desk: one router, made of one module's router for each kind of figure."""

from ninja import Router

from towpath.desk.api import connections, desks, flow, insights, shift

router = Router(tags=["desk"])
for part in (connections, desks, flow, insights, shift):
    router.add_router("", part.router)
