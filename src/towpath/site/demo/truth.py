"""What was planted, and what it did: the run beside the same run without the cause.

Targets are those of the journeys' files: the company itself knows of none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from towpath.improvement.rules.harm import DEFAULT
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.durations import microseconds
from towpath.site.demo.company.draws import Float, Int
from towpath.site.demo.company.landscape import (
    CALLS,
    CHANNELS,
    COMPONENT_AT,
    COMPONENTS,
    ENTRANCES,
    FAULT,
    JOURNEYS,
    STEP_AT,
    STEPS,
    STEPS_EACH,
    TOPIC_AT,
)
from towpath.site.demo.company.plan import (
    DAY,
    EVENING,
    GAP,
    GRAVE,
    HOUR,
    LOOKALIKE,
    LOOP,
    LOSSY,
    LOUD,
    OUTAGE,
    REGRESSION,
    RELEASE,
    SLOW,
    TRAPS,
    Cause,
)
from towpath.site.demo.company.running import Run, run_company
from towpath.site.demo.scenario import Scenario

FRUSTRATED = 4.0
"""Slower than so many times T: Apdex's term."""
WEEK = 7 * DAY
SOON = int(DEFAULT.contact_within_hours * HOUR)
"""A contact so soon after a bad experience is about that."""
DAYS_EACH = 100_000
"""A customer-day is one number: person * DAYS_EACH + day of the run."""


SYMPTOMS = {
    SLOW: "slow", RELEASE: "fault", LOSSY: "loss", OUTAGE: "missing", GRAVE: "grave", LOUD: "contacts",
    EVENING: "loss", REGRESSION: "fault", GAP: "escalation", LOOKALIKE: "contacts", LOOP: "handover",
}  # fmt: skip
"""What each kind shows first; what follows from it (abandoning, contacts) folds into it."""


class Effect(msgspec.Struct, frozen=True):
    """The run minus the run without the cause; a negative figure is fewer with it.

    `faults` and `frustrated` count attempts (a fault counts as frustrated at any speed) and bills paid twice;
    `lost`: journeys that did not come to their end; `people`: those whom it touched in any way;
    `ruined_days`: customer-days with a fault or a frustrated step, `ruined_days_per_week` their mean over the
    weeks that it held; `missing_customers`: customer-days with an event of a journey only without the cause;
    `missed`: people who came while a service was gone; `money`: margin in EUR that was not had, and what was
    taken twice; `contacts`: to the desk. `..._last_week`: of the run's last seven days (lost: of the journeys
    that began in them).
    """

    faults: int
    frustrated: int
    lost: int
    lost_last_week: int
    people: int
    ruined_days: int
    ruined_days_per_week: float
    ruined_days_last_week: int
    missing_customers: int
    missed: int
    money: float
    contacts: int


class Planted(msgspec.Struct, frozen=True):
    """A planted cause. `trap`: it looks like harm and is none; `symptom`: how it shows. Times are UTC; empty
    words name nothing.
    """

    kind: str
    target: str
    symptom: str
    trap: bool
    size: float
    journeys: tuple[str, ...]
    steps: tuple[str, ...]
    service: str
    component: str
    change: str
    version: str
    topic: str
    segment: dict[str, str]
    hours: tuple[int, int]
    onset: datetime
    end: datetime
    effect: Effect


class Truth(msgspec.Struct, frozen=True):
    """A run and what was planted in it; `figures` are the run's own totals."""

    scenario: str
    seed: int
    days: int
    customers: int
    noise: float
    start: datetime
    until: datetime
    figures: dict[str, float]
    causes: tuple[Planted, ...]


class Harm(msgspec.Struct, frozen=True):
    """The harm in a run: attempts, and numbers of customer-days (see `DAYS_EACH`)."""

    faults: int
    frustrated: int
    ruined: Int
    active: Int


