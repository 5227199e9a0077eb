"""API of the estate: one router, made of one module's router for each noun."""

from ninja import Router

from towpath.estate.api import discoveries, exposures, items, libraries, ranges, vex

router = Router(tags=["estate"])
for part in (items, discoveries, exposures, libraries, vex, ranges):
    router.add_router("", part.router)
