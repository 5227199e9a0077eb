"""Two teams that send tickets to each other and back.

What it costs is the handling anew: each time that a ticket comes back to one of both is taken to cost its
tier's rate once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from towpath.analytics.excess import above_share
from towpath.improvement.measures.desks.seen import (
    Bool,
    DeskSeen,
    DeskTrouble,
    Int64,
    estimate,
    times,
)
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import DeskEvidence


@dataclass(frozen=True, eq=False)
class _Pairs:
    """A row for each ticket that went between two teams: `pair` (its number), ticket, moves between them, and
    whether these went both ways; `again`: money of the moves after the first."""

    teams: Int64
    pair: Int64
    ticket: Int64
    both: Bool
    again: Int64


def loops_at(seen: DeskSeen, tolerated: float, least: int) -> Iterator[DeskTrouble]:
    """Every pair of teams between which `least` tickets went back; with its p-value (exact, so that few
    tickets are no reason to say nothing)."""
    begin, weeks = seen.window(seen.history.as_of)
    found = _pairs(seen, begin)
    missed = seen.history.made_sla == 0
    for number, (one, other) in enumerate(found.teams.tolist()):
        rows = found.pair == number
        looped = rows & found.both
        size, hit = int(rows.sum()), int(looped.sum())
        if hit < least:
            continue
        names = seen.history.team.texts()
        mask = np.zeros(len(seen.history.tickets), np.bool_)
        mask[found.ticket[looped]] = True
        beyond = max(1 - tolerated * size / hit, 0.0)
        excess = estimate((hit - tolerated * size) / weeks, float(np.sqrt(hit)) / weeks)
        others = (seen.history.made_sla >= 0) & ~mask
        kept = float(missed[others].mean()) if others.any() else 0.0
        late = float(missed[mask].mean()) if (seen.history.made_sla[mask] >= 0).any() else 0.0
        money = found.again[looped].sum() / 100
        yield DeskTrouble(
            seen=seen,
            family=Family.HANDOVER,
            detector="desk_loops",
            mask=mask,
            excess=excess,
            ruined=times(excess, max(late - kept, 0.0)),
            cost=float(money) * beyond / weeks if money else None,
            evidence=DeskEvidence(weeks, hit, size, tolerated * size),
            p=float(above_share(hit, size, tolerated)),
            teams=tuple(sorted((names[one], names[other]))),
        )


def _pairs(seen: DeskSeen, begin: int) -> _Pairs:
    history, facts = seen.history, seen.history.facts
    team, before = history.team.codes.astype(np.int64), facts.team_before.astype(np.int64)
    moved = (team >= 0) & (before >= 0) & (team != before)
    rows = np.flatnonzero(moved & (facts.opened >= begin)[history.ticket_of])
    rate = np.array([each or 0.0 for each in seen.rates.by_tier(9)])
    tier = history.tier[rows]
    cents = np.where(tier >= 0, np.rint(100 * rate[np.maximum(tier, 0)]), 0).astype(np.int64)
    one, other = np.minimum(team[rows], before[rows]), np.maximum(team[rows], before[rows])
    names = max(int(team.max(initial=0)), int(before.max(initial=0))) + 1
    teams, pair = np.unique(one * names + other, return_inverse=True)
    tickets = len(history.tickets)
    keys = pair * tickets + history.ticket_of[rows]
    both, first, place = np.unique(keys, return_index=True, return_inverse=True)
    up = team[rows] > before[rows]
    ways = [np.bincount(place[way], minlength=len(both)) > 0 for way in (up, ~up)]
    money = np.bincount(place, cents, minlength=len(both)) - cents[first]
    return _Pairs(
        np.column_stack([teams // names, teams % names]),
        both // tickets,
        both % tickets,
        np.asarray(ways[0] & ways[1]),
        money.astype(np.int64),
    )
