"""Reading the body: whole customers, single stories, cases, SQL."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import START, Row, event, everything, import_rows, in_order, new_lake
from pyarrow.fs import PyFileSystem

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Lake, SnapshotGone, storage, units
from towpath.events.lake.layout import key_range
from towpath.events.lake.reading import merge_order
from towpath.events.lake.storage import Store

ROWS = [
    event(
        number,
        source=("shop", "app")[number % 2],
        time=START + timedelta(days=number % 80, hours=number % 7),
        key=key_range(number % 13, 13)[0] + number % 13,
        type=("viewed", "bought", "asked")[number % 3],
    )
    for number in range(400)
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("reading")
    made = new_lake(folder, bucket_rows=60)
    import_rows(made, folder, "one", ROWS[:250])
    import_rows(made, folder, "two", ROWS[200:])
    return made


@pytest.mark.parametrize("count", [1, 2, 3, 8, 64])
def test_units_hold_whole_customers_in_order_and_every_event_once(lake: Lake, count: int) -> None:
    parts = [unit.read(EVENT_SCHEMA.names) for unit in units(lake.snapshot(), count)]
    keys = [set(part["key"].to_pylist()) for part in parts]
    assert len(parts) == count
    assert sum(len(part) for part in keys) == len(set.union(*keys)) == 13
    assert [row for part in parts for row in part.to_pylist()] == in_order(ROWS)
    assert all(part.schema.equals(EVENT_SCHEMA) for part in parts)


@settings(max_examples=20, deadline=None)
@given(
    start=st.none() | st.integers(-5, 90),
    end=st.none() | st.integers(-5, 90),
    sources=st.none() | st.lists(st.sampled_from(["shop", "app", "unknown"]), max_size=2),
    keys=st.lists(st.integers(0, 15), max_size=4),
)
def test_a_part_of_the_time_or_of_the_sources_is_what_a_filter_of_all_gives(
    lake: Lake, start: int | None, end: int | None, sources: list[str] | None, keys: list[int]
) -> None:
    first = None if start is None else START + timedelta(days=start)
    last = None if end is None else START + timedelta(days=end)
    wanted = [
        row
        for row in in_order(ROWS)
        if (first is None or row["time"] >= first)
        and (last is None or row["time"] < last)
        and (sources is None or row["source"] in sources)
    ]
    names = ["type", "case", "id"]
    snapshot = lake.snapshot()
    (unit,) = units(snapshot, 1)
    assert unit.read(names, sources=sources, start=first, end=last).to_pylist() == _only(wanted, names)
    chosen = [key_range(part, 13)[0] + part if part < 13 else part for part in keys]
    story = snapshot.read(names, keys=chosen, sources=sources, start=first, end=last)
    assert story.to_pylist() == _only([row for row in wanted if row["key"] in chosen], names)


def _only(rows: list[Row], names: list[str]) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]


def test_encoded_columns_share_one_dictionary(lake: Lake) -> None:
    (unit,) = units(lake.snapshot(), 1)
    read = unit.read(["type", "case"], encoded=["type"])
    assert read.schema.field("type").type == pa.dictionary(pa.int32(), pa.string())
    assert all(
        sorted(chunk.dictionary.to_pylist()) == ["asked", "bought", "viewed"] for chunk in read["type"].chunks
    )
    assert read["type"].cast(pa.string()).to_pylist() == [row["type"] for row in in_order(ROWS)]


def test_an_empty_lake_reads_as_empty_tables_of_the_right_types(tmp_path: Path) -> None:
    snapshot = new_lake(tmp_path).snapshot()
    (unit,) = units(snapshot, 1)
    assert (snapshot.rows, snapshot.sources(), snapshot.watermarks()) == (0, {}, {})
    assert unit.read(EVENT_SCHEMA.names).schema.equals(EVENT_SCHEMA)
    assert unit.read(["type"], encoded=["type"]).num_rows == 0
    assert snapshot.read(EVENT_SCHEMA.names, keys=[1]).schema.equals(EVENT_SCHEMA)
    assert snapshot.find_case("shop", "order-1").num_rows == 0
    assert snapshot.query("select count(*) as n from events").to_pylist() == [{"n": 0}]


def test_a_case_is_found_with_all_its_events_in_order(lake: Lake) -> None:
    found = lake.snapshot().find_case("shop", "order-2")
    mine = [row for row in ROWS if (row["source"], row["case"]) == ("shop", "order-2")]
    assert found.to_pylist() == sorted(
        mine, key=lambda row: (row["time"], row["seq"], row["source"], row["id"])
    )
    assert found.schema.equals(EVENT_SCHEMA)
    assert lake.snapshot().find_case("elsewhere", "order-2").num_rows == 0
    assert lake.snapshot().find_case("shop", "order-2", ["time", "key"]).column_names == ["time", "key"]


def test_sql_sees_the_envelope_and_the_month(lake: Lake) -> None:
    found = lake.snapshot().query(
        "select month, typeof(month) as kind, count(*) as events, max(time) as latest from events "
        "where source = $source and month >= $first group by all order by month",
        {"source": "shop", "first": "2011-12"},
    )
    mine = [row for row in ROWS if row["source"] == "shop"]
    for row in found.to_pylist():
        times = [event["time"] for event in mine if f"{event['time']:%Y-%m}" == row["month"]]
        assert (row["kind"], row["events"], row["latest"]) == ("VARCHAR", len(times), max(times))
    assert found["month"].to_pylist() == ["2011-12", "2012-01"]


def test_a_snapshot_stays_as_it_was_while_the_body_is_rewritten(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, bucket_rows=10)
    import_rows(lake, tmp_path, "one", ROWS[:20])
    pinned = lake.snapshot()
    import_rows(lake, tmp_path, "two", ROWS[20:90])
    assert lake.vacuum(timedelta(hours=1)) == 0
    assert everything(pinned) == in_order(ROWS[:20])
    assert units(pinned, 1)[0].read(EVENT_SCHEMA.names).to_pylist() == in_order(ROWS[:20])
    assert lake.snapshot(pinned.version) == pinned
    assert everything(lake.snapshot()) == in_order(ROWS[:90])


def test_after_a_vacuum_an_old_snapshot_says_that_it_is_gone(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", [event(1)])
    pinned = lake.snapshot()
    import_rows(lake, tmp_path, "two", [event(2)])
    assert lake.vacuum(timedelta(0)) == 1
    for read in (
        lambda: units(pinned, 1)[0].read(["id"]),
        lambda: pinned.read(["id"], keys=[1]),
        lambda: pinned.query("select count(*) from events"),
        pinned.sources,
    ):
        with pytest.raises(SnapshotGone, match="Take a new snapshot"):
            read()
    assert everything(lake.snapshot()) == in_order([event(1), event(2)])


def test_a_unit_travels_to_another_process(lake: Lake) -> None:
    unit = units(lake.snapshot(), 2)[1]
    unit.read(["id"])
    assert pickle.loads(pickle.dumps(unit)).read(["id"]).equals(unit.read(["id"]))  # noqa: S301 (our own)


def test_wrong_questions_are_refused(lake: Lake) -> None:
    (unit,) = units(lake.snapshot(), 1)
    with pytest.raises(ValueError, match="No such column of events: colour"):
        unit.read(["colour"])
    with pytest.raises(ValueError, match="has no time zone"):
        unit.read(["id"], start=datetime(2011, 10, 1))  # noqa: DTZ001 (what is refused)
    with pytest.raises(ValueError, match="1 part or more"):
        units(lake.snapshot(), 0)


def test_sql_cannot_load_extensions_or_reach_the_network(lake: Lake) -> None:
    with pytest.raises(Exception, match=r"(?i)httpfs|extension"):
        lake.snapshot().query("select * from read_parquet('https://shop.example/events.parquet')")


@given(st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=6).map(sorted), min_size=1, max_size=5))
def test_runs_are_merged_by_key_and_then_by_run(runs: list[list[int]]) -> None:
    arrays = [np.array(run, dtype=np.int64) for run in runs]
    joined = [(key, place) for place, key in enumerate(np.concatenate(arrays).tolist())]
    order = merge_order(arrays)
    assert (range(len(joined)) if order is None else order.tolist()) == [
        place for _key, place in sorted(joined)
    ] or (order is None and joined == sorted(joined))


def test_the_object_stores_door_reads_and_writes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the address is of this machine: all goes through deltalake's client, as for an object store."""
    monkeypatch.setattr(Store, "local", property(lambda store: None))
    monkeypatch.setattr(
        Store, "filesystem", property(lambda store: PyFileSystem(storage._ObjectStore(store.uri, None)))
    )
    (tmp_path / "lake" / "events").mkdir(parents=True)
    lake = Lake(str(tmp_path / "lake"), local=tmp_path, bucket_rows=60)
    lake.create()
    import_rows(lake, tmp_path, "one", ROWS[:150])
    import_rows(lake, tmp_path, "two", ROWS[100:])
    snapshot = lake.snapshot()
    assert everything(snapshot) == in_order(ROWS)
    assert [
        row for unit in units(snapshot, 4) for row in unit.read(EVENT_SCHEMA.names).to_pylist()
    ] == in_order(ROWS)
    assert all(path.startswith("file://") for path in snapshot.paths())
    months = snapshot.query("select distinct month from events order by month")["month"].to_pylist()
    assert months == sorted({f"{row['time']:%Y-%m}" for row in ROWS})


def test_a_lake_on_an_object_store_needs_a_place_for_its_lock() -> None:
    with pytest.raises(ValueError, match="needs `local`"):
        Lake("memory://lake")


def test_times_before_1970_and_in_one_microsecond_keep_their_order(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    old = datetime(1969, 7, 20, 20, 17, 39, 999_999, tzinfo=UTC)
    rows = [event(n, time=old, seq=n % 2, source=("b", "a")[n % 2], key=7) for n in range(8)]
    import_rows(lake, tmp_path, "one", rows[::-1])
    assert units(lake.snapshot(), 1)[0].read(EVENT_SCHEMA.names).to_pylist() == in_order(rows)
    assert lake.snapshot().watermarks() == {"a": old, "b": old}
