"""Friction: what customers do twice, where they go back, where they change channel, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.bars import Part
from towpath.foundation.ui.figures import duration, number, percent
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.framing import Frame, entities_word, frame_of
from towpath.journeys.queries.conduct import friction, turns
from towpath.journeys.schemas.conduct import Detour, Friction, StepFriction, Turn, Turns

UNKNOWN = "unknown"
LEAST_TOLD = 0.005
"""Smaller shares are in the bar, not in the words under it."""
FILLS = {"customer": "fill-1", "supplier": "fill-5", UNKNOWN: "rest"}
DEPARTMENTS = ("fill-2", "fill-3", "fill-4", "fill-5", "fill-6")


@dataclass(frozen=True)
class Cell:
    """How often, to how many, and where those are; `found` None where nothing can be known."""

    found: Detour | None
    people: str


@dataclass(frozen=True)
class Row:
    step: StepFriction | None
    cells: list[Cell]


@dataclass(frozen=True)
class StepBar:
    """Whose turn it was while a step was the furthest reached."""

    name: str
    seconds: float
    bar: list[Part]
    words: str


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    frame = frame_of(request, key, asked(request).without("by", "mode"))
    question, found = frame.question.answer(
        lambda s: (friction(request.actor, key, s), turns(request.actor, key, s))
    )
    frame = replace(frame, question=question)
    context = frame.context()
    if found is not None:
        detours, waits = found
        fills = _fills(waits)
        context |= {
            "found": detours,
            "waits": waits,
            "empty": detours.as_of is None,
            "sentence": sentence(frame, detours, waits),
            "rows": [_row(frame, step) for step in detours.steps],
            "whole": [_cell(frame, found, kind, "") for kind, found in _kinds(detours)],
            "bar": [Part(t.share or 0.0, told(t), fills[t.party]) for t in waits.turns if t.seconds],
            "turns": [(t, fills[t.party]) for t in waits.turns if t.seconds],
            "steps": _step_bars(waits, fills),
        }
    return render(request, "journeys/friction.html", context)


def sentence(frame: Frame, found: Friction, waits: Turns) -> str:
    """The most important finding, in words."""
    said = []
    shared = [turn for turn in waits.turns if turn.share and turn.kind != UNKNOWN]
    if shared:
        longest = max(shared, key=lambda turn: turn.share or 0.0)
        said.append(
            _("%(share)s of the time it is the turn of %(party)s.")
            % {"share": percent(longest.share, 0), "party": longest.name}
        )
    worst, what = max(
        ((detour, kind) for kind, detour in _kinds(found) if detour is not None),
        key=lambda each: each[0].entities,
    )
    if worst.entities:
        did = {
            "repeats": _("%(count)s %(who)s had to repeat a step"),
            "backs": _("%(count)s %(who)s had to go back"),
            "hops": _("%(count)s %(who)s changed the channel within a journey"),
        }
        said.append(did[what] % {"count": number(worst.entities), "who": entities_word(frame)} + ".")
    else:
        said.append(_("Nobody repeats a step or goes back."))
    return " ".join(said)


def told(turn: Turn) -> str:
    return f"{turn.name}: {percent(turn.share, 0)}, {duration(turn.seconds)}"


def _kinds(found: Friction | StepFriction) -> list[tuple[str, Detour | None]]:
    return [("repeats", found.repeats), ("backs", found.backs), ("hops", found.hops)]


def _row(frame: Frame, step: StepFriction) -> Row:
    return Row(step, [_cell(frame, found, kind, step.key) for kind, found in _kinds(step)])


def _cell(frame: Frame, found: Detour | None, kind: str, step: str) -> Cell:
    return Cell(found, frame.people(step=step, detour=kind))


def _fills(waits: Turns) -> dict[str, str]:
    """A colour class for every party."""
    departments = [turn.party for turn in waits.turns if turn.kind == "department"]
    fills = {turn.party: FILLS.get(turn.kind, "rest") for turn in waits.turns}
    return fills | {party: DEPARTMENTS[place % len(DEPARTMENTS)] for place, party in enumerate(departments)}


def _step_bars(waits: Turns, fills: dict[str, str]) -> list[StepBar]:
    if not waits.turns:
        return []
    made = []
    for place, step in enumerate(waits.turns[0].steps):
        spent = [(turn, turn.steps[place].seconds) for turn in waits.turns if turn.steps[place].seconds]
        total = sum(seconds for _turn, seconds in spent)
        if total:
            shares = [(turn, seconds / total) for turn, seconds in spent]
            parts = [Part(s, f"{turn.name}: {percent(s, 0)}", fills[turn.party]) for turn, s in shares]
            told_ones = [part.label for part in parts if part.share >= LEAST_TOLD]
            made.append(StepBar(step.name, total, parts, ", ".join(told_ones)))
    return made
