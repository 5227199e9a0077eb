"""A plan: which rules recognise a journey's activities, and what each of them means for the measures.

Bits are given in this order: steps, terminal outcomes, live inside items, turns that have a `when` of their
own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import xxhash

from towpath.analytics.recognition import Condition, Rule
from towpath.journeys.rules.checks import conditional_turns, turns_of
from towpath.journeys.rules.definition import Definition, InsideItem, Step
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.rules.matching import both, rule_of

Kind = Literal["step", "outcome", "inside", "turn"]
OTHER_TYPES = "(other types)"
ENTRY = "(entry)"
MOST_TYPES = 64


@dataclass(frozen=True)
class Activity:
    """What one bit stands for. `party`: index of who has the turn after it; None where it passes no turn
    on."""

    key: str
    name: str
    kind: Kind
    rule: Rule
    party: int | None = None


@dataclass(frozen=True)
class Plan:
    """A journey, or a source's event types, ready to be recognised. `definition` is None for a source."""

    name: str
    version: int
    follows: Literal["customer", "case"]
    sources: tuple[str, ...]
    window_us: int
    activities: tuple[Activity, ...]
    definition: Definition | None = None

    @property
    def steps(self) -> int:
        return sum(activity.kind == "step" for activity in self.activities)

    @property
    def shown(self) -> int:
        """How many of the first bits are activities on the map's customer side: steps and terminal
        outcomes."""
        return sum(activity.kind in ("step", "outcome") for activity in self.activities)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(activity.rule for activity in self.activities)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(activity.key for activity in self.activities)

    @property
    def step_activities(self) -> tuple[Activity, ...]:
        return self.activities[: self.steps]

    def mask_of(self, kind: Kind) -> int:
        return sum(1 << bit for bit, activity in enumerate(self.activities) if activity.kind == kind)

    def digest(self) -> str:
        """Equal for plans that recognise alike: figures of recognition may be kept under it."""
        return xxhash.xxh3_128_hexdigest(msgspec.json.encode([self.rules, self.sources]))


def plan_of(definition: Definition, version: int) -> Plan:
    """The plan of a journey's version."""
    parties = definition.parties()
    found = [_activity(step, "step", parties) for step in definition.steps]
    found += [Activity(o.key, o.name, "outcome", rule_of(o.match)) for o in definition.outcomes]
    live = [item for item in definition.inside if item.match]
    found += [_activity(item, "inside", parties) for item in live]
    parts: list[Step | InsideItem] = [*definition.steps, *live]
    for part in parts:
        found += _conditional_turns(part, parties)
    return Plan(
        name=definition.key,
        version=version,
        follows=definition.follows,
        sources=definition.sources,
        window_us=microseconds(definition.window),
        activities=tuple(found),
        definition=definition,
    )


def plan_of_types(source: str, types: Sequence[str]) -> Plan:
    """The plan of a source without a journey: its event types, most frequent first, as activities."""
    return Plan(source, 0, "case", (source,), microseconds("36500d"), tuple(_types(types, MOST_TYPES)))


def plan_over_types(plan: Plan, types: Sequence[str]) -> Plan:
    """A journey's plan that knows its entry and, as activities, all event types."""
    entry = replace(plan.activities[0], key=ENTRY)
    return replace(plan, activities=(entry, *_types(types, MOST_TYPES - 1)))


def _types(types: Sequence[str], most: int) -> list[Activity]:
    """One activity a type; where there are more than `most`, the last ones fall together."""
    named = list(types) if len(types) <= most else list(types[: most - 1])
    found = [Activity(name, name, "outcome", Rule(((Condition("type", "in", (name,)),),))) for name in named]
    if len(named) < len(types):
        rest = Rule(((Condition("type", "in", tuple(types[len(named) :])),),))
        found.append(Activity(OTHER_TYPES, OTHER_TYPES, "outcome", rest))
    return found


def _activity(part: Step | InsideItem, kind: Kind, parties: tuple[str, ...]) -> Activity:
    turns = turns_of(part)
    plain = bool(turns) and turns[0].when is None
    party = parties.index(turns[0].whose) if plain else None
    return Activity(part.key, part.name, kind, rule_of(part.match or {}), party)


def _conditional_turns(part: Step | InsideItem, parties: tuple[str, ...]) -> list[Activity]:
    """Turns of a part whose first one has a `when`, up to the one without, which holds where none before
    did."""
    found: list[Activity] = []
    for place, turn in enumerate(conditional_turns(part)):
        own = rule_of(part.match or {})
        rule = own if turn.when is None else both(own, rule_of(turn.when))
        found.append(Activity(f"{part.key}/{place + 1}", part.name, "turn", rule, parties.index(turn.whose)))
    return found
