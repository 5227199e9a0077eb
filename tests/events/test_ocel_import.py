"""OCEL 2.0 in: what becomes of events, objects and types, and what is refused."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from file_reading import read
from ocel_files import Log, change, happened, put_out, shop_log, taken_in, write_log

from towpath.events.importers import ImportFailed
from towpath.events.importers.ocel_json import MAX_JSON_BYTES
from towpath.events.mapping import Pick, dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.sniffing import sniff

MAPPING = """
source: shop
format: ocel2
missing: []
events:
  time: time
  id: id
  seq: seq
  type: type
  identifier: {column: "object:customer/payer", prefix: "customer:"}
  case: object:order
  value: amount
data: rest
"""


@pytest.fixture
def log() -> Log:
    return shop_log()


@pytest.fixture
def path(tmp_path: Path, log: Log) -> Path:
    return write_log(tmp_path / "shop.json", log)


@pytest.fixture
def database(tmp_path: Path, path: Path) -> Path:
    return put_out(taken_in(path, tmp_path / "first"), tmp_path / "shop.sqlite")


def test_a_mapping_is_proposed_that_names_customer_and_case(path: Path) -> None:
    proposal = sniff(path)
    assert proposal.mapping.events["identifier"] == (Pick(column="object:customer", prefix="customer:"),)
    assert proposal.mapping.events["case"] == (Pick(column="object:order"),)
    assert load_mapping(dump_mapping(proposal.mapping), "again") == proposal.mapping
    assert "order is taken for the case" in " ".join(proposal.doubts)


def test_a_log_without_a_customer_says_which_types_it_has(tmp_path: Path) -> None:
    log = {"objects": [{"id": "m", "type": "machine"}], "events": [happened(1, "run", ("m", "on"))]}
    proposal = sniff(write_log(tmp_path / "log.json", log))
    assert "identifier" not in proposal.mapping.events
    assert "No type of object is called like a customer; types: machine (1 events)." in proposal.doubts[0]


def test_an_object_is_chosen_by_its_type_and_by_its_qualifier(path: Path) -> None:
    found = read(path, MAPPING)
    paid = next(event for event in found.events if event["id"] == "e2")
    assert (paid["identifier"], paid["case"], paid["value"], paid["seq"]) == ("customer:c1", "o1", 8.0, 2)
    assert json.loads(paid["data"]) == {"amount": 8.0, "ok": True, "ocel": {"event": shop_log()["events"][1]}}


def test_objects_and_types_are_events_at_the_time_of_their_first_event(path: Path) -> None:
    found = [event for event in read(path, MAPPING).events if event["type"] == "ocel.object"]
    assert {json.loads(event["data"])["ocel"]["object"]["id"]: event["time"].day for event in found} == {
        "c1": 1, "c2": 2, "i1": 1, "o1": 1, "o2": 3,
    }  # fmt: skip
    assert {event["seq"] for event in found} == {0}
    (types,) = (event for event in read(path, MAPPING).events if event["type"] == "ocel.types")
    assert types["time"] == datetime(2024, 3, 1, 10, tzinfo=UTC)


def test_both_forms_give_the_same_events(path: Path, database: Path) -> None:
    first, second = read(path, MAPPING), read(database, MAPPING)
    assert second.failure is None
    plain = [event for event in first.events if not event["type"].startswith("ocel.")]
    assert [event for event in second.events if not event["type"].startswith("ocel.")] == plain
    objects = {event["data"] for event in first.events if event["type"] == "ocel.object"}
    assert {event["data"] for event in second.events if event["type"] == "ocel.object"} == objects


def test_a_second_reading_gives_the_same_identities(path: Path, database: Path) -> None:
    for each in (path, database):
        assert read(each, MAPPING).ids == read(each, MAPPING, chunk_rows=2).ids


def test_a_packed_json_log_is_read(tmp_path: Path, path: Path) -> None:
    packed = tmp_path / "shop.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert sniff(packed).mapping.format == "ocel2"
    assert len(read(packed, MAPPING).events) == 9


def test_an_import_goes_on_where_it_was_stopped(path: Path) -> None:
    whole = read(path, MAPPING, chunk_rows=2)
    rest = read(path, MAPPING, chunk_rows=2, resume_from=whole.chunks[1].position)
    assert rest.ids == whole.ids[4:]


@pytest.mark.parametrize(
    ("wrong", "place", "reason"),
    [
        (happened(4, "pay", ("o9", "order")), "event 4", "the object 'o9', which the file does not hold"),
        ({"id": "e4", "type": "pay"}, "event 4", "Object missing required field `time`"),
        (happened(4, "pay") | {"id": 4}, "event 4", "Expected `str`, got `int`"),
        (happened(4, "pay") | {"time": "noon"}, "event 4", "time 'noon' fits none of the formats"),
        (happened(4, "pay") | {"id": "e1"}, "event 4", "id used twice with different content"),
    ],
)
def test_a_bad_event_is_refused_alone(
    tmp_path: Path, log: Log, wrong: dict[str, object], place: str, reason: str
) -> None:
    log["events"].append(wrong)
    found = read(write_log(tmp_path / "log.json", log), MAPPING)
    ((told, why),) = found.reasons
    assert (told, reason in why) == (place, True), why
    assert len(found.events) == 9


def test_a_bad_object_is_refused_alone(tmp_path: Path, log: Log) -> None:
    log["objects"] += [{"id": "c1", "type": "order"}, {"id": "o3", "type": "order", "attributes": 7}]
    log["objects"].append({"id": "o4", "type": "order", "relationships": [{"objectId": "o8"}]})
    found = read(write_log(tmp_path / "log.json", log), MAPPING)
    assert len(found.events) == 9
    reasons = dict(found.reasons)
    assert reasons["object 6"] == "the id 'c1' belongs to an object of the type 'customer'"
    assert "Expected `array | null`, got `int`" in reasons["object 7"]
    assert reasons["object 8"] == "it is related to the object 'o8', which the file does not hold"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"events": [', "The JSON cannot be read"),
        ('{"objects": []}', "This is not an OCEL 2.0 log (Object missing required field `events`"),
        ('{"ocel:global-log": {}, "ocel:events": {}}', "This is OCEL 1.0. Save it as OCEL 2.0"),
        ('{"events": []}', "No row of it can be read"),
    ],
)
def test_what_is_no_log_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ImportFailed) as failure:
        sniff(write_log(tmp_path / "log.json", text))
    assert told in str(failure.value)


def test_a_json_log_that_is_too_large_is_told_before_it_fills_the_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert path.stat().st_size < MAX_JSON_BYTES
    monkeypatch.setattr("towpath.events.importers.ocel_json.MAX_JSON_BYTES", 100)
    told = "shop.json: This OCEL log holds more than 100 bytes, and JSON is read as a whole. Save it as"
    assert str(read(path, MAPPING).failure).startswith(told)


def test_a_later_log_of_the_same_source_adds_what_it_says_differently(tmp_path: Path, path: Path) -> None:
    before = set(read(path, MAPPING).ids)
    log = shop_log()
    log["objects"][0]["attributes"][0]["value"] = "Anne"
    after = set(read(write_log(tmp_path / "later.json", log), MAPPING).ids)
    assert (len(after), len(after - before)) == (9, 1)


@pytest.mark.parametrize(
    ("statements", "place", "reason"),
    [
        (["delete from event_pay"], "event e2", "the table of the type 'pay' has 0 rows for it, not one"),
        (["delete from event where ocel_id = 'e2'"], "event e2", "the table event does not name it"),
        (["delete from object where ocel_id = 'i1'"], "object o1", "'i1', which the file does not hold"),
        (
            ["insert into event_object values ('e0', 'o1', 'x')"],
            "event e0",
            "it has an object, but the table event does not name it",
        ),
    ],
)
def test_a_bad_record_of_a_database_is_refused_alone(
    database: Path, statements: list[str], place: str, reason: str
) -> None:
    found = read(change(database, statements), MAPPING)
    assert found.failure is None
    assert any(told == place and reason in why for told, why in found.reasons), found.reasons
    assert {"e1", "e3"} <= set(found.ids)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["drop table event_object"], "no OCEL 2.0 log: there is no table event_object with ocel_event_id"),
        (["alter table event_pay drop column ocel_time"], "there is no table event_pay with ocel_time"),
        (
            ["drop table event_object", "create view event_object as select 1 ocel_event_id"],
            "there is no table event_object",
        ),
        (["update event_map_type set ocel_type_map = 'x\"; --'"], 'there is no table event_x"; --'),
    ],
)
def test_a_database_that_is_no_log_is_told(database: Path, statements: list[str], told: str) -> None:
    assert told in str(read(change(database, statements), MAPPING).failure)


def test_a_damaged_database_is_told(tmp_path: Path, database: Path) -> None:
    whole = database.read_bytes()
    database.write_bytes(whole[:5_000])
    assert "shop.sqlite: The OCEL database cannot be read" in str(read(database, MAPPING).failure)
    database.write_bytes(whole[:16] + b"\xff" * 5_000)
    assert "The OCEL database cannot be read" in str(read(database, MAPPING).failure)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(whole))
    with pytest.raises(ImportFailed, match="Unpack it"):
        sniff(packed)


def test_a_database_is_left_exactly_as_it_was(database: Path) -> None:
    before = database.read_bytes()
    beside = sorted(database.parent.iterdir())
    read(database, MAPPING)
    assert (database.read_bytes(), sorted(database.parent.iterdir())) == (before, beside)
