"""What a journey's definition may say: its shape, and what must hold within it.

The same records are the body of the YAML file, of the stored version, and of the API. Lengths and patterns
are
checked in `checks`, not by `msgspec.Meta`: its patterns crash the interpreter when it ends (msgspec issue
717).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from towpath.journeys.rules.stages import DEFAULT_VOCABULARY

CUSTOMER = "customer"
"""The party that every journey has; departments and suppliers are named by the journey."""

Match = dict[str, Any]

OutcomeKind = Literal["declined", "cancelled", "expired", "other"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every part of a definition: unknown fields are refused, what is left out is not written
    back."""


class Feels(Part, frozen=True, kw_only=True):
    """How customers feel at a step: -2 (awful) to 2 (delighted), and the word they use."""

    score: int
    word: str = ""


class Turn(Part, frozen=True, kw_only=True):
    """Whose turn it is after the event, when it also matches `when` (always, without one)."""

    whose: str
    when: Match | None = None


class Step(Part, frozen=True, kw_only=True):
    """A step that the customer takes. `target` is T; `window` the longest time since the step before;
    `promise` the longest time since the step before that the customer was promised."""

    key: str
    name: str
    match: Match
    stage: str = ""
    channels: tuple[str, ...] = ()
    touchpoint: str = ""
    target: str = ""
    value: str = ""
    moment_of_truth: bool = False
    sees: str = ""
    feels: Feels | None = None
    optional: bool = False
    window: str = ""
    promise: str = ""
    then: str | tuple[Turn, ...] = ()


class Outcome(Part, frozen=True, kw_only=True):
    """A terminal outcome other than conversion: the journey is finished otherwise, not lost."""

    key: str
    name: str
    kind: OutcomeKind
    match: Match


class Exclusion(Part, frozen=True, kw_only=True):
    """Between the steps `after` and `before`, none of the activities `without` may occur."""

    after: str
    before: str
    without: tuple[str, ...]


class InsideItem(Part, frozen=True, kw_only=True):
    """Something that stands behind steps. With a `match` it is live: counted, and it can pass the turn on."""

    key: str
    name: str
    lane: Literal["front_stage", "back_stage", "services", "components"]
    behind: tuple[str, ...]
    department: str = ""
    match: Match | None = None
    then: str | tuple[Turn, ...] = ()


class Party(Part, frozen=True, kw_only=True):
    """A department or a supplier."""

    key: str
    name: str


class Definition(Part, frozen=True, kw_only=True):
    """A journey as a person writes it."""

    key: str
    name: str
    follows: Literal["customer", "case"]
    window: str
    steps: tuple[Step, ...]
    description: str = ""
    sources: tuple[str, ...] = ()
    stages: str = DEFAULT_VOCABULARY
    departments: tuple[Party, ...] = ()
    suppliers: tuple[Party, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    inside: tuple[InsideItem, ...] = ()

    def parties(self) -> tuple[str, ...]:
        """Keys of all who can have the turn: the customer, then departments, then suppliers."""
        return (CUSTOMER, *(party.key for party in (*self.departments, *self.suppliers)))

    def party_names(self) -> dict[str, str]:
        return {party.key: party.name for party in (*self.departments, *self.suppliers)}
