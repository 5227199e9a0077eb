"""Taking back what a source no longer says of a case, wherever in the lake it lies."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import batch, event, everything, import_rows, new_lake, stage

from towpath.events.lake import Lake
from towpath.events.lake import withdrawing as module
from towpath.events.lake.log import Turn
from towpath.events.lake.withdrawing import Told, Withdrawn, told_by

Row = dict[str, Any]


def movement(ticket: str, number: int, /, **more: Any) -> Row:
    """An event of a ticket, a month's third after the one before."""
    named = {"source": "desk", "id": f"{ticket}-{number}", "ticket": ticket, "case": ticket}
    return event(number * 240, **{**named, **more})


def said(folder: Path, name: str, rows: list[Row], but: frozenset[str] = frozenset()) -> Told:
    staging = stage(folder, name, rows)
    return told_by([file for files in staging.months().values() for file in files], but)


def taken_back(lake: Lake, folder: Path, name: str, rows: list[Row]) -> Withdrawn:
    told = said(folder, name, rows)
    import_rows(lake, folder, name, rows)
    return lake.withdraw(told)


def ids(lake: Lake) -> set[str]:
    return {row["id"] for row in everything(lake.snapshot())}


HISTORIES = st.dictionaries(st.sampled_from("abcd"), st.sets(st.integers(0, 12), max_size=6), max_size=4)


@settings(deadline=None, max_examples=15)
@given(st.lists(HISTORIES, min_size=2, max_size=4), st.sampled_from([1, 3, 2_000_000]))
def test_the_lake_holds_what_was_told_last_of_each_ticket(
    files: list[dict[str, set[int]]], bucket_rows: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lake = new_lake(folder, bucket_rows=bucket_rows)
        expected: dict[str, set[int]] = {}
        import_rows(lake, folder, "others", [event(number, case="a", ticket="a") for number in range(5)])
        for number, histories in enumerate(files):
            rows = [movement(ticket, each) for ticket, told in histories.items() for each in sorted(told)]
            expected.update({ticket: told for ticket, told in histories.items() if told})
            if rows:
                taken_back(lake, folder, f"import-{number}", rows)
        others = {f"e{number}" for number in range(5)}
        assert ids(lake) == others | {
            f"{ticket}-{each}" for ticket, told in expected.items() for each in told
        }


def test_what_lies_in_the_tail_is_taken_back_too(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    with lake.writing() as tail:
        rows = [movement("a", 1), movement("a", 2), movement("b", 1)]
        tail.append(Turn("inbox", 1), pa.Table.from_batches([batch(rows)]))
    done = taken_back(lake, tmp_path, "one", [movement("a", 2)])
    assert done.events == 1
    assert ids(lake) == {"a-2", "b-1"}


def test_cases_of_other_sources_and_those_left_out_stay(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    elsewhere = movement("a", 9, source="shop", id="shop-9")
    import_rows(lake, tmp_path, "one", [movement("a", 1), movement("b", 1), elsewhere])
    told = said(tmp_path, "two", [movement("a", 2), movement("b", 2)], frozenset({"b"}))
    import_rows(lake, tmp_path, "two", [movement("a", 2), movement("b", 2)])
    assert lake.withdraw(told).events == 1
    assert ids(lake) == {"a-2", "b-1", "b-2", "shop-9"}


def test_a_case_stands_for_the_ticket_where_none_is_named(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", [movement("a", 1, ticket=None)])
    assert taken_back(lake, tmp_path, "two", [movement("a", 2, ticket=None)]).events == 1
    nameless = movement("c", 1, ticket=None, case=None)
    import_rows(lake, tmp_path, "three", [nameless])
    assert taken_back(lake, tmp_path, "four", [movement("d", 2, ticket=None, case=None)]).events == 0


def test_what_was_taken_back_may_come_again_and_may_go_again(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    for number, rows in enumerate([[1, 2], [1], [1, 2], [1]]):
        taken_back(lake, tmp_path, f"import-{number}", [movement("a", each) for each in rows])
        assert ids(lake) == {f"a-{each}" for each in rows}


def test_killed_before_the_commit_the_lake_is_as_it_was_and_the_same_again_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", [movement("a", 1), movement("a", 2)])
    told = said(tmp_path, "two", [movement("a", 1)])
    rewrite = module.rewrite_files

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "rewrite_files", killed)
    with pytest.raises(KeyboardInterrupt):
        lake.withdraw(told)
    assert ids(lake) == {"a-1", "a-2"}
    monkeypatch.setattr(module, "rewrite_files", rewrite)
    assert lake.withdraw(told) == Withdrawn(1, ("2011-11",))
    assert lake.withdraw(told) == Withdrawn()
