"""What goes out as OCEL 2.0 comes in again unchanged, whatever it was, and another tool reads the same."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest
from file_reading import read, real
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import event, new_lake, stage
from ocel_files import Log, canonical, put_out, said, shop_log, taken_in, write_log

from towpath.events.envelope import Outcome, case_key, subject, subject_key
from towpath.events.exporting import Chosen, ExportFailed
from towpath.events.lake import Lake

FORMS = ("json", "sqlite")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
names = st.sampled_from(["shop", "desk#1", "a%b", "ocel.object"])
scalars = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), texts)
datas = st.dictionaries(texts, st.one_of(scalars, st.none(), st.booleans(), st.lists(scalars, max_size=2)))
moments = st.datetimes(datetime(1995, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (the zone is given beside)


@st.composite
def rows(draw: st.DrawFn, number: int) -> dict[str, Any]:
    row = event(
        number, **{name: draw(st.none() | texts) for name in ("identifier", "case", "session", "ticket")}
    )
    row |= {name: draw(st.none() | texts) for name in ("channel", "service", "team", "trace", "currency")}
    row |= {"source": draw(names), "id": f"{draw(texts)}{number}", "seq": draw(st.integers(-(2**62), 2**62))}
    row |= {"time": draw(moments), "type": draw(st.sampled_from(["pay", "ocel.object", "é \"'"]))}
    row |= {"outcome": draw(st.none() | st.sampled_from([str(each) for each in Outcome]))}
    row |= {
        "latency_ms": draw(st.none() | st.floats(0, 1e9)),
        "value": draw(st.none() | st.floats(-1e9, 1e9)),
    }
    further = [each for each in dict.fromkeys(draw(st.lists(texts, max_size=2))) if each != row["identifier"]]
    row["identifiers"] = json.dumps(further, ensure_ascii=False, separators=(",", ":")) if further else None
    row["data"] = draw(st.none() | datas.map(json.dumps))
    row["key"] = subject_key(subject(row["identifier"], row["case"], row["source"], row["service"]))
    row["case_key"] = case_key(row["source"], row["case"]) if row["case"] else None
    return row


@st.composite
def logs(draw: st.DrawFn) -> Log:
    log = shop_log()
    things = [each["id"] for each in log["objects"]]
    when = moments.map(lambda moment: moment.isoformat())
    values = {"amount": st.floats(0, 1e6), "count": st.integers(0, 9), "note": texts, "ok": st.booleans()}
    types = {"amount": "float", "count": "integer", "note": "string", "ok": "boolean"}
    declared = [{"name": name, "type": types[name]} for name in types]
    log["eventTypes"].append({"name": "drawn", "attributes": declared})
    log["objectTypes"].append({"name": "thing", "attributes": declared})
    for number in range(draw(st.integers(2, 6))):
        chosen = draw(st.sets(st.sampled_from(sorted(values))))
        attributes = [{"name": name, "value": draw(values[name])} for name in sorted(chosen)]
        named = draw(st.sets(st.sampled_from(things), max_size=3))
        relations = [{"objectId": one, "qualifier": draw(texts)} for one in sorted(named)]
        log["events"].append(
            {"id": f"x{number}", "type": "drawn", "time": draw(when), "attributes": attributes,
             "relationships": relations}
        )  # fmt: skip
        at = draw(st.sets(when, min_size=len(chosen), max_size=len(chosen)))
        changes = [{**each, "time": time} for each, time in zip(attributes, sorted(at), strict=True)]
        log["objects"].append(
            {"id": f"t{number}", "type": "thing", "attributes": changes, "relationships": relations}
        )
    return log


def lake_of(folder: Path, found: list[dict[str, Any]]) -> Lake:
    lake = new_lake(folder)
    lake.absorb(stage(folder, "rows", found))
    return lake


def held(lake: Lake) -> list[dict[str, Any]]:
    """The lake's rows without when they were received; `data` as what it says."""
    table = lake.snapshot().query(
        "select * exclude (month, bucket, received) from events order by source, id"
    )
    return [{**row, "data": row["data"] and json.loads(row["data"])} for row in table.to_pylist()]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=3, deadline=None)
