# ruff: noqa: PLR0917 (columns side by side)
"""Journey events to measure on: customers who come along eight steps, try again, turn back, leave, return.

A part of the customers at a time, each from a random stream of its own, so that any number can be made in
little memory and always comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from towpath.events.envelope import EVENT_SCHEMA

STEPS = (
    "viewed", "configured", "basket.filled", "signed.in", "address.given", "paid", "confirmed", "delivered",
)  # fmt: skip
CHANNELS = ("web", "app", "phone", "shop", "chat", "mail")
COMPONENTS = ("catalogue", "basket", "accounts", "payment", "orders", "logistics")
COMPONENT_OF = np.array([0, 0, 1, 2, 2, 3, 4, 5])
OUTCOMES = ("ok", "fault", "mistake")
SOURCE = "shop"
DAYS = 90
DAY_US = 86_400_000_000
BEGIN_US = 1_767_225_600_000_000
"""2026-01-01, UTC."""
EVENTS_EACH = 10
PART_CUSTOMERS = 200_000
ROUNDS = 60

ADVANCES = np.array([0.65, 0.67, 0.73, 0.78, 0.80, 0.76, 0.86, 0.0])
RETRIES, TURNS_BACK, STARTS_OVER = 0.09, 0.045, 0.045
RETURNS = 0.4
"""Share of those who left or were served that come again, days later."""
PAUSE_S = np.array([60.0, 180.0, 240.0, 60.0, 120.0, 90.0, 30.0, 150_000.0])
"""Median seconds before the step."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """Events of some customers, customer after customer, each in order. Times: UTC microseconds."""

    customer: Ints
    key: Ints
    time: Ints
    step: npt.NDArray[np.int8]
    channel: npt.NDArray[np.int8]
    outcome: npt.NDArray[np.int8]
    latency_ms: npt.NDArray[np.float64]


def parts(events: int) -> Iterator[Part]:
    """So many events of a tenth as many customers."""
    customers, made = events // EVENTS_EACH, 0
    for first in range(0, customers, PART_CUSTOMERS):
        part = _part(first, min(PART_CUSTOMERS, customers - first))
        yield part
        made += len(part.time)


def _part(first: int, customers: int) -> Part:
    chance = np.random.default_rng([first, 4])
    day, hour = chance.integers(0, DAYS, customers), chance.normal(15, 4, customers) % 24
    now = (day * DAY_US + hour * 3_600e6 + chance.integers(0, 3_600_000_000, customers)).astype(np.int64)
    home = chance.choice(len(CHANNELS), customers, p=[0.42, 0.3, 0.1, 0.08, 0.06, 0.04])
    who, step, seen = np.arange(customers), np.zeros(customers, np.int64), []
    for _round in range(ROUNDS):
        inside = now < DAYS * DAY_US
        who, step, now = who[inside], step[inside], now[inside]
        if not len(who):
            break
        seen.append((who, now, step))
        who, step, now = _onwards(chance, who, step, now)
    whose, times, steps = (np.concatenate(column) for column in zip(*seen, strict=True))
    order = np.lexsort((times, whose))
    return _dressed(chance, first, home, whose[order], times[order], steps[order])


def _onwards(chance: np.random.Generator, who: Ints, step: Ints, now: Ints) -> tuple[Ints, Ints, Ints]:
    """Who comes again, at which step, and when."""
    drawn, last = chance.random(len(who)), len(STEPS) - 1
    bounds = np.cumsum(
        np.column_stack(
            [ADVANCES[step], *(np.full(len(step), share) for share in (RETRIES, TURNS_BACK, STARTS_OVER))]
        ),
        axis=1,
    )
    kind = (drawn[:, None] >= bounds).sum(axis=1)
    returns = chance.random(len(who)) < RETURNS
    then = np.select(
        [kind == 0, kind == 1, kind == 2], [np.minimum(step + 1, last), step, np.maximum(step - 1, 0)], 0
    )
    seconds = np.exp(chance.normal(0, 1.2, len(who))) * PAUSE_S[then]
    away = kind == 4
    seconds = np.where(away, chance.exponential(9.0, len(who)) * 86_400 + 3_600, seconds)
    stays = ~away | returns
    return who[stays], then[stays], (now + (seconds * 1e6).astype(np.int64) + 1)[stays]


def _dressed(
    chance: np.random.Generator, first: int, home: Ints, whose: Ints, times: Ints, steps: Ints
) -> Part:
    elsewhere = chance.random(len(whose)) < 0.12
    channel = np.where(elsewhere, chance.integers(0, len(CHANNELS), len(whose)), home[whose])
    keys = np.array([_key(number) for number in range(first, first + len(home))], np.int64)
    return Part(
        customer=whose + first,
        key=keys[whose],
        time=times + BEGIN_US,
        step=steps.astype(np.int8),
        channel=channel.astype(np.int8),
        outcome=np.searchsorted([0.93, 0.97], chance.random(len(whose))).astype(np.int8),
        latency_ms=np.round(chance.lognormal(5.0, 0.8, len(whose)), 1),
    )


def _key(number: int) -> int:
    return int(np.uint64(xxhash.xxh3_64_intdigest(f"customer:account:{number}".encode())).astype(np.int64))


def table_of(part: Part, seq: int) -> pa.Table:
    """The part as the envelope has it, in the order of time, as events arrive; `seq`: of the first."""
    order = np.argsort(part.time, kind="stable")
    rows = len(order)
    time = pa.array(part.time[order], pa.timestamp("us", tz="UTC"))
    places = pa.array(np.arange(seq, seq + rows))
    customer = pa.array(part.customer[order]).cast(pa.string())
    columns: dict[str, pa.Array] = {
        "source": pa.array([SOURCE]).take(pa.array(np.zeros(rows, np.int8))),
        "id": places.cast(pa.string()),
        "seq": places,
        "time": time,
        "received": time,
        "type": pa.array(STEPS).take(pa.array(part.step[order])),
        "identifier": pa.compute.binary_join_element_wise("account", customer, ":"),
        "key": pa.array(part.key[order]),
        "channel": pa.array(CHANNELS).take(pa.array(part.channel[order])),
        "component": pa.array(COMPONENTS).take(pa.array(COMPONENT_OF[part.step[order]])),
        "outcome": pa.array(OUTCOMES).take(pa.array(part.outcome[order])),
        "latency_ms": pa.array(part.latency_ms[order]),
    }
    return pa.table(
        [columns.get(field.name, pa.nulls(rows, field.type)) for field in EVENT_SCHEMA], schema=EVENT_SCHEMA
    )
