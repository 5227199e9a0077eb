"""What the body holds after imports, and how it lies on disk."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import START, Row, batch, event, everything, import_rows, in_order, new_lake

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Snapshot, Staging, log, storage, units
from towpath.events.lake.layout import bucket_bounds, buckets_of, key_range

KEYS = st.one_of(st.integers(-(1 << 63), (1 << 63) - 1), st.sampled_from([-(1 << 63), -1, 0, (1 << 63) - 1]))
ROWS = st.builds(
    lambda number, source, hours, key: event(
        number, source=source, time=START + timedelta(hours=hours), seq=hours, key=key
    ),
    st.integers(0, 30),
    st.sampled_from(["shop", "app"]),
    st.integers(0, 24 * 60),
    KEYS,
)
IMPORTS = st.lists(st.lists(ROWS, max_size=20), min_size=1, max_size=3)


def check_layout(snapshot: Snapshot) -> None:
    for file in snapshot.files:
        table = pq.ParquetFile(Path(snapshot.store.local or "") / file.path).read()
        rows = table.to_pylist()
        low, high = key_range(file.bucket, file.of)
        assert table.schema.equals(EVENT_SCHEMA)
        assert rows == in_order(rows)
        assert {f"{row['time']:%Y-%m}" for row in rows} == {file.month}
        assert all(low <= row["key"] <= high for row in rows)
        assert (file.rows, file.min_time) == (len(rows), min(row["time"] for row in rows))
        assert file.max_time == max(row["time"] for row in rows)
        assert file.bytes == (Path(snapshot.store.local or "") / file.path).stat().st_size


@settings(max_examples=10, deadline=None)
@given(imports=IMPORTS, flush=st.integers(1, 12), cut=st.integers(1, 5))
def test_the_body_equals_a_dictionary_by_source_and_id(
    imports: list[list[Row]], flush: int, cut: int
) -> None:
    model: dict[tuple[str, str], Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder), bucket_rows=4)
        for number, rows in enumerate(imports):
            staging = Staging(Path(folder) / "staging", f"import-{number}", flush_rows=flush)
            for start in range(0, len(rows), 7):
                staging.append(batch(rows[start : start + 7]))
            before = len(model)
            for row in rows:
                model.setdefault((row["source"], row["id"]), row)
            absorbed = lake.absorb(staging)
            assert (absorbed.written, absorbed.already_there) == (
                len(model) - before,
                len(rows) - len(model) + before,
            )
        snapshot = lake.snapshot()
        assert everything(snapshot) == in_order(model.values())
        check_layout(snapshot)
        read = [row for unit in units(snapshot, cut) for row in unit.read(EVENT_SCHEMA.names).to_pylist()]
        assert read == in_order(model.values())
        for source in {source for source, _id in model}:
            mine = [row for row in model.values() if row["source"] == source]
            assert snapshot.sources()[source] == len(mine)
            assert snapshot.watermarks()[source] == max(row["time"] for row in mine)


def test_a_month_is_cut_into_more_buckets_as_it_grows(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, bucket_rows=50)
    spread = [event(number, time=START, key=key_range(number % 200, 200)[0]) for number in range(230)]
    counts = []
    for start, end in ((0, 49), (49, 60), (60, 130), (130, 230)):
        import_rows(lake, tmp_path, f"part-{end}", spread[start:end])
        counts.append({file.of for file in lake.snapshot().files})
    assert counts == [{1}, {2}, {4}, {8}]
    check_layout(lake.snapshot())
    assert everything(lake.snapshot()) == in_order(spread)


def test_only_the_buckets_with_new_events_are_written_anew(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, bucket_rows=50)
    import_rows(lake, tmp_path, "one", [event(n, time=START, key=key_range(n, 120)[0]) for n in range(120)])
    before = {file.path for file in lake.snapshot().files}
    import_rows(lake, tmp_path, "two", [event(500, time=START, key=0)])
    after = {file.path for file in lake.snapshot().files}
    assert len(before) == len(after) == 4
    assert len(after - before) == 1


@pytest.mark.parametrize(
    ("rows", "buckets"),
    [(0, 1), (1_999_999, 1), (2_000_000, 2), (3_999_999, 2), (4_000_000, 4), (20_000_000, 16)],
)
def test_a_month_below_two_million_events_has_one_bucket_and_then_powers_of_two(
    rows: int, buckets: int
) -> None:
    assert buckets_of(rows) == buckets


def test_buckets_nest_and_keep_the_order_of_keys() -> None:
    assert set(bucket_bounds(4).tolist()) < set(bucket_bounds(8).tolist())
    assert [key_range(part, 2) for part in range(2)] == [(-(1 << 63), -1), (0, (1 << 63) - 1)]


def test_the_first_of_several_events_with_one_identity_stays_whatever_its_month(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    first, later = event(1, type="first"), event(1, type="later", time=START + timedelta(days=90))
    result = import_rows(lake, tmp_path, "one", [first, later, event(2)])
    assert (result.written, result.already_there, result.months) == (2, 1, ("2011-10",))
    again = import_rows(lake, tmp_path, "two", [later])
    assert (again.written, again.already_there, again.months) == (0, 1, ())
    assert everything(lake.snapshot()) == in_order([first, event(2)])


def test_importing_the_same_rows_again_makes_no_new_version(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    rows = [event(number) for number in range(50)]
    import_rows(lake, tmp_path, "one", rows)
    before = lake.snapshot()
    import_rows(lake, tmp_path, "two", rows[::-1])
    assert lake.snapshot() == before


def test_an_import_that_goes_on_later_counts_all_its_parts(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    rows = [event(number * 100) for number in range(30)]
    assert import_rows(lake, tmp_path, "one", rows[:20]).written == 20
    result = import_rows(lake, tmp_path, "one", rows)
    assert (result.written, result.already_there) == (30, 0)
    assert result.months == ("2011-10", "2011-11", "2011-12", "2012-01", "2012-02")
    assert everything(lake.snapshot()) == in_order(rows)


def test_months_are_those_of_utc(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    edge = datetime(2012, 1, 1, tzinfo=UTC)
    rows = [
        event(1, time=edge - timedelta(microseconds=1)),
        event(2, time=edge),
        event(3, time=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ]
    import_rows(lake, tmp_path, "one", rows)
    assert [(file.month, file.rows) for file in lake.snapshot().files] == [
        ("1969-12", 1),
        ("2011-12", 1),
        ("2012-01", 1),
    ]
    assert everything(lake.snapshot()) == in_order(rows)
    check_layout(lake.snapshot())


def test_the_log_holds_no_identifier(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    rows = [
        event(number, identifier="mail:planted@secret.example", id=f"planted-{number}") for number in range(9)
    ]
    for number, row in enumerate(rows):
        import_rows(lake, tmp_path, f"import-{number}", [row])
    lake.vacuum(timedelta(0))
    DeltaTable(tmp_path / "lake" / "events").create_checkpoint()
    logs = [
        file.read_bytes()
        for file in (tmp_path / "lake" / "events" / "_delta_log").rglob("*")
        if file.is_file()
    ]
    assert len(logs) > len(rows)
    assert not [log for log in logs if b"planted" in log or b"secret.example" in log]


def test_an_older_table_without_a_column_is_read_and_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        place = log.TABLE_SCHEMA.get_field_index("trace")
        older.setattr(log, "TABLE_SCHEMA", log.TABLE_SCHEMA.remove(place))
        lake = new_lake(tmp_path)
        import_rows(lake, tmp_path, "old", [event(1)])
    before = lake.snapshot()
    file = before.paths()[0]
    kept = {storage.SOURCES_KEY: pq.read_metadata(file).metadata[storage.SOURCES_KEY]}
    narrow = pq.read_table(file, partitioning=None).drop_columns("trace").replace_schema_metadata(kept)
    pq.write_table(narrow, file)
    assert units(before, 1)[0].read(["id", "trace"]).to_pylist() == [{"id": "e1", "trace": None}]
    assert everything(before) == [event(1)]
    import_rows(lake, tmp_path, "new", [event(2, trace="t")])
    assert everything(lake.snapshot()) == in_order([event(1), event(2, trace="t")])
    assert "trace" in DeltaTable(tmp_path / "lake" / "events").schema().to_json()
