"""Links that tickets lack: how many, what they may be, and what people said."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from django.db.models import Count, Max, Q

from towpath.analytics.intervals import wilson
from towpath.desk.measures.history import History
from towpath.desk.measures.linking import FEWEST, FIELDS, Proposed, proposals
from towpath.desk.models import Desk, LinkWord
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.schemas.links import LinkCoverage, LinkProposal, LinkSaid, MissingLinks
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor

MOST_SHOWN, EXAMPLES, MOST_HELD = 100, 3, 2

_held: OrderedDict[str, tuple[Proposed, ...]] = OrderedDict()
_lock = threading.Lock()


def missing_links(actor: Actor, name: str = "") -> MissingLinks:
    """Of a desk (the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    found = history(desk)
    proposed = proposed_for(desk, found)
    return MissingLinks(
        desk=desk.name,
        coverage=tuple(_coverage(found, field, proposed) for field in FIELDS) if len(found.tickets) else (),
        proposals=tuple(_shown(found, each) for each in proposed[:MOST_SHOWN]),
        said=tuple(_said(desk)),
    )


def proposed_for(desk: Desk, found: History) -> list[Proposed]:
    """What may be, without what was refused; kept while the history is the same."""
    snapshot = lake().snapshot()
    # Faults lie in other sources: with new files they may be others.
    name = f"{found.token} {snapshot.version}"
    with _lock:
        kept = _held.get(name)
    if kept is None:
        kept = tuple(each for field in FIELDS for each in proposals(found, field, snapshot))
        with _lock:
            _held[name] = kept
            while len(_held) > MOST_HELD:
                _held.popitem(last=False)
    refused = set(
        LinkWord.objects.filter(desk=desk, refused=True).values_list("field", "how", "topic", "team", "value")
    )
    left = [each for each in kept if (each.field, each.how, each.topic, each.team, each.value) not in refused]
    return sorted(left, key=lambda each: -each.tickets)


def _coverage(found: History, field: str, proposed: Sequence[Proposed]) -> LinkCoverage:
    known = found.of_ticket[field].codes >= 0
    confirmed = found.confirmed.get(field, np.zeros(len(known), np.bool_))
    maybe = np.zeros(len(known), np.bool_)
    for each in proposed:
        if each.field == field:
            maybe[each.places] = True
    counts = (known & ~confirmed, confirmed, maybe & ~known, ~known & ~maybe)
    named, said, may, unknown = (int(np.count_nonzero(each)) for each in counts)
    return LinkCoverage(field, len(known), named, said, may, unknown)  # type: ignore[arg-type]


def _shown(found: History, each: Proposed) -> LinkProposal:
    enough = each.of >= FEWEST
    interval = wilson(each.right, each.of) if enough else None
    return LinkProposal(
        field=each.field,  # type: ignore[arg-type]
        how=each.how,  # type: ignore[arg-type]
        topic=each.topic,
        team=each.team,
        value=each.value,
        tickets=each.tickets,
        right=each.right,
        of=each.of,
        share=each.right / each.of if enough else None,
        low=float(interval.low) if interval else None,
        high=float(interval.high) if interval else None,
        examples=tuple(str(found.tickets[place]) for place in each.places[-EXAMPLES:].tolist()),
    )


def _said(desk: Desk) -> list[LinkSaid]:
    columns = ("field", "how", "topic", "team", "value", "refused")
    rows = (
        LinkWord.objects.filter(desk=desk)
        .order_by()
        .values(*columns)
        .annotate(tickets=Count("pk", filter=~Q(number="")), by=Max("said_by"), at=Max("said_at"))
        .order_by("-at", *columns)
    )
    return [LinkSaid(*(row[each] for each in (*columns, "tickets", "by", "at"))) for row in rows]
