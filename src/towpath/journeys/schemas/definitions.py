"""Records about journeys themselves: which there are, what an `apply` did, whether the map still fits its
events."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Applied(msgspec.Struct, frozen=True):
    """What applying a definition did. `new` is False where it equals the newest version."""

    journey: str
    version: int
    new: bool


class JourneySummary(msgspec.Struct, frozen=True):
    """One journey in a list. `applied_at`, `applied_by`: the newest version's."""

    key: str
    name: str
    version: int
    follows: str
    steps: int
    outcomes: int
    applied_at: datetime
    applied_by: str


class TypeCount(msgspec.Struct, frozen=True):
    """An event type and how many events carry it. `like` is a type that a rule names and that looks alike."""

    type: str
    events: int
    like: str | None = None


class RuleFit(msgspec.Struct, frozen=True):
    """How many events a rule of the journey recognises."""

    key: str
    name: str
    kind: str
    events: int


class Fit(msgspec.Struct, frozen=True):
    """Whether the map still fits its events.

    `events`: of the entities that the journey follows and that it recognises at least once; `recognised`:
    those that a rule recognises; `share` is None without events. `silent`: keys of rules that match nothing.
    `nameless`: events of the journey's sources that name nobody; a journey that follows customers leaves them
    out, one that follows cases has none. `unrecognised`: the most frequent types that no rule
    recognises. `fits` is False when a rule is silent or an unrecognised type looks like a misspelt one.
    """

    journey: str
    version: int
    as_of: datetime | None
    fits: bool
    events: int
    recognised: int
    share: float | None
    silent: tuple[str, ...]
    rules: tuple[RuleFit, ...]
    unrecognised: tuple[TypeCount, ...]
    nameless: int
