"""Findings as doors show them: the record of `--json`, the whole finding, and what people send."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.improvement.schemas.findings import Detected, EstateEvidence, Where


class FindingRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of `towpath findings --json`. `met`, `beyond`: customers of the week; `cost_per_week` None
    where nothing tells a price; `cause` None where we cannot tell; `first_step` a code. `beyond` and
    `ruined_days_per_week` None: a risk of which nobody measured how often it happens; `estate` tells who
    meets what hangs on it."""

    key: str
    journey: str
    step: str
    kinds: tuple[str, ...]
    where: Where
    met: int
    beyond: float | None
    beyond_low: float | None
    beyond_high: float | None
    ruined_days_per_week: float | None
    cost_per_week: float | None
    since: date | None
    cause: str | None
    level: str
    first_step: str
    estate: EstateEvidence | None = None


class LifeStep(msgspec.Struct, frozen=True):
    """One step in a finding's life."""

    at: datetime
    state: str
    state_in_words: str
    by: str
    note: str


class Measured(msgspec.Struct, frozen=True):
    """What mending brought, in ruined customer-days a week. `gain` None: too little data."""

    gain: float | None
    expected: float | None
    before: float
    now: float | None


class FindingShown(msgspec.Struct, frozen=True):
    """A finding with its life. `may`: verbs that are open in this state. `silent_since`: nothing comes in any
    more from where it was seen, so that nobody knows whether it is still there."""

    digest: str
    key: str
    sentence: str
    state: str
    state_in_words: str
    grave: bool
    seen: bool
    first_seen: datetime
    last_seen: datetime
    silent_since: datetime | None
    cause_in_words: str
    level_in_words: str
    first_step_in_words: str
    together: tuple[str, ...]
    owner: str
    next_step: str
    due: date | None
    expected_gain: float | None
    measured: Measured | None
    declined_because: str
    review_on: date | None
    may: tuple[str, ...]
    found: Detected
    steps: tuple[LifeStep, ...]
