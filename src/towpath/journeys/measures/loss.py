"""Loss together with a bad experience: first attempts at a step, whether they were bad, and who was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.instances import CONVERTED, UNENDED, Instances, instances_of
from towpath.analytics.loss import Loss, Units, loss_together_with
from towpath.analytics.sequences import NONE
from towpath.events.envelope import Outcome
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.following import horizon_of
from towpath.journeys.measures.selected import selected
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import funnel_spec
from towpath.journeys.rules.durations import MICROSECONDS, microseconds

COLUMNS = ("outcome", "latency_ms", "channel", "value", "currency", "key")
FRUSTRATED = 4
"""Slower than so many times the target is frustrated (Apdex)."""
Int64 = npt.NDArray[np.int64]
Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attempts:
    """First attempts at one step, one a journey instance; times are UTC microseconds.

    `end`: the instance's own fate, as of `Instances`; `begin`: when it began; `furthest`: the highest step
    (from 0) that it met. `known`: whether the event said enough to tell a bad experience (an outcome, or a
    latency where the step has a target). `channel`, `currency`: numbers of words, -1 without.
    """

    entity: Int64
    begin: Int64
    end: Int8
    furthest: Int8
    time: Int64
    bad: Bool
    known: Bool
    channel: Int64
    returning: Bool
    customer: Int64
    value: Floats
    currency: Int64

    @property
    def lost(self) -> Bool:
        """bool[attempts]: neither came to the last step nor finished otherwise, within the horizon."""
        lost: Bool = self.end == UNENDED
        return lost


@dataclass(frozen=True, eq=False)
class Followed:
    """The first attempts at each step, of the instances that began at least the horizon before as-of.

    `followed`: how many instances these are; `left_out`: those that began later. `currencies`: the words.
    """

    horizon_us: int
    followed: int
    left_out: int
    steps: tuple[Attempts, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class StepLoss:
    """What can be said of one step; `loss` is None where no attempt says how it went."""

    step: int
    attempts: int
    known: int
    currency: str | None
    loss: Loss | None


def measure_loss(followed: Followed) -> list[StepLoss]:
    """Every step's loss together with a bad experience."""
    return [_step_loss(step, found, followed.currencies) for step, found in enumerate(followed.steps)]


def attempts(evidence: Evidence, selection: Selection) -> Followed:
    """The first attempts in every instance that begins in the selection's period and was followed to the end.

    A retry at the entry belongs to the same instance, so that the attempt that went wrong counts. To leave
    out only those who are open would keep, of those who came late, just the ones that were quick to finish.
    So the horizon is the selection's window; without one it is the journey's or, where fewer than half were
    followed for that, a shorter one, and instances are told apart and lost as if that were the window.
    Of the modes only `any` changes what ends an instance; the others are in order.
    """
    asked = replace(selection, by="", mode="any" if selection.mode == "any" else "ordered")
    horizon = selection.window_us or evidence.plan.window_us
    gathered = _gathered(evidence, asked, horizon)
    if selection.window_us is None:
        shorter = horizon_of(np.concatenate(gathered.ages), horizon)
        gathered = gathered if shorter == horizon else _gathered(evidence, asked, shorter)
        horizon = shorter
    age = np.concatenate(gathered.ages)
    followed = int(np.count_nonzero(age >= horizon))
    steps = tuple(_joined(parts) for parts in gathered.steps)
    return Followed(horizon, followed, len(age) - followed, steps, tuple(gathered.words["currency"]))


@dataclass(frozen=True, eq=False)
class _Gathered:
    """Parts by batch; `words` numbers channels and currencies, the same in every batch."""

    steps: list[list[Attempts]]
    ages: list[Int64] = field(default_factory=list)
    words: dict[str, dict[str, int]] = field(default_factory=lambda: {"channel": {}, "currency": {}})


def _gathered(evidence: Evidence, selection: Selection, horizon: int) -> _Gathered:
    found = _Gathered([[] for _step in range(evidence.plan.steps)])
    asked = replace(selection, window_us=horizon)
    for part in selected(evidence, asked, COLUMNS):
        s = part.batch.sequences
        instances = instances_of(s, funnel_spec(evidence.plan, asked))
        begin = s.time[instances.begin]
        first, last = selection.entered or (begin.min(initial=0), begin.max(initial=0) + 1)
        inside = (begin >= first) & (begin < last)
        age = evidence.as_of_us - begin
        found.ages.append(age[inside])
        taken = _Taken(part.batch, instances, np.flatnonzero(inside & (age >= horizon)), found.words)
        for step, each in enumerate(taken.by_step(evidence)):
            found.steps[step].append(each)
    return found


