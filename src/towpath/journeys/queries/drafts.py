"""A first draft of a journey, from what a source's events look like; a person corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.journeys.measures.drafting import (
    Meetings,
    followed,
    measure_meetings,
    measure_skipping,
    measure_types,
)
from towpath.journeys.rules.definition import Definition, Outcome, OutcomeKind, Step
from towpath.journeys.rules.permissions import READ_JOURNEYS

MOST_STEPS = 8
COMMON = 0.05
"""A type that fewer of the cases have is left out of the draft; it can be added."""
PASSED_OVER = 0.1
"""A step that more of those who come further had not met is proposed as one that may be passed over."""
WINDOW = "90d"
MOST_TYPES = 200
KINDS: dict[OutcomeKind, str] = {
    "declined": "declin|reject|refus|denied",
    "cancelled": "cancel|withdr[ae]w|abandon",
    "expired": "expire|time[ _-]?out|lapse",
}


class TypeSeen(msgspec.Struct, frozen=True):
    """An event type of the sources: its events, and the entities that have it."""

    type: str
    events: int
    entities: int


def event_types(actor: Actor, sources: Sequence[str]) -> list[TypeSeen]:
    """The types that the sources (all, without any) bring, most frequent first; at most MOST_TYPES."""
    require(actor, READ_JOURNEYS)
    return [TypeSeen(**row) for row in measure_types(lake().snapshot(), sources, MOST_TYPES)]


def draft_from(actor: Actor, source: str) -> Definition:
    """The types that at least COMMON of the cases have, in the order in which most cases first meet them.

    What most meet without the step before it, and meet nothing new after, is an outcome. What more than
    PASSED_OVER of those who come further leave out is optional.
    """
    require(actor, READ_JOURNEYS)
    snapshot = lake().snapshot()
    follows = followed(snapshot, source)
    steps, ends = _ways(measure_meetings(snapshot, source, follows, share=COMMON, most=MOST_STEPS))
    passed = measure_skipping(snapshot, source, follows, steps)
    keys = dict(zip([*steps, *ends], _keys([*steps, *ends]), strict=True))
    return Definition(
        key=_keys([source])[0],
        name=source[:120],
        follows=follows,
        window=WINDOW,
        sources=(source,),
        steps=tuple(
            Step(
                key=keys[name],
                name=name[:120],
                match={"type": _exactly(name)},
                optional=place > 0 and passed.get(name, 0.0) > PASSED_OVER,
            )
            for place, name in enumerate(steps)
        ),
        outcomes=tuple(
            Outcome(key=keys[name], name=name[:120], kind=_kind(name), match={"type": _exactly(name)})
            for name in ends
        ),
    )


def _ways(meetings: Meetings) -> tuple[list[str], list[str]]:
    """The steps in their order, and the outcomes: ends that most meet without the step before."""
    entities = meetings.entities
    ordered = sorted(entities, key=lambda name: (-meetings.wins(name), -entities[name], name))
    steps: list[str] = []
    ends: list[str] = []
    for name in ordered:
        half = entities[name] / 2
        beside = len(steps) > 1 and meetings.together.get((steps[-1], name), 0) < half
        (ends if beside and meetings.ending.get(name, 0) > half else steps).append(name)
    return steps, ends


def _kind(name: str) -> OutcomeKind:
    """What the name of a type tells of how it ends; English only, since a person corrects it."""
    return next((kind for kind, words in KINDS.items() if re.search(words, name, re.IGNORECASE)), "other")


def _exactly(name: str) -> object:
    """A type as a rule names it; one that reads as a pattern is said to be none."""
    return {"is": name} if {"*", "?", "["} & set(name) else name


def _keys(names: Sequence[str]) -> list[str]:
    """A key for each name; different ones for names that look alike."""
    keys: list[str] = []
    for name in names:
        key = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()[:50] or "step"
        keys.append(key if key not in keys else f"{key}_{len(keys) + 1}")
    return keys