@given(st.data())
def test_events_from_elsewhere_come_back_as_they_were(form: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(6, 12))
    found = [data.draw(rows(number)) for number in range(count)]
    with TemporaryDirectory() as folder:
        first = lake_of(Path(folder), found)
        out = put_out(first, Path(folder, f"first.{form}"))
        second = taken_in(out, Path(folder, "again"))
        assert held(second) == held(first)
        if form == "json":
            assert put_out(second, Path(folder, "second.json")).read_bytes() == out.read_bytes()


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=3, deadline=None)
@given(logs())
def test_a_log_goes_out_as_it_came_in(form: str, log: Log) -> None:
    with TemporaryDirectory() as folder:
        lake = taken_in(write_log(Path(folder, "log.json"), log), Path(folder, "one"))
        out = put_out(lake, Path(folder, f"out.{form}"))
        if form == "sqlite":
            lake = taken_in(out, Path(folder, "two"))
            out = put_out(lake, Path(folder, "out.json"))
        types = {"eventTypes", "objectTypes"}
        assert {k: v for k, v in said(out).items() if k not in types} == {
            k: v for k, v in canonical(log).items() if k not in types
        }
        for name in types:
            assert {each["name"] for each in said(out)[name]} == {each["name"] for each in log[name]}


@pytest.mark.parametrize("form", FORMS)
def test_a_mixture_of_both_comes_in_again_and_goes_out_the_same(tmp_path: Path, form: str) -> None:
    lake = taken_in(write_log(tmp_path / "log.json", shop_log()), tmp_path / "one")
    lake.absorb(stage(tmp_path, "rows", [event(number, type="pay") for number in range(5)]))
    first = put_out(lake, tmp_path / f"first.{form}")
    again = taken_in(first, tmp_path / "two")
    assert again.snapshot().rows == lake.snapshot().rows
    one = put_out(lake, tmp_path / "one.json")
    assert said(put_out(again, tmp_path / "two.json")) == said(one)


def test_an_event_that_only_says_to_be_another_goes_out_as_towpaths_own(tmp_path: Path) -> None:
    same = shop_log()["events"][0]
    marked = {**same, "id": "e3", "attributes": [{"name": "towpath", "value": 1}]}
    taken = {**same, "id": "towpath:shop#e1"}
    said_to_be = {"e1": same, "e2": same, "e3": marked, "towpath:shop#e1": taken}
    found = [
        event(
            number,
            id=one,
            source="desk" if one == "e2" else "shop",
            data=json.dumps({"ocel": {"event": each}}),
        )
        for number, (one, each) in enumerate(said_to_be.items())
    ]
    log = said(put_out(lake_of(tmp_path, found), tmp_path / "out.json"))
    own = {"towpath:desk#e2", "towpath:shop#e3", "towpath:shop#towpath:shop#e1"}
    assert {each["id"] for each in log["events"]} == {"e1", *own}
    assert {each["type"] for each in log["objects"] if each["id"] in ("c1", "o1")} == {"unknown"}
    again = taken_in(tmp_path / "out.json", tmp_path / "again")
    assert said(put_out(again, tmp_path / "again.json")) == log


def test_of_two_sources_that_hold_one_id_the_second_goes_out_as_towpaths_own(tmp_path: Path) -> None:
    data = json.dumps({"ocel": {"event": shop_log()["events"][0]}})
    found = [
        event(number, id="e1", source=source, data=data) for number, source in enumerate(["shop", "desk"])
    ]
    log = said(put_out(lake_of(tmp_path, found), tmp_path / "out.json"))
    assert [each["id"] for each in log["events"]] == ["e1", "towpath:desk#e1"]