@dataclass(frozen=True, eq=False)
class _Taken:
    """The instances of a batch that count (int64, their places)."""

    batch: Batch
    instances: Instances
    places: Int64
    words: dict[str, dict[str, int]]

    def by_step(self, evidence: Evidence) -> Iterator[Attempts]:
        """First attempts at each step."""
        s, all_of, columns = self.batch.sequences, self.instances, self.batch.columns
        definition = evidence.plan.definition
        value, currency = _final_values(self.batch, all_of, self.words["currency"])
        customer = _customers(self.batch)
        furthest = (all_of.attempt != NONE) * np.arange(all_of.attempt.shape[1])
        for step, target in enumerate([step.target for step in definition.steps] if definition else []):
            places = self.places[all_of.attempt[self.places, step] != NONE]
            row, owner, begin = all_of.attempt[places, step], all_of.owner[places], all_of.begin[places]
            bad, known = experience(columns.select(["outcome", "latency_ms"]).take(pa.array(row)), target)
            yield Attempts(
                entity=s.entities[owner],
                begin=s.time[begin],
                end=all_of.end[places],
                furthest=furthest[places].max(axis=1, initial=0).astype(np.int8),
                time=s.time[row],
                bad=bad,
                known=known,
                channel=_numbered(columns["channel"].take(pa.array(begin)), self.words["channel"]),
                returning=all_of.earlier[places],
                customer=customer[owner],
                value=value[places],
                currency=currency[places],
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


def _final_values(batch: Batch, of: Instances, words: dict[str, int]) -> tuple[Floats, Int64]:
    """Per instance the value and currency of its last valued event; 0 and -1 unless it came to the last
    step."""
    worth, currency = np.zeros(len(of.begin)), np.full(len(of.begin), NONE, np.int64)
    rows = np.flatnonzero(np.isfinite(batch.columns["value"].to_numpy()))
    place = np.searchsorted(of.begin, rows, side="right") - 1
    inside = place >= 0
    inside[inside] = (rows[inside] < of.stop[place[inside]]) & (of.end[place[inside]] == CONVERTED)
    latest = np.full(len(of.begin), NONE, np.int64)
    latest[place[inside]] = rows[inside]
    there = np.flatnonzero(latest != NONE)
    taken = batch.columns.select(["value", "currency"]).take(pa.array(latest[there]))
    worth[there] = taken["value"].to_numpy()
    currency[there] = _numbered(taken["currency"], words)
    return worth, currency


def _customers(batch: Batch) -> Int64:
    """Per entity the customer whom it belongs to, so that the journeys of one are not taken for several's.

    A case belongs to the customer whom its events name first; their other keys are the case's own.
    """
    s, customer = batch.sequences, batch.sequences.entities.copy()
    key = batch.columns["key"].to_numpy()
    rows = np.flatnonzero(key != s.entity)[::-1]
    customer[np.searchsorted(s.starts, rows, side="right") - 1] = key[rows]
    return customer


def _numbered(column: pa.ChunkedArray, words: dict[str, int]) -> Int64:
    """A number for each word, -1 without one; `words` grows."""
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    numbers = [words.setdefault(word, len(words)) for word in coded.dictionary.to_pylist()]
    places = coded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    numbered: Int64 = np.array([*numbers, NONE], np.int64)[places]
    return numbered


def _joined(parts: list[Attempts]) -> Attempts:
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Attempts.__dataclass_fields__
    }
    return Attempts(**columns)


def _step_loss(step: int, found: Attempts, currencies: tuple[str, ...]) -> StepLoss:
    used = np.unique(found.currency[found.currency != NONE])
    currency = currencies[int(used[0])] if len(used) == 1 else None
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
    channel = found.channel + 1
    who = channel * 2 + found.returning
    hour, day = found.time // MICROSECONDS["h"], found.time // MICROSECONDS["d"]
    return [_paired(who, hour), _paired(who, day), who, channel]


def _paired(one: Int64, other: Int64) -> Int64:
    """A number for each pair."""
    least, most = other.min(initial=0), other.max(initial=0)
    paired: Int64 = one * (most - least + 1) + (other - least)
    return paired
