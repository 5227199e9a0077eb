"""Components as doors show them: what customers meet through each, and what was found there."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class ComponentSummary(msgspec.Struct, frozen=True):
    """A line of the list. `attempts`, `customers`, `faults` of the last four weeks; `p95_latency_ms` None
    where no event says how long it took; `findings` that stand, and the ruined days a week that they cost."""

    name: str
    attempts: int
    customers: int
    faults: int
    p95_latency_ms: float | None
    findings: int
    ruined_days_per_week: float


class ComponentWeek(msgspec.Struct, frozen=True):
    """Seven days from `first_day` on."""

    first_day: date
    attempts: int
    faults: int


class StepCarried(msgspec.Struct, frozen=True):
    """A step whose events name the component, in the last four weeks. `customers`: those whom the journey
    follows, cases where it follows these; `measured`: attempts that say how they went; `bad`: those of them
    that failed, or took longer than four times the target."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    moment_of_truth: bool
    attempts: int
    customers: int
    measured: int
    bad: int
    median_latency_ms: float | None
    p95_latency_ms: float | None
    target_ms: float | None


class ReleaseThere(msgspec.Struct, frozen=True):
    """A deployment that names the component."""

    at: datetime
    version: str


class FindingThere(msgspec.Struct, frozen=True):
    """A finding that names the component, standing or not."""

    digest: str
    sentence: str
    state: str
    state_in_words: str
    stands: bool
    ruined_days_per_week: float


class ComponentShown(msgspec.Struct, frozen=True):
    """One component. `first_day`: of the four weeks that end with `as_of`; `weeks`: thirteen, the oldest
    first; `services`: named beside it, the most frequent first; `releases`: the latest first."""

    name: str
    as_of: datetime
    first_day: date
    services: tuple[str, ...]
    attempts: int
    customers: int
    faults: int
    weeks: tuple[ComponentWeek, ...]
    steps: tuple[StepCarried, ...]
    releases: tuple[ReleaseThere, ...]
    findings: tuple[FindingThere, ...]
