"""Step attempts of one journey: how each went, in which run through the journey, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from towpath.analytics.instances import CONVERTED, Instances, instances_of
from towpath.analytics.recognition import recognise
from towpath.analytics.sequences import Sequences
from towpath.events.envelope import Outcome
from towpath.improvement.measures.columns import NONE, PROMOTED, Column, Columns
from towpath.improvement.measures.local_time import DAY_US, HOUR_US, local_us
from towpath.journeys.measures.loss import FRUSTRATED
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import funnel_spec
from towpath.journeys.rules.definition import Definition, Step
from towpath.journeys.rules.durations import MICROSECONDS, microseconds

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]
Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

DIMENSIONS = ("version", "component", "channel", "service", "language", "region", "device")
"""By what attempts are told apart; hours besides. Names of promoted attributes stand without `data.`."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs through the journey (instances), those that began in these weeks.

    `attempt` int64[runs, steps]: place of the first attempt at each step, -1 without; `end` int8[runs] as
    `analytics.instances` says; `value` float64[runs]: the last value that a converted run told, nan without.
    """

    customer: Int64
    attempt: Int64
    end: Int8
    value: Floats
    currency: str | None


@dataclass(frozen=True, eq=False)
class Attempts:
    """Attempts at the steps of one journey, step after step, in each by customer and time.

    `starts` int64[steps + 1]: where each step's begin. `day`: local date; `hour`: 0 to 23, local. `fault`;
    `slow`: slower than four times the target; `late`: slower than the target; `said`: whether an outcome is
    known; `timed`: whether a latency is, at a step that has a target. `run`: place in `runs`, -1 without.
    `row`: place in the columns.
    """

    plan: Plan
    starts: Int64
    row: Int64
    customer: Int64
    time: Int64
    day: Int32
    hour: Int8
    fault: Bool
    slow: Bool
    late: Bool
    said: Bool
    timed: Bool
    run: Int64
    dimensions: dict[str, Column]
    runs: Runs

    @property
    def definition(self) -> Definition:
        definition = self.plan.definition
        if definition is None:
            raise ValueError(f"{self.plan.name} is a source, not a journey.")
        return definition

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.definition.steps

    def at(self, step: int) -> slice:
        """The attempts at one step."""
        return slice(int(self.starts[step]), int(self.starts[step + 1]))

    @property
    def step(self) -> Int16:
        """int16[n]: which step each is an attempt at."""
        return np.repeat(np.arange(len(self.steps), dtype=np.int16), np.diff(self.starts))


def attempts_of(columns: Columns, plan: Plan, zone: ZoneInfo) -> Attempts:
    """Every attempt in the columns at a step of the journey."""
    rows, masks = _recognised(columns, plan)
    order, customer = _entities(columns, plan, rows)
    rows, masks, customer = rows[order], masks[order], customer[order]
    distinct, codes = np.unique(masks, return_inverse=True)
    entity = columns.key[rows] if plan.follows == "customer" else _case_keys(columns)[rows]
    sequences = Sequences(entity, columns.time[rows], codes.astype(np.uint16), distinct, None, plan.keys)
    found = instances_of(sequences, funnel_spec(plan, Selection()))
    places = [np.flatnonzero((masks & np.uint64(1 << step)) != 0) for step in range(plan.steps)]
    return _attempts(columns, plan, zone, _Walked(rows, customer, places, found))


@dataclass(frozen=True, eq=False)
class _Walked:
    """The journey's events in order: their rows, whose they are, the places of each step's, and the runs."""

    rows: Int64
    customer: Int64
    places: list[Int64]
    instances: Instances


def _recognised(columns: Columns, plan: Plan) -> tuple[Int64, npt.NDArray[np.uint64]]:
    """The rows that are something to the journey, and what."""
    found = recognise(columns.table, plan.rules)
    masks = found.masks[found.codes]
    if plan.sources:
        source = columns.text("source")
        inside = source.flag(np.array([word in plan.sources for word in source.words], np.bool_))
        masks = np.where(inside, masks, np.uint64(0))
    if plan.follows == "customer":
        masks = np.where(columns.nobody, np.uint64(0), masks)
    else:
        masks = np.where(pc.is_valid(columns.table["case_key"]).to_numpy(), masks, np.uint64(0))
    rows = np.flatnonzero(masks)
    return rows, masks[rows]


def _case_keys(columns: Columns) -> Int64:
    keys: Int64 = columns.table["case_key"].fill_null(0).combine_chunks().to_numpy(zero_copy_only=False)
    return keys


def _entities(columns: Columns, plan: Plan, rows: Int64) -> tuple[Int64, Int64]:
    """The order by entity and time, and for each row whose it is: a case is that of the customer whom its
    events name first."""
    key = columns.key[rows]
    if plan.follows == "customer":
        return np.arange(len(rows)), key
    case, seq = _case_keys(columns)[rows], np.asarray(columns.table["seq"].combine_chunks())[rows]
    order = np.lexsort((seq, columns.time[rows], case))
    cases, place = np.unique(case, return_inverse=True)
    customer = cases.copy()
    named = order[key[order] != case[order]][::-1]
    customer[place[named]] = key[named]
    return order, customer[place]


def _attempts(columns: Columns, plan: Plan, zone: ZoneInfo, walked: _Walked) -> Attempts:
    place = np.concatenate([*walked.places, np.zeros(0, np.int64)])
    starts = np.concatenate([[0], np.cumsum([len(each) for each in walked.places])]).astype(np.int64)
    rows = walked.rows[place]
    local = local_us(columns.time[rows], zone)
    of = walked.instances
    run = np.searchsorted(of.begin, place, side="right") - 1
    run[(run >= 0) & (place >= np.append(of.stop, 0)[run])] = NONE
    fault, said, slow, late, timed = _experience(columns, plan, rows, starts)
    names = {name: f"data.{name}" if f"data.{name}" in PROMOTED else name for name in DIMENSIONS}
    return Attempts(
        plan=plan,
        starts=starts,
        row=rows,
        customer=walked.customer[place],
        time=columns.time[rows],
        day=(local // DAY_US).astype(np.int32),
        hour=(local % DAY_US // HOUR_US).astype(np.int8),
        fault=fault,
        slow=slow,
        late=late,
        said=said,
        timed=timed,
        run=run,
        dimensions={name: columns.text(column).take(rows) for name, column in names.items()},
        runs=_runs(columns, walked, starts),
    )


def _experience(columns: Columns, plan: Plan, rows: Int64, starts: Int64) -> tuple[Bool, ...]:
    """Fault, said, slow, late and timed, as `Attempts` says."""
    outcome = columns.text("outcome").take(rows)
    latency = columns.number("latency_ms")[rows]
    limit = np.full(len(rows), np.inf)
    steps = plan.definition.steps if plan.definition else ()
    for i, step in enumerate(steps):
        if step.target:
            limit[starts[i] : starts[i + 1]] = microseconds(step.target) / MICROSECONDS["ms"]
    timed = np.isfinite(limit) & ~np.isnan(latency)
    with np.errstate(invalid="ignore"):
        slow, late = timed & (latency > FRUSTRATED * limit), timed & (latency > limit)
    return outcome.is_word(Outcome.FAULT.value), outcome.codes != NONE, slow, late, timed


def _runs(columns: Columns, walked: _Walked, starts: Int64) -> Runs:
    of = walked.instances
    attempt = np.full(of.attempt.shape, NONE, np.int64)
    for step, places in enumerate(walked.places):
        there = of.attempt[:, step] != NONE
        attempt[there, step] = starts[step] + np.searchsorted(places, of.attempt[there, step])
    value = np.full(len(of.begin), np.nan)
    worth = columns.number("value")[walked.rows]
    told = np.flatnonzero(np.isfinite(worth))
    run = np.searchsorted(of.begin, told, side="right") - 1
    inside = run >= 0
    inside[inside] = told[inside] < of.stop[run[inside]]
    inside[inside] = of.end[run[inside]] == CONVERTED
    value[run[inside]] = worth[told[inside]]
    currency = columns.text("currency").take(walked.rows[told[inside]])
    used = np.unique(currency.codes[currency.codes != NONE])
    named = currency.words[int(used[0])] if len(used) == 1 else None
    return Runs(walked.customer[of.begin], attempt, of.end, value, named)
