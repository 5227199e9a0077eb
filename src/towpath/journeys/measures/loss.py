"""Loss together with a bad experience: first attempts at a step, whether they were bad, and who was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics import funnel
from towpath.analytics.funnel import Class
from towpath.analytics.instances import instances_of
from towpath.analytics.loss import Loss, Units, loss_together_with
from towpath.analytics.sequences import NONE
from towpath.events.envelope import Outcome
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.funnel import funnel_spec
from towpath.journeys.measures.selection import Selection, selected
from towpath.journeys.rules.durations import MICROSECONDS, microseconds

COLUMNS = ("outcome", "latency_ms", "channel", "value", "currency", "key")
FRUSTRATED = 4
"""Slower than so many times the target is frustrated (Apdex)."""
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attempts:
    """First attempts at one step. `known`: whether the events said enough to tell a bad experience (an
    outcome, or a
    latency where the step has a target)."""

    entity: Int64
    bad: Bool
    known: Bool
    lost: Bool
    channel: npt.NDArray[np.object_]
    returning: Bool
    time: Int64
    customer: Int64
    value: Floats
    currency: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class StepLoss:
    """What can be said of one step; `loss` is None where no attempt says how it went."""

    step: int
    attempts: int
    known: int
    currency: str | None
    loss: Loss | None


def measure_loss(evidence: Evidence, selection: Selection) -> list[StepLoss]:
    """Every step's loss together with a bad experience. The open are left out: nobody knows yet."""
    by_step = attempts(evidence, selection)
    return [_step_loss(step, found) for step, found in enumerate(by_step)]


def attempts(evidence: Evidence, selection: Selection) -> list[Attempts]:
    """The first attempts at each step in the latest journey of each entity whose fate is known.

    A retry at the entry belongs to the same journey, so that the attempt that went wrong counts.
    """
    found: list[list[Attempts]] = [[] for _step in range(evidence.plan.steps)]
    for part in selected(evidence, selection, COLUMNS):
        for step, each in enumerate(_of_batch(part.batch, evidence, selection)):
            found[step].append(each)
    return [_joined(parts) for parts in found]


def _of_batch(batch: Batch, evidence: Evidence, selection: Selection) -> Iterator[Attempts]:
    plan, s = evidence.plan, batch.sequences
    spec = funnel_spec(plan, selection)
    levels = funnel.partial(s, spec)
    fate = funnel.classify(levels, evidence.as_of_us)
    instances = instances_of(s, spec)
    latest = np.flatnonzero(np.append(instances.owner[1:] != instances.owner[:-1], len(instances.owner) > 0))
    worth = _final_values(batch, levels.entities.converted_at)
    targets = [step.target for step in plan.definition.steps] if plan.definition else []
    for step, target in enumerate(targets):
        entity, row = instances.owner[latest], instances.attempt[latest, step]
        used = (row != NONE) & (fate[entity] != Class.OPEN) & (fate[entity] != Class.NOT_ENTERED)
        entity, row, instance = entity[used], row[used], latest[used]
        bad, known = experience(batch.columns.take(pa.array(row)), target)
        yield Attempts(
            entity=s.entities[entity],
            bad=bad,
            known=known,
            lost=fate[entity] == Class.LOST,
            channel=_words(batch.columns["channel"].take(pa.array(instances.begin[instance]))),
            returning=instances.earlier[instance],
            time=s.time[row],
            customer=batch.columns["key"].take(pa.array(row)).to_numpy(),
            value=worth[0][entity],
            currency=worth[1][entity],
        )


def experience(events: pa.Table, target: str) -> tuple[Bool, Bool]:
    """Whether each attempt was a fault or frustrated, and whether its event says."""
    outcome = events["outcome"].cast(pa.string())
    bad = pc.equal(outcome, Outcome.FAULT.value).fill_null(False).to_numpy()
    known = pc.is_valid(outcome).to_numpy()
    if target:
        limit = FRUSTRATED * microseconds(target) / MICROSECONDS["ms"]
        latency = events["latency_ms"]
        bad = bad | pc.greater(latency, limit).fill_null(False).to_numpy()
        known = known | pc.is_valid(latency).to_numpy()
    return bad, known


def _final_values(batch: Batch, converted_at: Int64) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Per entity the value and currency of its latest valued event up to conversion; 0 without a
    conversion."""
    s = batch.sequences
    value = batch.columns["value"].to_numpy()
    owner = np.repeat(np.arange(len(s.entities)), np.diff(s.starts))
    rows = np.flatnonzero(~np.isnan(value.astype(np.float64)) & (s.time <= converted_at[owner]))
    latest = np.full(len(s.entities), -1, np.int64)
    latest[owner[rows]] = rows
    there = latest >= 0
    worth = np.zeros(len(s.entities))
    worth[there] = value[latest[there]]
    currency = np.full(len(s.entities), None, np.object_)
    currency[there] = _words(batch.columns["currency"].take(pa.array(latest[there])))
    return worth, currency


def _words(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    return np.array(column.cast(pa.string()).to_pylist(), np.object_)


def _joined(parts: list[Attempts]) -> Attempts:
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Attempts.__dataclass_fields__
    }
    return Attempts(**columns)


def _step_loss(step: int, found: Attempts) -> StepLoss:
    currencies = {word for word in found.currency.tolist() if word is not None}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    known = found.known
    if not known.any():
        return StepLoss(step, len(found.entity), 0, currency, None)
    # Who does not say how it went is neither exposed nor spared.
    units = Units(
        exposed=found.bad[known],
        lost=found.lost[known],
        strata=[stratum[known] for stratum in _strata(found)],
        block=found.time[known] // MICROSECONDS["h"],
        customer=found.customer[known],
        value=found.value[known] if currency else None,
    )
    return StepLoss(step, len(found.entity), int(known.sum()), currency, loss_together_with(units))


def _strata(found: Attempts) -> list[Int64]:
    """From fine to coarse: channel, new or returning, and hour; day instead of hour; without either; channel.

    Never everybody together: exposed people without a like to compare with are what coverage tells.
    """
    channel = np.unique(found.channel.astype(str), return_inverse=True)[1]
    who = channel.astype(np.int64) * 2 + found.returning
    hour, day = found.time // MICROSECONDS["h"], found.time // MICROSECONDS["d"]
    return [_paired(who, hour), _paired(who, day), who, channel.astype(np.int64)]


def _paired(one: Int64, other: Int64) -> Int64:
    pairs = np.stack([one, other], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
