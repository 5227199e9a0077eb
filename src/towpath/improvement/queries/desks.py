"""The desks that a look sees, and what their tickets tell."""

from __future__ import annotations

import threading
from collections import OrderedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.desk.measures.costs import paths_of
from towpath.desk.measures.history import History
from towpath.desk.models import Desk, ShiftDecision
from towpath.desk.queries.behind import tickets_of
from towpath.desk.queries.flow import history, rates_in_force
from towpath.desk.queries.shift import of_desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.actor import OPERATOR, Actor
from towpath.foundation.access.gate import fetch, require, visible
from towpath.improvement.measures.desks.choosing import desk_troubles
from towpath.improvement.measures.desks.seen import DeskSeen, DeskTrouble
from towpath.improvement.models import Finding
from towpath.improvement.queries.findings import detected_of
from towpath.improvement.queries.looks import harm_in_force
from towpath.improvement.queries.said import said
from towpath.improvement.schemas.desks import FindingTickets

_held: OrderedDict[str, list[DeskTrouble]] = OrderedDict()
_lock = threading.Lock()


def troubles_at_desks() -> list[DeskTrouble]:
    """What the tickets of all desks tell; kept while no desk, reading, word, rate or rule is another.

    Raises DocumentError where the home's harm.yaml or prices.yaml cannot be read.
    """
    desks = [(desk, history(desk)) for desk in visible(Desk, OPERATOR)]
    desks = [(desk, found) for desk, found in desks if len(found.tickets)]
    harm, rates = harm_in_force(), rates_in_force()
    tokens = [found.token + found.said_token for _desk, found in desks]
    token = "|".join(map(str, (*tokens, harm, rates, said())))
    with _lock:
        if token not in _held:
            _held[token] = desk_troubles([_seen(desk, found) for desk, found in desks], harm)
        while len(_held) > 1:
            _held.popitem(last=False)
        return _held[token]


def tickets_behind(actor: Actor, digest: str, page: int = 1) -> FindingTickets:
    """The tickets of a finding that a desk tells, as they are now.

    Raises PermissionDenied, and Http404 where no desk tells it, or none does any more.
    """
    require(actor, READ_DESK)
    desk = detected_of(fetch(Finding, actor, digest=digest)).where.desk
    told = troubles_at_desks() if desk else []
    trouble = next((each for each in told if each.key.digest == digest), None)
    if trouble is None:
        raise Http404(_("No ticket shows this finding now."))
    rows, total = tickets_of(trouble.seen.history, trouble.mask, page)
    return FindingTickets(digest, desk, total, tuple(rows))


def _seen(desk: Desk, found: History) -> DeskSeen:
    rates = rates_in_force()
    decided = visible(ShiftDecision, OPERATOR).filter(desk=desk).values_list("topic", flat=True)
    return DeskSeen(
        name=desk.name,
        desked=of_desk(OPERATOR, desk),
        paths=paths_of(found, rates),
        rates=rates,
        zone=ZoneInfo(settings.TIME_ZONE),
        decided=frozenset(decided),
    )
