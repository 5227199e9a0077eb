"""API of the desk: one router, made of one module's router for each kind of figure."""

from ninja import Router

from towpath.desk.api import (
    agreements,
    calls,
    connections,
    desks,
    emerging,
    flow,
    insights,
    linking,
    problems,
    shift,
    solved,
    teams,
    tickets,
)

router = Router(tags=["desk"])
for part in (
    agreements,
    calls,
    connections,
    desks,
    emerging,
    flow,
    insights,
    linking,
    problems,
    shift,
    solved,
    teams,
    tickets,
):
    router.add_router("", part.router)
