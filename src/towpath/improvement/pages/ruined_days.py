"""One ruined day, played: the customer on one side, our teams on the other."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from towpath.foundation.access.routes import ActorRequest
from towpath.improvement.queries.ruined_day import ruined_day
from towpath.improvement.schemas.ruined_days import DayEvent, ReleaseInForce, RuinedDay, TeamSignal


@dataclass(frozen=True)
class Beat:
    """One event, and of what was seen beside it only what was not said before. `next_day`: the first of the
    day after."""

    event: DayEvent
    signals: tuple[TeamSignal, ...]
    releases: tuple[ReleaseInForce, ...]
    contacts: int | None
    unchanged: bool
    nothing: bool
    next_day: bool = False


@require_safe
def play(request: ActorRequest, digest: str, number: int) -> HttpResponse:
    """The look is kept in the audit log."""
    told = ruined_day(request.actor, digest, number)
    context = {"day": told, "beats": beats_of(told)}
    return render(request, "improvement/ruined_day.html", context)


def beats_of(day: RuinedDay) -> list[Beat]:
    """The day's events; what our side saw is said where it first stands or changes, and beside the event that
    ruined the day."""
    said: dict[str, object] = {}
    beats: list[Beat] = []
    for event in day.events:
        seen = event.seen
        signals = tuple(each for each in seen.signals if event.decisive or said.get(each.name) != each)
        releases = tuple(
            each for each in seen.releases if event.decisive or said.get("release " + each.name) != each
        )
        contacts = seen.contacts if said.get("contacts") != seen.contacts else None
        said |= {each.name: each for each in signals}
        said |= {"release " + each.name: each for each in releases}
        if contacts is not None:
            said["contacts"] = contacts
        new = bool(signals or releases or contacts is not None)
        known = bool(seen.signals or seen.releases or seen.contacts is not None)
        later = timezone.localdate(event.time, timezone.get_default_timezone()) > day.day
        begins = later and not any(beat.next_day for beat in beats)
        beats.append(Beat(event, signals, releases, contacts, known and not new, not known, begins))
    return beats
