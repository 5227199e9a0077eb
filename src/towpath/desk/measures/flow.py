"""From a desk's history to the record of its flow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.analytics.ticket_paths import NEVER, TIERS, TicketFacts
from towpath.desk.measures.backlog import backlog_of
from towpath.desk.measures.costs import Paths, costs_of, paths_of, shift_index, shift_trend
from towpath.desk.measures.history import History
from towpath.desk.measures.returns import Returns, returns_of, solved_at, solved_in_contact
from towpath.desk.rules.rates import Rates
from towpath.desk.rules.states import CANCELLED, STATES, UNKNOWN
from towpath.desk.schemas.flow import TicketFlow, TierFlow, TierMove, Waits
from towpath.desk.schemas.flow_parts import Solved

HOUR_US = 3_600_000_000


def flow_of(history: History, chosen: Bool, rates: Rates, desk: str) -> TicketFlow:
    """`chosen` bool[t]: which tickets are looked at."""
    facts, returns = history.facts, returns_of(history)
    refused = refusal(history)
    paths = paths_of(history, rates)
    known = not refused
    rows = chosen[history.ticket_of]
    done = facts.is_resolved
    last = history.state[history.starts[1:] - 1] if len(done) else history.state
    cancelled = chosen & ~done & (last == CANCELLED)
    unknown = chosen & (facts.first_tier >= -1) & ~facts.tiers_known | chosen & (facts.first_tier == -2)
    return TicketFlow(
        tickets=_count(chosen),
        tiers=_tiers(facts, chosen, paths) if known else (),
        never_left_tier_1=_count(chosen & facts.never_left_tier_1) if known else None,
        escalated=_count(chosen & facts.escalated) if known else None,
        ping_pong_tickets=_count(chosen & facts.ping_pong),
        reassigned=_count(chosen & (facts.hand_overs > 0)),
        reopened=_count(chosen & (facts.reopened > 0)),
        desk=desk,
        source=history.source,
        as_of=moment(history.as_of) if len(facts.opened) else None,
        movements=_count(rows),
        hand_overs=int(facts.hand_overs[chosen].sum()),
        resolved=_count(chosen & done),
        cancelled=_count(cancelled),
        open=_count(chosen & ~done & ~cancelled),
        unknown_tier=_count(unknown),
        tiers_refused=refused,
        unknown_states=_unknown_states(history, rows),
        first_contact=first_contact(history, returns, chosen),
        first_level=first_level(history, returns, chosen, refused),
        closed_before_opened=_count(chosen & _closed_before_opened(history)),
        moves=_moves(history, rows) if known else (),
        waits=_waits(facts.by_state[chosen].sum(axis=0)),
        backlog=backlog_of(history, chosen),
        **_kept_promises(history, returns, chosen),
        **_prices(history, chosen, rates, paths if known else None),
    )


def _prices(history: History, chosen: Bool, rates: Rates, paths: Paths | None) -> dict[str, Any]:
    """The fields about cost; `paths` None where no tier is known."""
    if paths is None:
        return {"costs": None, "shift_index": None, "shift_trend": ()}
    return {
        "costs": costs_of(paths, chosen, rates),
        "shift_index": shift_index(paths, chosen),
        "shift_trend": shift_trend(history, paths, chosen),
    }


def _kept_promises(history: History, returns: Returns, chosen: Bool) -> dict[str, Any]:
    """The fields about SLAs and about what came back."""
    judged = chosen & returns.repeats.judged
    sla, met = chosen & (history.made_sla >= 0), chosen & (history.made_sla == 1)
    return {
        "sla_missed": _count(sla & ~met) if sla.any() else None,
        "sla_known": _count(sla),
        "repeat_days": history.reading.repeat_days,
        "repeats": _count(chosen & (returns.repeats.of >= 0)) if judged.any() else None,
        "repeats_judged": _count(judged),
        "came_back": _count(chosen & returns.back),
        "green_but_red": _count(met & returns.back) if sla.any() else None,
    }


def moment(microseconds: int) -> datetime:
    """UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _count(found: Bool) -> int:
    return int(np.count_nonzero(found))