def truth_of(scenario: Scenario, journeys: Mapping[str, Definition], run: Run) -> Truth:
    """What was planted in a run of the scenario; runs the company again once for each cause."""
    targets = targets_of(journeys)
    plan = scenario.plan
    found = harm_of(run, targets)
    causes = []
    for place, cause in enumerate(plan.causes):
        without = run_company(plan.without(place))
        effect = effect_of(cause, run, without, (found, harm_of(without, targets)))
        causes.append(_planted(cause, run, effect))
    figures: dict[str, float] = {
        "journeys": len(run.intents), "converted": int(run.walked.converted.sum()), "faults": found.faults,
        "frustrated": found.frustrated, "ruined_days": len(found.ruined), "active_days": len(found.active),
    }  # fmt: skip
    return Truth(
        scenario.name, plan.seed, plan.days, plan.customers, plan.noise, _moment(plan.start),
        _moment(plan.until), figures, tuple(causes),
    )  # fmt: skip


def write_truth(file: Path, truth: Truth) -> None:
    """As JSON, indented for people."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")


def targets_of(journeys: Mapping[str, Definition]) -> Float:
    """float64[steps]: T of the company's steps in milliseconds; nan where the journey names none."""
    found = np.full(len(STEPS), np.nan)
    for journey in journeys.values():
        for step in journey.steps:
            if step.target:
                found[STEP_AT[f"{journey.key}.{step.key}"]] = microseconds(step.target) / 1000
    return found


def harm_of(run: Run, targets: Float) -> Harm:
    """The harm that the events of a run show, by the definitions of customer-days: faults, frustrated
    attempts, money taken twice, and first contacts about any of these."""
    a, (doubled, twice, _channel) = run.walked.attempts, run.doubled
    fault = a.outcome == FAULT
    frustrated = fault | (a.latency > FRUSTRATED * targets[a.step])
    bad = run.intents.person[np.concatenate([a.intent[frustrated], doubled])]
    when = np.concatenate([a.at[frustrated], twice])
    told, contacts = _first_contacts(run, bad, when), run.contacts
    asked = _customer_days(run, contacts.person[told], contacts.at[told])
    ruined = np.concatenate([_customer_days(run, bad, when), asked])
    active = _customer_days(run, run.intents.person[a.intent], a.at)
    faults = int(fault.sum()) + len(doubled)
    return Harm(faults, int(frustrated.sum()) + len(doubled), np.unique(ruined), np.unique(active))


def _first_contacts(run: Run, bad: Int, when: Int) -> Int:
    """Rows of the contacts that are the first after a bad experience (of person `bad` at `when`) and soon."""
    person = np.concatenate([bad, run.contacts.person])
    at = np.concatenate([when, run.contacts.at])
    row = np.concatenate([np.full(len(bad), -1, np.int64), np.arange(len(run.contacts))])
    order = np.lexsort((row, at, person))
    person, at, row = person[order], at[order], row[order]
    after = (row[1:] >= 0) & (row[:-1] < 0) & (person[1:] == person[:-1]) & (at[1:] - at[:-1] <= SOON)
    first: Int = row[1:][after]
    return first


def _customer_days(run: Run, person: Int, at: Int) -> Int:
    return person * DAYS_EACH + (at - run.plan.start) // DAY


def effect_of(cause: Cause, run: Run, without: Run, harms: tuple[Harm, Harm]) -> Effect:
    """What a cause did: `harms` are those of the run and of the run without it."""
    there, base = harms
    lost = without.walked.converted.astype(np.int64) - run.walked.converted
    ruined = len(there.ruined) - len(base.ruined)
    weeks = (min(cause.until, run.plan.until) - cause.begin) / WEEK
    twice = run.intents.amount[run.doubled[0]].sum() - without.intents.amount[without.doubled[0]].sum()
    recent = run.intents.start >= run.plan.until - WEEK
    return Effect(
        faults=there.faults - base.faults,
        frustrated=there.frustrated - base.frustrated,
        lost=int(lost.sum()),
        lost_last_week=int(lost[recent].sum()),
        people=len(touched(run, without)),
        ruined_days=ruined,
        ruined_days_per_week=round(ruined / max(weeks, 1.0), 3),
        ruined_days_last_week=_in_last_week(run, there.ruined) - _in_last_week(run, base.ruined),
        missing_customers=len(np.setdiff1d(base.active, there.active)),
        missed=int(run.walked.missed.sum()) - int(without.walked.missed.sum()),
        money=round(float((run.intents.value * lost).sum() + twice), 2),
        contacts=len(run.contacts) - len(without.contacts),
    )


