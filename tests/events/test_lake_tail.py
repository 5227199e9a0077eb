"""Flushes, imports, compaction and joined customers in any order: readers see each event once, in order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import Row, batch, event, import_rows, in_order, stage

from towpath.events.envelope import EVENT_SCHEMA, subject, subject_key
from towpath.events.lake import Lake, Snapshot, units
from towpath.events.lake.compacting import due
from towpath.events.lake.erasing import Erased, Target
from towpath.events.lake.layout import TAIL, EventFile
from towpath.events.lake.log import Turn
from towpath.events.lake.moves import KeyTargets, Moves
from towpath.events.lake.reading import PLACE
from towpath.foundation.operations.blotting import Names

WIDE = list(EVENT_SCHEMA.names)


class Customers:
    """Who belongs to whom, as the records would say: what a lake asks for."""

    def __init__(self) -> None:
        self.today: dict[int, int] = {}
        self.unsettled: list[tuple[int, int]] = []

    def join(self, own: int, key: int) -> None:
        self.unsettled.append((own, self.today.get(own, own)))
        self.today[own] = key

    def moves(self) -> Moves:
        changed = {own: self.today[own] for own, _before in self.unsettled}
        return Moves.of(changed, [before for _own, before in self.unsettled])

    def pending(self) -> tuple[Moves, list[int]]:
        return self.moves(), list(range(len(self.unsettled)))

    def settle(self, changes: Iterable[int]) -> None:
        del self.unsettled[: len(list(changes))]

    def targets(self) -> KeyTargets:
        own = np.array(sorted(self.today), np.int64)
        return KeyTargets(own, np.array([self.today[each] for each in own.tolist()], np.int64))

    def seen(self, rows: Iterable[Row]) -> list[Row]:
        return in_order(row | {"key": self.today.get(own_key(row), own_key(row))} for row in rows)


def own_key(row: Row) -> int:
    return subject_key(subject(row["identifier"], row["case"], row["source"], row["service"]))


def a_lake(folder: Path, customers: Customers, *, bucket_rows: int = 2_000_000, tail_files: int = 64) -> Lake:
    lake = Lake(
        folder / "lake",
        bucket_rows=bucket_rows,
        moves=customers.moves,
        targets=customers.targets,
        tail_files=tail_files,
    )
    lake.create()
    return lake


def flush(lake: Lake, number: int, rows: list[Row]) -> int:
    with lake.writing() as tail:
        return tail.append(Turn("inbox-1", number), pa.Table.from_batches([batch(rows)]))


def by_units(snapshot: Snapshot, count: int, columns: list[str] = WIDE) -> list[Row]:
    return [row for unit in units(snapshot, count) for row in unit.read(columns).to_pylist()]


rows = st.lists(
    st.builds(
        lambda number, who, tick: event(
            number, identifier=who, id=f"e{number}", seq=0, time=event(tick * 200)["time"]
        ),
        st.integers(0, 60),
        st.sampled_from(["account:1", "mail:a", "device:x", "account:2", None]),
        st.integers(0, 4),
    ),
    max_size=12,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("flush"), rows),
        st.tuples(st.just("import"), rows),
        st.tuples(st.just("compact"), st.booleans()),
        st.tuples(
            st.just("join"),
            st.sampled_from(["account:1", "mail:a", "device:x"]),
            st.sampled_from(["account:1", "account:2", "mail:a"]),
        ),
    ),
    max_size=9,
)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_whatever_happens_each_event_is_seen_once_in_order_under_todays_customer(taken: list[tuple]) -> None:
    with TemporaryDirectory() as name:
        customers = Customers()
        lake = a_lake(Path(name), customers, bucket_rows=5)
        known: dict[str, Row] = {}
        for number, (what, *given_) in enumerate(taken, start=1):
            if what in ("flush", "import"):
                fresh: dict[str, Row] = {}
                for row in given_[0]:
                    if row["id"] not in known:
                        fresh.setdefault(row["id"], row)
                if what == "flush" and given_[0]:
                    assert flush(lake, number, given_[0]) == len(fresh)
                elif given_[0]:
                    assert import_rows(lake, Path(name), f"i{number}", given_[0]).written == len(fresh)
                known |= fresh
            elif what == "compact":
                lake.settle_keys(customers)
                lake.compact(force=given_[0])
            else:
                own, key = (subject_key(f"customer:{each}") for each in given_)
                customers.join(own, key)
            _check(lake.snapshot(), customers.seen(known.values()))


def _check(snapshot: Snapshot, expected: list[Row]) -> None:
    assert snapshot.rows == len(expected)
    assert in_order(snapshot.query("select * exclude (month, bucket) from events").to_pylist()) == expected
    for count in (1, 4):
        assert by_units(snapshot, count) == expected
        assert [row["type"] for row in by_units(snapshot, count, ["type"])] == [
            row["type"] for row in expected
        ]
    some = [row["key"] for row in expected][:2]
    assert snapshot.read(WIDE, keys=some).to_pylist() == [row for row in expected if row["key"] in some]


@settings(max_examples=10, deadline=None)
@given(rows, rows, st.booleans())
def test_a_place_tells_where_a_row_stands_in_the_body_or_among_the_loose(
    first: list[Row], second: list[Row], joined: bool
) -> None:
    with TemporaryDirectory() as name:
        customers = Customers()
        lake = a_lake(Path(name), customers)
        if first:
            import_rows(lake, Path(name), "one", first)
        if second:
            flush(lake, 1, second)
        if joined:
            customers.join(subject_key("customer:mail:a"), subject_key("customer:account:1"))
        for unit in units(lake.snapshot(), 2):
            settled, loose = unit.settled().read(["id"]), unit.loose(["id"])
            standing = [*settled["id"].to_pylist(), *(loose["id"].to_pylist() if loose is not None else [])]
            read = unit.read(["id", PLACE])
            assert [standing[place] for place in read[PLACE].to_pylist()] == read["id"].to_pylist()


def test_a_join_that_is_undone_gives_back_what_was_seen_before(tmp_path: Path) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers)
    import_rows(lake, tmp_path, "one", [event(number) for number in range(40)])
    before = by_units(lake.snapshot(), 2)
    one, two = (subject_key(f"customer:mail:customer-{number}@shop.example") for number in (1, 2))
    for target in (two, one):
        customers.join(one, target)
        lake.settle_keys(customers)
        keys = {row["key"] for row in by_units(lake.snapshot(), 2)}
        assert (one in keys) == (target == one)
    assert by_units(lake.snapshot(), 2) == before


def test_a_small_year_stays_a_handful_of_files(tmp_path: Path) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers)
    for week in range(52):
        flush(lake, week + 1, [event(week * 168 + hour) for hour in range(0, 168, 12)])
        lake.compact(force=week % 8 == 7)
    files = lake.snapshot().files
    assert len(files) < 60
    assert sum(not file.in_tail for file in files) <= 13


@pytest.mark.parametrize("lost", ["all", "manifest", "a run"])
def test_an_index_that_was_lost_is_made_again_from_the_lake(tmp_path: Path, lost: str) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers)
    import_rows(lake, tmp_path, "one", [event(number) for number in range(30)])
    flush(lake, 1, [event(number) for number in range(20, 50)])
    folder = tmp_path / "lake" / "index"
    for file in folder.iterdir():
        if lost == "all" or (file.name == "manifest.json") == (lost == "manifest"):
            file.unlink()
    again = a_lake(tmp_path, customers)
    assert flush(again, 2, [event(number) for number in range(60)]) == 10
    assert again.absorb(stage(tmp_path, "two", [event(number) for number in range(70)])).written == 10
    assert again.snapshot().rows == 70


def test_a_customer_that_is_taken_out_leaves_no_trace_in_any_file(tmp_path: Path) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers, bucket_rows=20)
    secret = "mail:customer-1@shop.example"
    import_rows(lake, tmp_path, "one", [event(number * 9) for number in range(60)])
    talk = [
        event(700 + n, identifier=f"account:{n}", data='{"to": "Customer-1@shop.example"}') for n in range(3)
    ]
    flush(lake, 1, [*talk, *(event(number) for number in range(800, 830))])
    before = by_units(lake.snapshot(), 2)
    target = Target(frozenset([subject_key(f"customer:{secret}")]), Names.of([secret]))
    erased = lake.erase(target)
    after = by_units(lake.snapshot(), 2)
    assert erased.removed == len(before) - len(after) == sum(row["identifier"] == secret for row in before)
    assert erased.blotted == 3
    assert [row["data"] for row in after if row["id"] in ("e700", "e701")] == ['{"to": "(forgotten)"}'] * 2
    for file in (tmp_path / "lake").rglob("*"):
        if file.suffix == ".parquet" and "_delta_log" not in file.parts:
            assert not target.names.are_in(str(pq.read_table(file).to_pylist()))
        elif file.is_file():
            assert b"customer-1@" not in file.read_bytes().lower()
    assert lake.erase(target) == Erased()
    assert flush(lake, 2, [event(0), event(9), event(2000)]) == 1, "a replay brings nothing back"


def test_names_are_blotted_out_as_whole_words_only() -> None:
    names = Names.of(["crm:1234", "flag:true", "mail:rosa@post.example", "phone:+49301234567", 'x:say "h1"!'])
    for untouched in (
        '{"amount": 12345, "is": 1234, "on": true}',
        "crm:91234 crm:12345 acrm:1234",
        "x.rosa@post.example rosa@post.example.org xrosa@post.example rosa@post.example-shop",
        "+4930123456789",
    ):
        assert names.blotted(untouched) == untouched
        assert not names.are_in(untouched)
    assert names.blotted('{"a": "CRM:1234", "b": "to Rosa@post.example,rosa@post.example."}') == (
        '{"a": "(forgotten)", "b": "to (forgotten),(forgotten)."}'
    )
    assert names.blotted('["say \\"h1\\"!", "+49301234567"]') == '["(forgotten)", "(forgotten)"]'


def test_names_beside_escapes_and_marks_are_blotted_out_by_both_engines() -> None:
    names = Names.of(["mail:rosa@post.example", "session:12e456"])
    notes = ["called\nrosa@post.example", "\trosa@post.example", "-rosa@post.example", "_rosa@post.example_",
             "...rosa@post.example...", "\u201crosa@post.example\u201d"]  # fmt: skip
    texts = [json.dumps({"note": note}, ensure_ascii=ascii) for note in notes for ascii in (True, False)]
    others = ['{"n": 12e456}', "J\u00fcrosa@post.example", '{"to": "x.rosa@post.example"}']
    arrow = pc.match_substring_regex(pa.array(texts + others), names.pattern, ignore_case=True).to_pylist()
    assert arrow == [names.are_in(text) for text in texts + others] == [True] * len(texts) + [False] * 3
    assert not any("rosa" in str(json.loads(names.blotted(text))) for text in texts)
    assert [names.blotted(text) for text in others] == others


def test_others_events_stay_true_to_their_keys_and_their_json(tmp_path: Path) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers)
    others = [
        event(1, identifier="crm:91234", case="order-12340", data='{"amount": 12345}'),
        event(2, identifier="account:7", case="crm:1234", data='{"of": "crm:1234,crm:1234", "n": 1234}'),
    ]
    import_rows(lake, tmp_path, "one", [*others, event(3, identifier="crm:1234")])
    lake.erase(Target(frozenset([subject_key("customer:crm:1234")]), Names.of(["crm:1234"])))
    others[1]["data"] = '{"of": "(forgotten),(forgotten)", "n": 1234}'
    assert by_units(lake.snapshot(), 1) == in_order(others)


def test_many_small_flushes_beside_a_large_month_become_one_file_and_the_month_stays(tmp_path: Path) -> None:
    customers = Customers()
    lake = a_lake(tmp_path, customers, tail_files=4)
    import_rows(lake, tmp_path, "large", [event(number % 300, id=f"l{number}") for number in range(400)])
    body = [file.path for file in lake.snapshot().files]
    for number in range(1, 5):
        flush(lake, number, [event(number, id=f"late-{number}")])
    before = by_units(lake.snapshot(), 2)
    lake.compact()
    files = lake.snapshot().files
    assert [file.path for file in files if not file.in_tail] == body
    assert sum(file.in_tail for file in files) == 1
    assert by_units(lake.snapshot(), 2) == before
    assert flush(lake, 9, [event(1, id="late-1"), event(1, id="late-9")]) == 1


def test_what_is_worth_doing_to_a_tail() -> None:
    now = datetime(2024, 5, 20, tzinfo=UTC)

    def file(month: str, rows: int, age_h: float = 0.0) -> EventFile:
        day = now if month == TAIL else datetime.strptime(f"{month}-15", "%Y-%m-%d").replace(tzinfo=UTC)
        return EventFile("p", month, 0, 1, rows, 1, day, day, now - timedelta(hours=age_h))

    month = file("2024-05", 1_000_000)
    assert due([month], now) is None
    assert due([month, file(TAIL, 10)], now) is None
    assert due([month, *[file(TAIL, 10)] * 64], now) == "fold"
    assert due([month, file(TAIL, 10, age_h=25)], now) == "compact"
    assert due([month, file(TAIL, 60_000, age_h=1)], now) == "compact"
    assert due([month, file(TAIL, 60_000)], now) is None
    assert due([file("2024-01", 10**8), *[file(TAIL, 10)] * 64], now) == "compact"
    assert due([month, file(TAIL, 2_000_000)], now) == "compact"
