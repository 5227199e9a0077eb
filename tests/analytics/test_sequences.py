"""Reading event tables: what is accepted, what is refused, and that nothing compiles at first use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from event_logs import random_log, sequences_of

from towpath.analytics import after_loss, first_touch, flow, friction, funnel, turns, variants
from towpath.analytics.funnel import FunnelSpec
from towpath.analytics.kernels.compiling import KERNELS
from towpath.analytics.sequences import Sequences
from towpath.analytics.warm import warm

MICROSECONDS = pa.timestamp("us", tz="UTC")


def table(**changed: Any) -> pa.Table:
    columns = {
        "entity": pa.array([7, 7, -3], pa.int64()),
        "time": pa.array([10, 20, 5], MICROSECONDS),
        "code": pa.array([0, 1, 0], pa.uint16()),
    }
    return pa.table({name: column for name, column in (columns | changed).items() if column is not None})


def test_it_reads_a_table() -> None:
    for time in (pa.array([10, 20, 5], MICROSECONDS), pa.array([10, 20, 5], pa.int64())):
        sequences = Sequences.from_table(table(time=time), [1, 2], ["a", "b"])
        assert sequences.time.tolist() == [10, 20, 5]
        assert (sequences.starts.tolist(), sequences.entities.tolist()) == ([0, 2, 3], [7, -3])
        assert sequences.tie is None


def test_it_reads_a_table_of_several_chunks_and_an_empty_one() -> None:
    chunks = pa.concat_tables([table().slice(0, 1), table().slice(1)])
    assert Sequences.from_table(chunks, [1, 2], ["a", "b"]).starts.tolist() == [0, 2, 3]
    nothing = Sequences.from_table(table().slice(0, 0), [1], ["a"])
    assert (nothing.starts.tolist(), nothing.entities.tolist()) == ([0], [])


def test_ties_are_told_or_found_from_the_place_in_the_source() -> None:
    same_time = {"entity": pa.array([7, 7, 7, 8]), "time": pa.array([10, 10, 10, 10], MICROSECONDS)}
    same_time["code"] = pa.array([0, 0, 1, 1], pa.uint16())
    by_seq = table(**same_time, seq=pa.array([1, 1, 2, 2], pa.int64()))
    found = Sequences.from_table(by_seq, [1, 2], ["a", "b"]).tie
    assert found is not None
    assert found.tolist() == [False, True, False, False]
    told = Sequences.from_table(table(tie=pa.array([False, True, False])), [1, 2], ["a", "b"]).tie
    assert told is not None
    assert told.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time": None}, "no column 'time'; it has entity, code"),
        ({"code": pa.array([0, 1, 0], pa.int32())}, "Column 'code' is int32, it must be uint16"),
        ({"time": pa.array([1, 2, 3], pa.timestamp("ms", tz="UTC"))}, r"timestamp\[us, tz=UTC\] or int64"),
        ({"entity": pa.array([7, None, 8], pa.int64())}, "'entity' holds 1 nulls"),
        ({"code": pa.array([0, 2, 0], pa.uint16())}, "Code 2 has no mask: there are 2"),
        ({"entity": pa.array([7, 8, 7], pa.int64())}, "entity 7 lie in more than one place"),
        ({"time": pa.array([20, 10, 5], MICROSECONDS)}, "Event 1 of entity 7 is earlier"),
    ],
)
def test_it_refuses_a_table_it_would_misread(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Sequences.from_table(table(**wrong), [1, 2], ["a", "b"])


def test_it_refuses_activities_without_a_name_and_arrays_of_different_length() -> None:
    with pytest.raises(ValueError, match="sets bit 1, but only 1"):
        Sequences.from_table(table(), [1, 2], ["a"])
    with pytest.raises(ValueError, match="at most 64"):
        Sequences.from_table(table(), [1, 2], [str(i) for i in range(65)])
    short, masks = np.zeros(2, np.int64), np.ones(1, np.uint64)
    with pytest.raises(ValueError, match=r"'time' has shape \(1,\)"):
        Sequences(short, short[:1], short.astype(np.uint16), masks, None, ("a",))
    with pytest.raises(ValueError, match="one dimension"):
        Sequences(short, short, short.astype(np.uint16), masks[None], None, ("a",))


def test_nobody_can_write_to_what_an_analysis_reads() -> None:
    with pytest.raises(ValueError, match="read-only"):
        sequences_of(random_log(1, 2)).time[0] = 0


def test_a_real_analysis_compiles_nothing_that_set_up_has_not_compiled() -> None:
    warm()
    compiled = {kernel.py_func.__qualname__: len(kernel.signatures) for kernel in KERNELS}
    log = sequences_of(random_log(3, 40))
    arrow = pa.table({"entity": log.entity, "time": log.time, "code": log.code, "seq": log.time})
    sequences = Sequences.from_table(arrow, log.masks, log.activities)
    for spec in (
        FunnelSpec(4, 9, terminals=16),
        FunnelSpec(4, 9, optional=frozenset({1}), step_windows=(None, 3, 3, 3)),
        FunnelSpec(4, 9, "strict"),
        FunnelSpec(4, 9, "any"),
    ):
        funnel.partial(sequences, spec)
    first_touch.partial(sequences, first_touch.FirstTouchSpec(4, 9, 16))
    flow.partial(sequences)
    flow.entities_of_edge(sequences, 0, 1)
    variants.merge([variants.partial(sequences, variants.VariantsSpec(collapse=True))])
    turns.partial(sequences, turns.TurnsSpec(4, 2, (0, 1), 8, 5))
    friction.partial(sequences, friction.FrictionSpec(4, 16, 5))
    after_loss.partial(sequences, after_loss.AfterLossSpec(FunnelSpec(4, 9)))
    assert {kernel.py_func.__qualname__: len(kernel.signatures) for kernel in KERNELS} == compiled
