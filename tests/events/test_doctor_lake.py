"""Each thing that can be wrong with the lake is broken on purpose, and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lake_rows import batch, event, everything, import_rows, new_lake

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Lake
from towpath.events.lake.checking import Kind, Trouble
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import Change, Turn
from towpath.events.lake.mending import leftovers, orphans, rebuild_index, remove_orphans
from towpath.events.lake.storage import SOURCES_KEY
from towpath.events.lake.writing import EventWriter


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two months in the body, one flush in the tail."""
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", [event(number) for number in range(120)])
    flush(lake, 1, range(200, 210))
    return lake


def flush(lake: Lake, number: int, numbers: range) -> None:
    with lake.writing() as tail:
        tail.append(
            Turn("inbox-1", number), pa.Table.from_batches([batch([event(each) for each in numbers])])
        )


def troubles(lake: Lake) -> list[Trouble]:
    return list(lake.check().troubles())


def kinds(lake: Lake) -> set[Kind]:
    return {each.kind for each in troubles(lake)}


def body_file(lake: Lake) -> tuple[EventFile, Path]:
    file = next(file for file in lake.snapshot().files if not file.in_tail)
    folder = lake.snapshot().store.local
    assert folder is not None
    return file, folder / file.path


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    with pq.ParquetFile(path) as file:
        sources = file.metadata.metadata[SOURCES_KEY]
        rows = change(file.read())
    pq.write_table(rows.replace_schema_metadata({SOURCES_KEY: sources}), path)


def index_files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "lake/index").glob("*.high"))


def test_a_lake_that_is_well_has_nothing_to_tell(lake: Lake) -> None:
    assert troubles(lake) == []


def test_two_rows_that_were_swapped_are_found(lake: Lake) -> None:
    file, path = body_file(lake)

    def swapped(rows: pa.Table) -> pa.Table:
        return rows.take([1, 0, *range(2, len(rows))])

    rewrite(path, swapped)
    (found,) = troubles(lake)
    assert (found.kind, found.where, found.count) == (Kind.UNSORTED, file.path, 1)


def test_rows_that_differ_in_their_id_alone_must_be_in_order_too(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", [event(1, id=each, seq=7) for each in ("a", "b", "ä")])
    assert troubles(lake) == []
    rewrite(body_file(lake)[1], lambda rows: rows.take([1, 0, 2]))
    assert kinds(lake) == {Kind.UNSORTED}


def test_a_file_that_is_gone_or_cut_short_is_found(lake: Lake) -> None:
    file, path = body_file(lake)
    path.write_bytes(path.read_bytes()[:100])
    assert [(each.kind, each.where) for each in troubles(lake)] == [(Kind.UNREADABLE, file.path)]
    path.unlink()
    (found,) = troubles(lake)
    assert (found.kind, found.where, found.count) == (Kind.MISSING, file.path, file.rows)


def test_a_flipped_byte_in_the_rows_is_found(lake: Lake) -> None:
    _file, path = body_file(lake)
    content = bytearray(path.read_bytes())
    with pq.ParquetFile(path) as file:
        chunk = file.metadata.row_group(0).column(EVENT_SCHEMA.get_field_index("id"))
    at = (chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size // 2
    for place in range(at - 4, at + 4):
        content[place] ^= 0xFF
    path.write_bytes(content)
    assert kinds(lake)


def test_rows_too_few_strange_columns_and_wrong_months_are_found(lake: Lake) -> None:
    _file, path = body_file(lake)
    whole = path.read_bytes()
    rewrite(path, lambda rows: rows.slice(1))
    assert kinds(lake) == {Kind.ROWS}
    path.write_bytes(whole)
    rewrite(path, lambda rows: rows.append_column("extra", pa.array([1] * len(rows))))
    (found,) = troubles(lake)
    assert (found.kind, found.told) == (Kind.SCHEMA, "extra (int64)")
    path.write_bytes(whole)

    def a_year_later(rows: pa.Table) -> pa.Table:
        moved = pa.array([year.replace(year=2012) for year in rows["time"].to_pylist()], rows["time"].type)
        return rows.set_column(rows.schema.get_field_index("time"), rows.schema.field("time"), moved)

    rewrite(path, a_year_later)
    assert {Kind.MISPLACED, Kind.TIMES} <= kinds(lake)


def test_an_event_doubled_by_a_foreign_commit_is_named(lake: Lake) -> None:
    with (
        lake.still() as body,
        EventWriter(body.log.store, "tail", 0, 1, "by-hand") as writer,
    ):
        writer.append(batch([event(3)]))
        version = body.log.commit(Change(Turn("somebody", 1), (writer.finish(),), (), {}))
        body.index.mark(version)
    (found,) = troubles(lake)
    assert (found.kind, found.count) == (Kind.DOUBLED, 1)
    assert "shop e3 in month=2011-10" in found.told
    assert "by-hand" in found.told


def test_a_lost_run_of_the_index_is_found_and_made_again(lake: Lake, tmp_path: Path) -> None:
    index_files(tmp_path)[0].unlink()
    assert kinds(lake) == {Kind.INDEX_BROKEN}
    with lake.still() as body:
        assert rebuild_index(body.index, body.log) >= 130
    assert troubles(lake) == []


def test_events_that_the_index_does_not_know_are_counted(lake: Lake) -> None:
    with lake.still() as body:
        version = body.index.version
        body.index.reload()
        body.index.forget_all()
        body.index.mark(version if version >= 0 else 2)
    found = next(each for each in troubles(lake) if each.kind is Kind.UNKNOWN)
    assert found.count == 130


def test_an_index_that_merely_lags_is_well_and_one_ahead_is_not(lake: Lake) -> None:
    newest = lake.snapshot().version
    with lake.still() as body:
        body.index.reload()
        body.index.mark(newest - 1)
    assert troubles(lake) == []
    with lake.still() as body:
        body.index.mark(newest + 5)
    assert kinds(lake) == {Kind.INDEX_AHEAD}


def test_orphans_are_told_from_files_that_readers_may_still_need(lake: Lake, tmp_path: Path) -> None:
    lake.compact(force=True)
    with lake.still() as body:
        log = body.log
    assert orphans(log) == {}
    stray = tmp_path / "lake/events/month=2011-10/bucket=0000-of-0001/stray.parquet"
    stray.write_bytes(b"nothing")
    intended = stray.with_name("intended.parquet")
    intended.write_bytes(b"half")
    path = "month=2011-10/bucket=0000-of-0001/intended.parquet"
    log.store.write_json("_intents/body/note.json", {"writer": "compaction", "turn": 99, "paths": [path]})
    assert orphans(log) == {"month=2011-10/bucket=0000-of-0001/stray.parquet": 7}
    with lake.still():
        assert leftovers(log) == ["_intents/body/note.json"]
        assert remove_orphans(log) == (1, 7)
        assert leftovers(log) == []
    assert not stray.exists()
    assert not intended.exists()
    assert len(everything(lake.snapshot())) == 130
