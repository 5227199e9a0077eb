"""A story as it is told: what the customer met on one side, what our side did on the other, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.schemas import StoryEvent
from towpath.events.envelope import Outcome
from towpath.foundation.ui.figures import duration, money

Side = Literal["customer", "ours"]
Tone = Literal["", "bad", "warn", "step"]
PAUSE = 3600.0
"""Seconds from which the time between two things that the customer met is told."""
BAD: dict[str, Tone] = {
    Outcome.FAULT.value: "bad",
    Outcome.REFUSED.value: "warn",
    Outcome.MISTAKE.value: "warn",
    Outcome.ABANDONED.value: "warn",
}


@dataclass(frozen=True)
class Told:
    """One event. `said`: short words beside its title; `gap`: the time since the customer met something."""

    event: StoryEvent
    title: str
    side: Side
    tone: Tone = ""
    said: tuple[str, ...] = ()
    gap: str = ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else the event says, for who unfolds it."""
        event = self.event
        known = [
            (_("Event type"), event.type),
            (_("Source"), event.source),
            (_("Service"), event.service),
            (_("Component"), event.component),
            (_("Version"), event.version),
            (_("Team"), event.team),
            (_("Tier"), event.tier),
            (_("Case"), event.case),
            (_("Ticket"), event.ticket),
            (_("Change"), event.change),
            (_("Value"), None if event.value is None else money(event.value, event.currency or "", 2)),
        ]
        known += [(name, str(value)) for name, value in event.data.items()]
        return [(name, value) for name, value in known if value]


@dataclass(frozen=True)
class Day:
    """A day of the story, in the person's time zone. `bad`: how many went wrong by our fault."""

    day: date
    told: list[Told]
    bad: int


def plainly(event: StoryEvent, target_seconds: float | None = None) -> Told:
    """An event as it is, without a journey: whoever a team or a ticket works on it is on our side."""
    ours = bool(event.team or event.tier or event.ticket or event.change) and not event.channel
    return Told(event, event.type, "ours" if ours else "customer", tone_of(event, target_seconds),
                said_of(event, target_seconds))  # fmt: skip


def tone_of(event: StoryEvent, target_seconds: float | None = None) -> Tone:
    """Red for what our side did wrong: a fault, or slower than four times the target."""
    if _slow(event, target_seconds):
        return "bad"
    return BAD.get(event.outcome or "", "")


def said_of(event: StoryEvent, target_seconds: float | None = None) -> tuple[str, ...]:
    """How it ended, how long they waited, and on which channel."""
    outcomes = {
        Outcome.FAULT.value: _("failed, our fault"),
        Outcome.REFUSED.value: _("refused"),
        Outcome.MISTAKE.value: _("went wrong, customer's mistake"),
        Outcome.ABANDONED.value: _("given up"),
    }
    said = [outcomes.get(event.outcome or "", "")]
    if event.latency_ms is not None:
        waited = _("waited %(time)s") % {"time": duration(event.latency_ms / 1000)}
        said.append(
            _("%(waited)s, much too long") % {"waited": waited} if _slow(event, target_seconds) else waited
        )
    said.append(event.channel or "")
    return tuple(word for word in said if word)


def days_of(told: Iterable[Told]) -> list[Day]:
    """Days with what happened on each; gaps are between two things that the customer met."""
    return [
        Day(day, events, sum(each.tone == "bad" for each in events))
        for day, group in groupby(_with_gaps(told), key=lambda each: timezone.localdate(each.event.time))
        for events in [list(group)]
    ]


def _with_gaps(told: Iterable[Told]) -> Sequence[Told]:
    made, last = [], None
    for each in told:
        gap = ""
        if each.side == "customer":
            apart = (each.event.time - last).total_seconds() if last else 0.0
            gap = _("%(time)s later") % {"time": duration(apart)} if apart >= PAUSE else ""
            last = each.event.time
        made.append(Told(each.event, each.title, each.side, each.tone, each.said, gap))
    return made


def _slow(event: StoryEvent, target_seconds: float | None) -> bool:
    """Frustrated, in Apdex's word."""
    return bool(target_seconds and event.latency_ms is not None and event.latency_ms > 4000 * target_seconds)
