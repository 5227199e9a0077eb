"""API of the catalogue: one router, made of one module's router for each noun."""

from ninja import Router

from towpath.catalogue.api import declarations, services

router = Router(tags=["catalogue"])
for part in (services, declarations):
    router.add_router("", part.router)
