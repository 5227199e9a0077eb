"""Where the work of a desk should shift, what was decided, and whether it worked."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from django.http import Http404
from django.utils.translation import gettext as _

from towpath.analytics import shifting
from towpath.analytics.shifting import Evidence
from towpath.desk.measures.candidates import (
    Candidate,
    Desked,
    behind,
    candidates_of,
    desked,
    hours_of,
)
from towpath.desk.measures.effects import Measured, Moved, effect_of
from towpath.desk.measures.topics import Word
from towpath.desk.models import Desk, ShiftDecision, TopicWord
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history, rates_in_force
from towpath.desk.rules.shift_wording import FAILS_IF, GUARDRAILS, REASONS, needs_of
from towpath.desk.schemas.insights import Shown
from towpath.desk.schemas.shift import (
    ShiftAssumed,
    ShiftCandidate,
    ShiftCandidates,
    ShiftDecided,
    ShiftEvidence,
    ShiftWhatIf,
)
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

PAGE = 50
HOUR_US = 3_600_000_000


def candidates(actor: Actor, name: str = "") -> ShiftCandidates:
    """Every topic of a desk (the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    seen = of_desk(actor, desk)
    tickets = len(seen.history.tickets)
    assumed = assumed_now()
    found = candidates_of(seen, assumed) if tickets else []
    return ShiftCandidates(
        desk=desk.name,
        as_of=datetime.fromtimestamp(seen.history.as_of / 1_000_000, UTC) if tickets else None,
        tickets=tickets,
        found=seen.topics.found,
        covered=seen.topics.covered,
        assumed=ShiftAssumed(assumed.used, assumed.success, assumed.induced),
        candidates=tuple(_told(each, seen) for each in found),
        decided=_decided(actor, desk, seen) if tickets else (),
    )


def assumed_now() -> shifting.Assumed:
    """What is assumed of work that moves to self-service. Raises DocumentError for a wrong prices.yaml."""
    shifts = rates_in_force().shifts
    return shifting.Assumed(shifts.used, shifts.success, shifts.induced)


def of_desk(actor: Actor, desk: Desk) -> Desked:
    """The desk's tickets under the topics' names of today."""
    said = visible(TopicWord, actor).filter(desk=desk)
    words = [Word(each.topic, each.containing, each.called, each.demand) for each in said]
    return desked(history(desk), words)


def candidate(actor: Actor, name: str, topic: str) -> ShiftCandidate:
    """One topic. Raises Http404 where there is none of the name."""
    for each in candidates(actor, name).candidates:
        if each.topic == topic:
            return each
    raise Http404(_("This desk has no topic of that name."))


def what_if(actor: Actor, name: str, topic: str, share: float) -> ShiftWhatIf:
    """What moving a share (0 to 1) of a topic would do. Raises Http404, ValueError."""
    seen = of_desk(actor, meant(actor, name))
    usual = assumed_now()
    found = next((each for each in candidates_of(seen, usual) if each.topic == topic), None)
    if found is None:
        raise Http404(_("This desk has no topic of that name."))
    a_year, now, there = hours_of(seen, found)
    assumed = shifting.Assumed(1.0, usual.success, usual.induced, there)
    told = shifting.what_if(share, a_year, now, found.evidence, assumed)
    return ShiftWhatIf(topic, share, told.freed, told.load, told.failing, told.risk)


def tickets_of(actor: Actor, name: str, topic: str, page: int = 1) -> tuple[list[Shown], int]:
    """The tickets of a topic, newest first, PAGE at a time, and how many there are."""
    seen = of_desk(actor, meant(actor, name))
    places = behind(seen, topic)
    begin = (max(page, 1) - 1) * PAGE
    return [_shown(seen, int(place), topic) for place in places[begin : begin + PAGE]], len(places)


def _shown(seen: Desked, place: int, topic: str) -> Shown:
    found = seen.history
    team = int(found.facts.last_team[place])
    return Shown(
        ticket=str(found.tickets[place]),
        opened=datetime.fromtimestamp(int(found.facts.opened[place]) / 1_000_000, UTC),
        topic=topic,
        team=str(found.team.names[team]) if team >= 0 else "",
        hours=float(found.facts.elapsed[place].sum() / HOUR_US),
        hand_overs=int(found.facts.hand_overs[place]),
        reopened=int(found.facts.reopened[place]),
    )


def _told(each: Candidate, seen: Desked) -> ShiftCandidate:
    level, said = each.choice.level, seen.topics.said.get(each.topic, "")
    failing = each.evidence.failure >= shifting.FAILURE
    return ShiftCandidate(
        topic=each.topic,
        tickets=each.tickets,
        a_year=each.a_year,
        level=level,
        why=each.choice.why,
        against=each.choice.against,
        reasons=tuple(str(REASONS[code]) for code in each.choice.why),
        obstacles=tuple(str(REASONS[code]) for code in each.choice.against),
        demand=said or ("failure" if failing else "value"),
        by_person=bool(said),
        freed_hours=each.freed.hours if each.freed else None,
        freed_low=each.freed.low if each.freed else None,
        freed_high=each.freed.high if each.freed else None,
        late_hours=shifting.lateness(each.freed) if each.freed else None,
        needs=needs_of(level),
        guardrails=tuple(GUARDRAILS) if level != "stay" else (),
        fails_if=str(FAILS_IF[level]),
        evidence=_evidence(each.evidence),
    )


def _evidence(found: Evidence) -> ShiftEvidence:
    return ShiftEvidence(
        tickets=found.tickets,
        tier=found.tier if found.tier >= 0 else None,
        **{
            name: _known(getattr(found, name))
            for name in ("median_hours", "alike", "same_way", "ways", "variants", "back", "above", "failure")
        },
    )


def _decided(actor: Actor, desk: Desk, seen: Desked) -> tuple[ShiftDecided, ...]:
    rows = list(visible(ShiftDecision, actor).filter(desk=desk)[:100])
    moved = {row.topic for row in rows}
    found = []
    for row in rows:
        asked = Moved(row.topic, row.level, row.led_from, row.moves_on)
        found.append(_result(row, effect_of(seen, asked, moved)))
    return tuple(found)


def _result(row: ShiftDecision, measured: Measured | None) -> ShiftDecided:
    effect = measured.effect if measured else None
    return ShiftDecided(
        id=row.pk,
        topic=row.topic,
        level=row.level,
        moves_on=row.moves_on,
        decided_by=row.decided_by,
        forecast_hours=row.forecast_hours,
        forecast_low=row.forecast_low,
        forecast_high=row.forecast_high,
        cost_hours=row.cost_hours,
        measured=measured.of if measured else "tickets",
        verdict=effect.verdict if effect else "too little data",
        lacking=effect.lacking if effect else "topic",
        change=_known(effect.change) if effect else None,
        low=_known(effect.low) if effect else None,
        high=_known(effect.high) if effect else None,
        comparisons=effect.comparisons if effect else 0,
        guard_back=measured.guard_back if measured else None,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
