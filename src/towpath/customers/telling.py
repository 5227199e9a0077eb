"""A story as it is told: what the customer met on one side, what our side did on the other, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.schemas import StoryEvent
from towpath.events.envelope import Outcome
from towpath.foundation.ui.figures import clock, duration, money, number

Side = Literal["customer", "ours"]
Tone = Literal["", "bad", "warn", "step"]
PAUSE = 3600.0
"""Seconds from which the time between two things that the customer met is told."""
FOLDED_FROM = 3
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
    repeated: bool = False

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else the event says, for who unfolds it."""
        event = self.event
        known = [
            (_("Time"), exactly(event.time)),
            (_("Event type"), event.type),
            (_("Outcome"), event.outcome),
            (_("Source"), event.source),
            (_("Id"), event.id),
            (_("Channel"), event.channel),
            (_("Session"), event.session),
            (_("Service"), event.service),
            (_("Component"), event.component),
            (_("Version"), event.version),
            (_("Team"), event.team),
            (_("Tier"), event.tier),
            (_("Named as"), event.identifier),
            (_("Case"), event.case),
            (_("Ticket"), event.ticket),
            (_("Change"), event.change),
            (_("Value"), None if event.value is None else money(event.value, event.currency or "", 2)),
        ]
        known += [(name, str(value)) for name, value in event.data.items()]
        return [(name, value) for name, value in known if value]


@dataclass(frozen=True)
class Row:
    """A line of a story: one event, or the same so often that a line for each would hide the rest."""

    told: list[Told]

    @property
    def first(self) -> Told:
        return self.told[0]

    @property
    def folded(self) -> bool:
        return len(self.told) > 1

    @property
    def said(self) -> tuple[str, ...]:
        """What can be said of all of them."""
        return tuple(word for word in self.first.said if all(word in each.said for each in self.told))

    @property
    def often(self) -> str:
        """How often, and when: "3 times, 10:02 to 10:40"."""
        told = {"count": number(len(self.told)), "first": clock(self.first.event.time)}
        last = clock(self.told[-1].event.time)
        if last == told["first"]:
            return _("%(count)s times, at %(first)s") % told
        return _("%(count)s times, %(first)s to %(last)s") % {**told, "last": last}


@dataclass(frozen=True)
class Visit:
    """What belongs together within a day: one session, case or ticket; `label` is empty for what names none.
    `bad`: how many went wrong by our fault."""

    label: str
    told: list[Told]
    bad: int

    @property
    def rows(self) -> list[Row]:
        """Line by line; equal neighbours, from `FOLDED_FROM` on, in one."""
        rows: list[Row] = []
        for _what, group in groupby(_with_pauses(self.told), key=lambda each: each[0]):
            alike = [told for _key, told in group]
            rows += [Row(alike)] if len(alike) >= FOLDED_FROM else [Row([told]) for told in alike]
        return rows


@dataclass(frozen=True)
class Day:
    """A day of the story, in the person's time zone. `bad`: how many went wrong by our fault."""

    day: date
    told: list[Told]
    bad: int
    visits: list[Visit]


@dataclass(frozen=True)
class Trouble:
    """One way in which things went wrong, and how often."""

    tone: Tone
    said: str


def exactly(moment: datetime) -> str:
    """To the millisecond, in the reader's time zone, which it names."""
    return timezone.localtime(moment).isoformat(" ", "milliseconds")


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
    told = _with_repeats(_with_gaps(told))
    return [
        Day(day, events, _bad(events), _visits(events))
        for day, group in groupby(told, key=lambda each: timezone.localdate(each.event.time))
        for events in [list(group)]
    ]


def troubles_of(days: Iterable[Day]) -> list[Trouble]:
    """What went wrong in a story, in words for who has no time to read it."""
    told = [each for day in days for each in day.told]
    counts = Counter(each.event.outcome for each in told)
    late = sum(each.tone == "bad" and each.event.outcome != Outcome.FAULT.value for each in told)
    again = sum(each.repeated for each in told)
    words: list[tuple[Tone, int, str]] = [
        ("bad", counts[Outcome.FAULT.value], _("%(count)d failed by our fault")),
        ("bad", late, _("%(count)d took much too long")),
        ("warn", counts[Outcome.REFUSED.value], _("%(count)d refused")),
        ("warn", counts[Outcome.MISTAKE.value], _("%(count)d went wrong by a mistake of theirs")),
        ("warn", counts[Outcome.ABANDONED.value], _("%(count)d given up")),
        ("warn", again, _("%(count)d tried again")),
    ]
    return [Trouble(tone, said % {"count": count}) for tone, count, said in words if count]


def _visits(told: Iterable[Told]) -> list[Visit]:
    return [
        Visit(_visit_label(key), events, _bad(events))
        for key, group in groupby(told, key=lambda each: _visit_of(each.event))
        for events in [list(group)]
    ]


def _with_pauses(told: Iterable[Told]) -> Iterator[tuple[tuple[object, ...], Told]]:
    """Each with what its neighbours must have in common with it; none goes across a pause."""
    pauses = 0
    for each in told:
        pauses += bool(each.gap)
        event = each.event
        yield (pauses, each.title, each.side, each.tone, event.outcome, event.channel), each


def _visit_of(event: StoryEvent) -> tuple[str, str]:
    """What an event belongs to within a day: its session, else its case, else its ticket."""
    for name, value in (("session", event.session), ("case", event.case), ("ticket", event.ticket)):
        if value:
            return name, value
    return "", ""


def _visit_label(key: tuple[str, str]) -> str:
    words = {"session": _("Visit"), "case": _("Case %(value)s"), "ticket": _("Ticket %(value)s")}
    return words[key[0]] % {"value": key[1]} if key[0] else ""


def _bad(told: Iterable[Told]) -> int:
    return sum(each.tone == "bad" for each in told)


def _with_repeats(told: Iterable[Told]) -> Iterator[Told]:
    """Mark what a customer did once more on a day after it had not gone well."""
    failed: set[tuple[date, tuple[str, str], str]] = set()
    for each in told:
        what = (timezone.localdate(each.event.time), _visit_of(each.event), each.title)
        again = each.side == "customer" and what in failed
        yield replace(each, repeated=True, said=(_("tried again"), *each.said)) if again else each
        failed.discard(what)
        if each.event.outcome in BAD:
            failed.add(what)


def _with_gaps(told: Iterable[Told]) -> Sequence[Told]:
    made, last = [], None
    for each in told:
        gap = ""
        if each.side == "customer":
            apart = (each.event.time - last).total_seconds() if last else 0.0
            gap = _("%(time)s later") % {"time": duration(apart)} if apart >= PAUSE else ""
            last = each.event.time
        made.append(replace(each, gap=gap))
    return made


def _slow(event: StoryEvent, target_seconds: float | None) -> bool:
    """Frustrated, in Apdex's word."""
    return bool(target_seconds and event.latency_ms is not None and event.latency_ms > 4000 * target_seconds)
