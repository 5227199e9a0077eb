"""Small event logs with many equal times, and the same logs as the analyses read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from towpath.analytics.sequences import Sequences

ALL_BITS = 6
"""Bits of the activities in these logs: four steps (or fewer), then a terminal, then an inside item."""


class Event(NamedTuple):
    """What one entity met; `ok` is whether its outcome was."""

    time: int
    mask: int
    ok: bool


Story = list[Event]
"""The events of one entity, in order."""


def masks() -> st.SearchStrategy[int]:
    """Mostly one activity, at times none or several."""
    one = st.integers(0, ALL_BITS - 1).map(lambda bit: 1 << bit)
    return st.one_of(one, one, one, st.integers(0, (1 << ALL_BITS) - 1))


def stories(most_events: int = 9) -> st.SearchStrategy[Story]:
    """Times lie close together, so that many are equal; some lie before 1970."""
    event = st.builds(Event, st.integers(-4, 12), masks(), st.booleans())
    return st.lists(event, min_size=1, max_size=most_events).map(
        lambda events: sorted(events, key=lambda e: e.time)
    )


def logs(most_entities: int = 6, most_events: int = 9) -> st.SearchStrategy[list[Story]]:
    """Stories of several entities."""
    return st.lists(stories(most_events), max_size=most_entities)


def sequences_of(log: Sequence[Story], first_entity: int = 100) -> Sequences:
    """Entities count down from `first_entity`, as the analyses may not rely on their order."""
    entity = [first_entity - i for i, story in enumerate(log) for _ in story]
    events = [event for story in log for event in story]
    return Sequences(
        entity=np.asarray(entity, np.int64),
        time=np.asarray([event.time for event in events], np.int64),
        code=np.asarray([event.mask for event in events], np.uint16),
        masks=np.arange(1 << ALL_BITS, dtype=np.uint64),
        tie=None,
        activities=tuple("abcdef"),
    )


def ok_of(log: Sequence[Story]) -> np.ndarray:
    """Whether each event's outcome was ok."""
    return np.asarray([event.ok for story in log for event in story], np.bool_)


def random_log(seed: int, entities: int = 1500) -> list[Story]:
    """A larger log for oracles that are asked once."""
    rng = np.random.default_rng(seed)
    log = []
    for _ in range(entities):
        size = int(rng.integers(1, 16))
        times = np.sort(rng.integers(0, 14, size))
        bits = rng.integers(0, ALL_BITS, size)
        more = np.where(rng.random(size) < 0.15, rng.integers(0, 1 << ALL_BITS, size), 0)
        log.append(
            [Event(int(t), int(m), bool(t % 3)) for t, m in zip(times, (1 << bits) | more, strict=True)]
        )
    return log


def table_of(log: Sequence[Story]) -> pa.Table:
    """For plain SQL: entity, its place in the order (`pos`), time `t`, `mask`."""
    rows = [(i, pos, *event[:2]) for i, story in enumerate(log) for pos, event in enumerate(story)]
    columns = zip(*rows, strict=True) if rows else [[]] * 4
    arrays = [pa.array(column, pa.int64()) for column in columns]
    return pa.table(dict(zip(("entity", "pos", "t", "mask"), arrays, strict=True)))


def halves(log: Sequence[Story], cut: int) -> list[Sequences]:
    """The same log as two parts."""
    return [sequences_of(log[:cut]), sequences_of(log[cut:], 100 - cut)]


def same_arrays(one: Any, other: Any) -> bool:
    """Whether two dataclasses hold equal arrays (or None) under every name."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all((a is None and b is None) or np.array_equal(a, b) for a, b in pairs)