def refusal(history: History) -> str:
    """Why nothing can be told of tiers; empty where it can."""
    if (history.tier >= 0).any():
        return ""
    if history.reading.tiers is None:
        return _(
            "The source names no support tiers, and nobody has said which team is of which tier: add "
            "`tiers:` to the desk's reading."
        )
    return _("No movement has a known tier: the desk's reading names other teams than the source does.")


def _tiers(facts: TicketFacts, chosen: Bool, paths: Paths) -> tuple[TierFlow, ...]:
    stays, priced = facts.stays[chosen], chosen & paths.priced
    at = np.where(facts.is_resolved, facts.resolved_tier, -1)
    found = []
    for tier in np.flatnonzero(stays.sum(axis=0)):
        resolved = chosen & (at == tier)
        paid = resolved & priced
        rated = (facts.stays[paths.priced, tier] > 0).any()
        found.append(
            TierFlow(
                tier=int(tier),
                started=_count(chosen & (facts.first_tier == tier)),
                resolved=_count(resolved),
                elapsed_hours=float(facts.elapsed[chosen, tier + 1].sum() / HOUR_US),
                handling_hours=float(facts.handling[chosen, tier + 1].sum() / HOUR_US),
                cost=float(paths.by_tier[priced, tier].sum()) if rated else None,
                tickets=_count(stays[:, tier] > 0),
                stays=int(stays[:, tier].sum()),
                path_cost=float(paths.cost[paid].mean()) if paid.any() else None,
            )
        )
    return tuple(found)


def first_contact(history: History, returns: Returns, chosen: Bool) -> Solved:
    """Of the chosen tickets (bool[t])."""
    if not history.reading.in_contact:
        reason = _("The reading names no state that means solved while the customer was there (in_contact).")
        return Solved(0, 0, 0, None, None, reason)
    return solved_at(history, returns, solved_in_contact(history), chosen)


def first_level(history: History, returns: Returns, chosen: Bool, refused: str) -> Solved:
    """Of the chosen tickets (bool[t]); `refused`: why nothing can be told of tiers."""
    if refused:
        return Solved(0, 0, 0, None, None, refused)
    facts = history.facts
    return solved_at(history, returns, facts.never_left_tier_1 & facts.is_resolved, chosen)


def _closed_before_opened(history: History) -> Bool:
    """By the source's own times, which are left out of durations."""
    opened, ended = history.said["opened"], np.maximum(history.said["closed"], history.said["resolved"])
    return np.asarray((opened != NEVER) & (ended != NEVER) & (ended < opened))


def _unknown_states(history: History, rows: Bool) -> dict[str, int]:
    """By the source's word, the most frequent first."""
    raw = history.moving["raw_state"]
    codes = raw.codes[rows & (history.state == UNKNOWN)]
    named, counts = np.unique(codes, return_counts=True)
    texts = [*raw.texts(), _("no state")]
    return {texts[named[place]]: int(counts[place]) for place in np.argsort(-counts, kind="stable")[:50]}


def _moves(history: History, rows: Bool) -> tuple[TierMove, ...]:
    """From tier to tier, where both are known."""
    before, here = history.facts.tier_before, history.tier
    moved = np.flatnonzero(rows & (before >= 0) & (here >= 0) & (before != here))
    pairs = before[moved].astype(np.int64) * TIERS + here[moved]
    tickets = np.unique(np.stack([pairs, history.ticket_of[moved]]), axis=1)[0]
    return tuple(
        TierMove(
            int(pair // TIERS),
            int(pair % TIERS),
            int(np.count_nonzero(pairs == pair)),
            int(np.count_nonzero(tickets == pair)),
        )
        for pair in np.unique(pairs)
    )


def _waits(by_state: Int64) -> Waits:
    hours = dict(zip(STATES, (by_state / HOUR_US).tolist(), strict=True))
    return Waits(**{name: hours[name] for name in Waits.__struct_fields__})