@pytest.mark.parametrize(
    "data", ["no json", "[1]", '{"a": ' + "[" * 3_000 + "]" * 3_000 + "}", '{"a": "\\ud800"}']
)
def test_data_that_is_no_object_goes_out_and_comes_in_as_a_text(tmp_path: Path, data: str) -> None:
    first = put_out(lake_of(tmp_path, [event(1, data=data)]), tmp_path / "first.json")
    again = put_out(taken_in(first, tmp_path / "again"), tmp_path / "again.json")
    assert again.read_bytes() == first.read_bytes()


def test_a_part_brings_only_the_objects_that_it_names(tmp_path: Path) -> None:
    lake = taken_in(write_log(tmp_path / "log.json", shop_log()), tmp_path)
    first_day = datetime(2024, 3, 2, tzinfo=UTC)
    chosen = Chosen(types=("order",), end=first_day + timedelta(hours=1))
    part = said(put_out(lake, tmp_path / "part.json", chosen))
    assert [each["id"] for each in part["events"]] == ["e1"]
    assert [each["id"] for each in part["objects"]] == ["c1", "o1"]
    relations = [each["relationships"] for each in part["objects"]]
    assert relations == [[], [{"objectId": "c1", "qualifier": "placed by"}]]
    assert len(taken_in(tmp_path / "part.json", tmp_path / "again").snapshot().files) == 1


def test_names_that_sqlite_cannot_hold_are_told(tmp_path: Path) -> None:
    log = shop_log()
    log["events"][0]["attributes"].append({"name": "Amount", "value": 1})
    lake = taken_in(write_log(tmp_path / "log.json", log), tmp_path)
    with pytest.raises(ExportFailed, match=r"duplicate column name: Amount.*choose a name that ends \.json"):
        put_out(lake, tmp_path / "out.sqlite")


def read_by_pm4py(path: Path) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        return (pm4py.read_ocel2_json if path.suffix == ".json" else pm4py.read_ocel2_sqlite)(str(path))


@pytest.mark.parametrize("form", FORMS)
def test_pm4py_reads_the_same(tmp_path: Path, form: str) -> None:
    lake = taken_in(write_log(tmp_path / "log.json", shop_log()), tmp_path)
    lake.absorb(stage(tmp_path, "rows", [event(number) for number in range(5)]))
    path = put_out(lake, tmp_path / f"out.{form}")
    log = said(put_out(lake, tmp_path / "out.json"))
    found = read_by_pm4py(path)
    assert len(found.events) == len(log["events"]) == 8
    named = {one["objectId"] for each in log["events"] for one in each["relationships"]}
    assert set(found.relations["ocel:oid"]) == named
    assert len(found.relations) == sum(len(each["relationships"]) for each in log["events"]) == 17
    assert dict(found.relations["ocel:type"].value_counts()) == {"customer": 9, "case": 5, "order": 3}
    qualifiers = set(zip(found.relations["ocel:oid"], found.relations["ocel:qualifier"], strict=True))
    assert {("c2", "receiver"), ("o1", "order"), ("towpath:case:shop#order-1", "case")} <= qualifiers
    # pm4py leaves out objects that no event names, such as the item.
    assert set(found.o2o["ocel:qualifier"]) == {"friend", "placed by"}
    assert list(found.object_changes["price"]) == [8.0]


def test_a_real_log_comes_back_whole_and_pm4py_counts_the_same(tmp_path: Path) -> None:
    path = real("bpic2013-volvo") / "closed_problems.xes.gz"
    mapping = """
        source: problems
        format: xes
        events: {time: "time:timestamp", type: "concept:name", case: "case:concept:name"}
    """
    lake = taken_in(path, tmp_path, read(path, dedent(mapping)))
    out = put_out(lake, tmp_path / "out.json")
    assert held(taken_in(out, tmp_path / "again")) == held(lake)
    found = read_by_pm4py(out)
    assert (len(found.events), len(found.relations), len(found.objects)) == (6_660, 6_660, 1_487)