def _in_last_week(run: Run, customer_days: Int) -> int:
    return int((customer_days % DAYS_EACH >= run.plan.days - 7).sum())


def touched(run: Run, without: Run) -> Int:
    """People to whom anything else happened than without the cause."""
    here, there = _courses(run), _courses(without)
    people = {who for who in here.keys() | there.keys() if here.get(who) != there.get(who)}
    beside = _beside(run).symmetric_difference(_beside(without))
    return np.array(sorted(people | {who for who, *_rest in beside}), np.int64)


def _beside(run: Run) -> set[tuple[int, ...]]:
    """What happened to people beside their attempts: bills paid twice, and what their tickets met."""
    intent, at, _channel = run.doubled
    t, contacts = run.tickets, run.contacts
    twice = zip(run.intents.person[intent].tolist(), at.tolist(), strict=True)
    who = contacts.person[t.contact].tolist()
    columns = (contacts.number[t.contact], t.at, t.type, t.team, t.way)
    return set(twice) | set(zip(who, *(column.tolist() for column in columns), strict=True))


def _courses(run: Run) -> dict[int, bytes]:
    a = run.walked.attempts
    person = run.intents.person[a.intent]
    order = np.lexsort((a.at, a.intent, person))
    waits = [np.round(each * 10).astype(np.int64) for each in (a.latency, a.slowest_ms)]
    rows = np.stack([a.at, a.outcome, a.component, *waits], 1)[order]
    starts = np.flatnonzero(np.diff(person[order], prepend=-1))
    pieces = np.split(rows, starts[1:])
    return {int(who): piece.tobytes() for who, piece in zip(person[order][starts], pieces, strict=True)}


def _planted(cause: Cause, run: Run, effect: Effect) -> Planted:
    steps = steps_of(cause)
    change, version, end = _release(cause, run)
    component = cause.target if any(each.key == cause.target for each in COMPONENTS) else ""
    service = cause.target if cause.kind == OUTAGE else ""
    return Planted(
        kind=cause.kind, target=cause.target, symptom=SYMPTOMS[cause.kind], trap=cause.kind in TRAPS,
        size=cause.size,
        journeys=tuple(dict.fromkeys(STEPS[step].journey for step in steps)),
        steps=tuple(f"{STEPS[step].journey}.{STEPS[step].key}" for step in steps),
        service=service, component=component, change=change, version=version,
        topic=cause.target if cause.target in TOPIC_AT else "",
        segment=_segment(cause),
        hours=cause.hours, onset=_moment(cause.begin), end=_moment(min(end, run.plan.until)),
        effect=effect,
    )  # fmt: skip


def _segment(cause: Cause) -> dict[str, str]:
    """Whom it can meet; a channel's own entrance names the channel."""
    found = {field: value for field, value in msgspec.to_builtins(cause.segment).items() if value}
    if cause.target in ENTRANCES:
        found["channel"] = CHANNELS[ENTRANCES.index(cause.target)]
    return found


def steps_of(cause: Cause) -> list[int]:
    """The steps (places in `STEPS`) at which a cause can be met."""
    if cause.kind in (LOSSY, GRAVE):
        return [STEP_AT[cause.target]]
    if cause.kind == EVENING:
        first = JOURNEYS.index(cause.target) * STEPS_EACH
        return list(range(first, first + STEPS_EACH))
    if cause.kind == OUTAGE:
        return _calling({component.key for component in COMPONENTS if component.service == cause.target})
    if cause.kind == RELEASE and cause.step:
        return [STEP_AT[cause.step]]
    return _calling({cause.target})


def _calling(components: set[str]) -> list[int]:
    """Steps that call any of these components, through some channel."""
    places = [COMPONENT_AT[key] for key in components if key in COMPONENT_AT]
    return np.flatnonzero(np.isin(CALLS, places).any(axis=(1, 2))).tolist()


def _release(cause: Cause, run: Run) -> tuple[str, str, int]:
    """Change and version of a planted release, and until when (UTC microseconds) nothing newer was out."""
    if cause.kind != RELEASE:
        return "", "", cause.until
    series, place = run.releases.place_of(cause)
    newer = int(series.times[place + 1]) if place + 1 < len(series.times) else cause.end
    return series.changes[place], series.versions[place], min(cause.end, newer)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC)
