"""Sorted runs become one log of whole entities, and parts of figures add up to the figures of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import first_touch, funnel
from towpath.analytics.kernels.joining import LEFT_OUT, Log, Runs, join
from towpath.analytics.sequences import Sequences

EVENTS = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 9), st.sampled_from([0, 1, 2, LEFT_OUT])), max_size=12
)
SOME = settings(max_examples=100, deadline=None)
Event = tuple[int, int, int]


def joined(runs: list[list[Event]], nobodys: list[int], *, replaces: bool) -> tuple[list[Event], list[int]]:
    """Events of the log, and the starts of its entities."""
    rows = np.array([row for run in runs for row in run], np.int64).reshape(-1, 3)
    bounds = np.cumsum([0, *map(len, runs)])
    size = len(rows)
    out = Log(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint16),
        np.empty(size + 1, np.int64),
        np.empty(size, np.int64),
    )
    columns = Runs(bounds, rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].astype(np.uint16))
    events, entities, _equal, torn = join(columns, np.array(nobodys, np.int64), replaces, out)
    assert torn < 0
    assert rows[out.rows[:events]].tolist() == [
        list(row) for row in zip(out.entity[:events], out.time[:events], out.code[:events], strict=True)
    ]
    log = list(zip(out.entity.tolist(), out.time.tolist(), out.code.tolist(), strict=True))[:events]
    return log, out.starts[: entities + 1].tolist()


def month_after_month(months: list[list[Event]]) -> list[list[Event]]:
    """Runs by entity and time, each later than the one before."""
    return [
        sorted((entity, time + 10 * number, code) for entity, time, code in month)
        for number, month in enumerate(months)
    ]


@SOME
@given(st.lists(EVENTS, min_size=1, max_size=4), st.sets(st.integers(-3, 3), max_size=2))
def test_runs_are_joined_as_if_everything_were_sorted(months: list[list[Event]], nobodys: set[int]) -> None:
    runs = month_after_month(months)
    log, starts = joined(runs, sorted(nobodys), replaces=False)
    kept = [row for run in runs for row in run if row[2] != LEFT_OUT and row[0] not in nobodys]
    assert log == sorted(kept, key=lambda row: row[:2])
    entities = [row[0] for row in log]
    assert starts == [at for at, each in enumerate(entities) if entities[:at][-1:] != [each]] + [len(log)]


@SOME
@given(EVENTS, EVENTS)
def test_the_last_run_can_take_the_place_of_the_others(settled: list[Event], mixed: list[Event]) -> None:
    runs = month_after_month([settled, mixed])
    log, _starts = joined(runs, [], replaces=True)
    replaced = {row[0] for row in runs[1]}
    kept = [row for row in runs[0] if row[0] not in replaced] + runs[1]
    assert log == sorted((row for row in kept if row[2] != LEFT_OUT), key=lambda row: row[:2])


def test_events_of_a_file_out_of_order_are_noticed() -> None:
    rows = Runs(np.array([0, 2]), np.array([1, 1]), np.array([5, 4]), np.array([0, 0], np.uint16))
    room = Log(*(np.empty(3, kind) for kind in (np.int64, np.int64, np.uint16, np.int64, np.int64)))
    assert join(rows, np.empty(0, np.int64), False, room)[3] == 1


def stories(entities: range) -> Sequences:
    chance = np.random.default_rng(entities.start)
    size = 20 * len(entities)
    return Sequences(
        entity=np.repeat(np.array(entities), 20),
        time=np.sort(chance.integers(0, 1_000, (len(entities), 20)), axis=1).reshape(size),
        code=chance.integers(0, 4, size).astype(np.uint16),
        masks=np.array([1, 2, 4, 8], np.uint64),
        tie=None,
        activities=("a", "b", "c", "end"),
    )


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    spec = funnel.FunnelSpec(3, 300, terminals=8)
    partials = [funnel.partial(stories(part), spec) for part in (range(50), range(50, 80))]
    together = funnel.total([funnel.finish(each, 900) for each in partials])
    assert together == funnel.finish(funnel.merge(partials), 900)
    with pytest.raises(ValueError, match="differ"):
        funnel.total([funnel.finish(partials[0], 900), funnel.finish(partials[1], 901)])


def test_times_apart_have_the_quantiles_of_the_whole() -> None:
    spec = first_touch.FirstTouchSpec(3, 300)
    partials = [first_touch.partial(stories(part), spec) for part in (range(50), range(50, 80))]
    whole = first_touch.finish(first_touch.merge(partials))
    parts = first_touch.merge_apart([first_touch.apart(each) for each in partials])
    assert first_touch.finish(parts) == whole
