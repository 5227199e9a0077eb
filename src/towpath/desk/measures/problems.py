"""What a desk's history tells of a problem: what its tickets have in common, and what others do not share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils.translation import gettext as _

from towpath.analytics.kernels.compiling import Bool
from towpath.desk.measures.changes import changes_between
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.measures.naming import NAMED_BY
from towpath.desk.rules.problem_analysis import Analysis, Pair
from towpath.foundation.ui.figures import number

BEFORE = timedelta(days=14)
"""Changes so long before the first ticket stand beside it."""
SHOWN, MOST_CHANGES = 3, 5
WHERE = ("service", "component", "country")


def bound_to(history: History, ticket: str) -> Bool:
    """bool[t]: the ticket itself, and those that name it (`NAMED_BY`)."""
    mask = np.zeros(len(history.tickets), np.bool_)
    place = history.number_of(ticket)
    if place is not None:
        mask[place] = True
    for name in NAMED_BY.values():
        column = history.of_ticket[name]
        names = [ticket in map(str.strip, text.split(",")) for text in column.texts()]
        mask |= np.array([*names, False])[column.codes]
    return mask


def proposed(history: History, ticket: str) -> Analysis:
    """What the tickets bound to a problem have in common (IS), and what other tickets of the same days are
    about (IS NOT). Distinctions and causes are for people to find."""
    mask = bound_to(history, ticket)
    if not mask.any():
        return Analysis()
    opened = history.facts.opened
    first, last = int(opened[mask].min()), int(opened[mask].max())
    others = ~mask & (opened >= first) & (opened <= last)
    pairs = [Pair("what", *_told(history.topic, mask, others))]
    teams = Coded(history.facts.last_team, history.team.names)
    for column in (*(history.of_ticket[name] for name in WHERE), teams):
        pairs.append(Pair("where", *_told(column, mask, others)))
    pairs.append(_when(first, last, history.source))
    pairs.append(_extent(history, mask, others))
    return Analysis(pairs=tuple(pair for pair in pairs if pair.is_said))


def _told(column: Coded, mask: Bool, others: Bool) -> tuple[str, str]:
    """The commonest values among the tickets, and those of others that no ticket of these has."""
    here, there = _counts(column, mask), _counts(column, others)
    missing = [(name, count) for name, count in there if name not in dict(here)]
    return _listed(here), _listed(missing) if here else ""


def _counts(column: Coded, mask: Bool) -> list[tuple[str, int]]:
    codes, counts = np.unique(column.codes[mask & (column.codes >= 0)], return_counts=True)
    texts = column.texts()
    found = [(texts[code], int(count)) for code, count in zip(codes.tolist(), counts.tolist(), strict=True)]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({number(count)})" for name, count in counts[:SHOWN])


def _when(first: int, last: int, source: str) -> Pair:
    begin, end = (datetime.fromtimestamp(time / 1_000_000, UTC) for time in (first, last))
    told = {"first": f"{begin:%Y-%m-%d %H:%M}", "last": f"{end:%Y-%m-%d %H:%M}"}
    went_out = changes_between(begin - BEFORE, begin, source)[:MOST_CHANGES]
    changes = [
        f"{each.at:%Y-%m-%d} {each.component or each.service} {each.version or each.change}".strip()
        for each in went_out
    ]
    return Pair(
        "when",
        _("From %(first)s to %(last)s (UTC)") % told,
        _("Before %(first)s") % told,
        change=_("Went out in the two weeks before: %(changes)s") % {"changes": "; ".join(changes)}
        if changes
        else "",
    )


def _extent(history: History, mask: Bool, others: Bool) -> Pair:
    customers = history.of_ticket["customer"].codes
    told = {
        "tickets": number(int(np.count_nonzero(mask))),
        "customers": number(len(np.unique(customers[mask & (customers >= 0)]))),
        "others": number(int(np.count_nonzero(others))),
    }
    return Pair(
        "extent",
        _("Tickets: %(tickets)s, customers: %(customers)s") % told,
        _("Other tickets of the same days: %(others)s") % told,
    )
