from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from file_reading import GOOD, HEADER, LOG, NOW, SHOP, event, read, shop, trace, write, write_gzip, xes
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.events.importers.identity import SeenRows
from towpath.events.importers.repair import repair
from towpath.events.mapping_text import load_mapping

BY_ID = SHOP + "  id: order\n"


def test_the_same_file_gives_the_same_ids_and_equal_rows_stay_two(tmp_path: Path) -> None:
    path = shop(tmp_path, GOOD, GOOD, GOOD.replace("o1", "o2"), GOOD)
    first, second = read(path, SHOP), read(path, SHOP, chunk_rows=2)
    assert first.ids == second.ids
    assert len(set(first.ids)) == 4


def test_an_export_that_goes_on_repeats_the_ids_of_the_one_before(tmp_path: Path) -> None:
    rows = [GOOD.replace("o1", f"o{at % 40}") for at in range(100)]
    before = read(shop(tmp_path, *rows[:60]), SHOP, chunk_rows=7)
    after = read(shop(tmp_path, *rows), SHOP)
    assert after.ids[:60] == before.ids


def test_refused_rows_do_not_change_the_ids_of_others(tmp_path: Path) -> None:
    future = GOOD.replace("2026-05-01", "2026-07-04")
    path = shop(tmp_path, future, future)
    early = read(path, SHOP)
    assert len(early.refused) == 2
    assert [each.nth for each in early.refused] == [0, 1]
    mapping = load_mapping(SHOP, "m")
    late = [
        repair(each.raw, mapping, each.place, seq=each.seq, nth=each.nth, now=NOW.replace(month=8))
        for each in early.refused
    ]
    ids = [batch["id"][0].as_py() for batch in late if isinstance(batch, pa.RecordBatch)]
    assert len(set(ids)) == 2
    assert [batch["seq"][0].as_py() for batch in late if isinstance(batch, pa.RecordBatch)] == [0, 1]


def test_an_id_used_twice_counts_once_or_is_refused(tmp_path: Path) -> None:
    path = shop(tmp_path, GOOD, GOOD.replace("pay", "ship"), GOOD, GOOD.replace("o1", "o2"), GOOD)
    for rows in (2, 100):
        found = read(path, BY_ID, chunk_rows=rows)
        assert found.ids == ["o1", "o2"]
        assert sum(chunk.repeated for chunk in found.chunks) == 2
        assert found.reasons == [("line 3", "id used twice with different content; the first row keeps it")]


@pytest.mark.parametrize("mapping", [SHOP, BY_ID])
def test_an_import_goes_on_at_any_chunk_as_if_it_had_not_stopped(tmp_path: Path, mapping: str) -> None:
    rows = [GOOD.replace("o1", f"o{at % 17}") for at in range(95)]
    rows[30] = "broken\n"
    rows[60] = GOOD.replace("pay", "")
    path = write_gzip(tmp_path, HEADER + "".join(rows))
    whole = read(path, mapping, chunk_rows=10)
    for at, chunk in enumerate(whole.chunks):
        position = json.loads(json.dumps(chunk.position))
        rest = read(path, mapping, resume_from=position)
        assert [each.batch for each in rest.chunks] == [each.batch for each in whole.chunks[at + 1 :]]
        assert [each.refused for each in rest.chunks] == [each.refused for each in whole.chunks[at + 1 :]]
        assert [each.rows_read for each in rest.chunks] == [each.rows_read for each in whole.chunks[at + 1 :]]


def test_a_log_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = write(tmp_path, xes(*(trace(f"c{at}", event("A"), event("A"), event("B")) for at in range(30))))
    whole = read(path, LOG, chunk_rows=25)
    rest = read(path, LOG, resume_from=whole.chunks[1].position)
    assert rest.ids == whole.ids[50:]
    assert [each["seq"] for each in rest.events] == list(range(50, 90))


def test_going_on_with_another_file_or_mapping_is_refused(tmp_path: Path) -> None:
    path = shop(tmp_path, GOOD)
    position = read(path, SHOP).chunks[0].position
    assert "The mapping has changed" in str(read(path, BY_ID, resume_from=position).failure)
    changed = shop(tmp_path, GOOD, GOOD)
    assert "The file has changed" in str(read(changed, SHOP, resume_from=position).failure)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 12), max_size=12), max_size=8),
    st.sampled_from([4, 1_000]),
)
def test_counting_agrees_with_a_dictionary_in_memory_and_on_disk(chunks: list[list[int]], spill: int) -> None:
    seen, expected = SeenRows(spill), Counter[int]()
    for chunk in chunks:
        counts = seen.count(np.array(chunk, np.uint64)).tolist()
        for key, count in zip(chunk, counts, strict=True):
            assert count == expected[key]
            expected[key] += 1


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=9), max_size=8),
    st.sampled_from([4, 1_000]),
)
def test_claiming_agrees_with_a_dictionary_in_memory_and_on_disk(
    chunks: list[list[tuple[int, int]]], spill: int
) -> None:
    seen, owners = SeenRows(spill), dict[int, int]()
    for chunk in chunks:
        ids = np.array([key for key, _ in chunk], np.uint64)
        same, clash = seen.claim(ids, np.array([content for _, content in chunk], np.uint64))
        for at, (key, content) in enumerate(chunk):
            known = key in owners
            assert (same[at], clash[at]) == (
                known and owners[key] == content,
                known and owners[key] != content,
            )
            owners.setdefault(key, content)


def test_a_mended_row_is_the_row_that_a_mended_file_would_give(tmp_path: Path) -> None:
    bad = GOOD.replace("pay", "")
    (refused,) = read(shop(tmp_path, bad), SHOP).refused
    mended = json.loads(refused.raw) | {"what": "pay"}
    batch = repair(json.dumps(mended), load_mapping(SHOP, "m"), refused.place, seq=refused.seq, now=NOW)
    assert isinstance(batch, pa.RecordBatch)
    assert batch.to_pylist() == read(shop(tmp_path, GOOD), SHOP).events


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("{", "this is not JSON"),
        ("[1]", "not an object"),
        ('{"(line)": "2026,pay"}', "'(line)' is not a column"),
        ('{"at": "2026-05-01"}', "no type"),
        ('{"at": "2026-05-01", "what": "x\\u0000"}', "NUL"),
    ],
)
def test_a_row_that_is_still_wrong_is_refused_again(raw: str, reason: str) -> None:
    refused = repair(raw, load_mapping(SHOP, "m"), "line 7", seq=5, nth=1, now=NOW)
    assert not isinstance(refused, pa.RecordBatch)
    assert (refused.place, refused.seq, refused.nth) == ("line 7", 5, 1)
    assert reason in refused.reason
