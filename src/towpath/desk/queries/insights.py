"""What stands out in a desk's history, and the tickets behind each insight."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from towpath.desk.measures.history import History
from towpath.desk.measures.insights import HOUR_US, STUCK_DAYS, Found, Looking
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.rules.insight_wording import MEANS, lacking, sentence
from towpath.desk.rules.states import WORKING
from towpath.desk.schemas.insights import Insight, Insights, Shown
from towpath.events.models import FileImport
from towpath.foundation.access.actor import Actor
from towpath.foundation.ui.figures import percent

PAGE = 50
UNFINISHED = (FileImport.State.WAITING, FileImport.State.RUNNING)


def insights(actor: Actor, name: str = "") -> Insights:
    """What stands out at a desk (the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    found = history(desk)
    tickets = len(found.tickets)
    reading = FileImport.objects.filter(source=desk.source, state__in=UNFINISHED).exists()
    seen = Looking(found).all() if tickets else []
    return Insights(
        desk=desk.name,
        source=desk.source,
        state="reading" if reading else "ready" if tickets else "nothing",
        as_of=_moment(found.as_of) if tickets else None,
        tickets=tickets,
        movements=len(found.time),
        insights=tuple(_told(each, found) for each in seen),
        unknown=lacking(_given(found)) if tickets else (),
    )


def behind(actor: Actor, name: str, kind: str, page: int = 1) -> tuple[list[Shown], int]:
    """The tickets behind an insight, those open longest first, PAGE at a time, and how many there are."""
    found = history(meant(actor, name))
    look = Looking(found)
    seen = look.of_kind(kind) if len(found.tickets) else None
    if seen is None:
        return [], 0
    places = np.flatnonzero(seen.mask)
    places = places[np.argsort(-look.open_us[places], kind="stable")]
    begin = (max(page, 1) - 1) * PAGE
    return [_shown(found, look, int(place)) for place in places[begin : begin + PAGE]], len(places)


def _told(each: Found, found: History) -> Insight:
    low, high = each.interval()
    share = each.tickets / each.of
    words = sentence(each.kind, percent(share, 0), found.reading.repeat_days, STUCK_DAYS)
    return Insight(
        kind=each.kind,
        sentence=words,
        means=str(MEANS[each.kind]),
        tickets=each.tickets,
        of=each.of,
        share=share,
        low=low,
        high=high,
        hours=each.hours,
        ratio=each.ratio,
        parts=each.parts,
    )


def _given(found: History) -> dict[str, bool]:
    return {
        "tiers": found.reading.tiers is not None,
        "team": bool((found.team.codes >= 0).any()),
        "customer": bool((found.of_ticket["customer"].codes >= 0).any()),
        "topic": bool((found.topic.codes >= 0).any()),
        "sla": bool((found.made_sla >= 0).any()),
        "working": bool((found.state == WORKING).any()),
        "solution": bool((found.of_ticket["solved_by"].codes >= 0).any()),
        "resolved": bool(found.facts.is_resolved.any()),
    }


def _shown(found: History, look: Looking, place: int) -> Shown:
    team = int(found.facts.last_team[place])
    topic = int(found.topic.codes[place])
    return Shown(
        ticket=str(found.tickets[place]),
        opened=_moment(int(found.facts.opened[place])),
        topic=str(found.topic.names[topic]) if topic >= 0 else "",
        team=str(found.team.names[team]) if team >= 0 else "",
        hours=float(look.open_us[place] / HOUR_US),
        hand_overs=int(found.facts.hand_overs[place]),
        reopened=int(found.facts.reopened[place]),
    )


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)
