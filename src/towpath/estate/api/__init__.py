"""API of the estate: one router, made of one module's router for each noun."""

from ninja import Router

from towpath.estate.api import discoveries, exposures, items, ranges, vex

router = Router(tags=["estate"])
for part in (items, discoveries, exposures, vex, ranges):
    router.add_router("", part.router)
