"""What the HTTP door refused lies in the same quarantine as the rows of files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from small_logs import BAD, GOOD, write_log, write_mapping

from towpath.events.importers import Refused
from towpath.events.ingest import quarantine_received, replay
from towpath.events.models import QuarantinedRecord
from towpath.events.store import lake
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
RAW = '{"source":"till","id":"7","type":"order","time":"yesterday"}'
REFUSED = Refused("event 3", "time: 'yesterday' is not a time", RAW)


def kept() -> QuarantinedRecord:
    return QuarantinedRecord.objects.get()


def test_what_the_door_refused_is_kept_as_it_came_under_the_source_that_it_names() -> None:
    quarantine_received([REFUSED], source="sender")
    record = kept()
    assert (record.source, record.door, record.file_import) == ("till", "http", None)
    assert (record.place, record.raw) == ("event 3", RAW)


@pytest.mark.parametrize("raw", ["{", "[1]", '{"source": 7}', json.dumps({"source": "x" * 201}), '"\ud800'])
def test_a_record_that_names_no_source_lies_under_its_senders(raw: str) -> None:
    quarantine_received([Refused("line 1", "unreadable", raw)], source="sender")
    assert kept().source == "sender"


def test_what_is_sent_again_does_not_pile_up() -> None:
    for place in ("event 3", "event 1"):
        quarantine_received([Refused(place, REFUSED.reason, RAW)], source="sender")
    assert kept().place == "event 3"


def test_nul_and_lone_surrogates_are_kept_as_json_escapes() -> None:
    quarantine_received([Refused("line 1", "NUL in \0", '{"type": "a\0b\ud800"}')], source="sender")
    assert kept().raw == '{"type": "a\\u0000b\\ud800"}'


@pytest.fixture
def both_kinds(tmp_home: Home, tmp_path: Path) -> None:
    assert run(["import", str(write_log(tmp_path, GOOD + BAD)), "--mapping", str(write_mapping(tmp_path))])
    quarantine_received([REFUSED], source="sender")


@pytest.mark.usefixtures("both_kinds")
def test_the_pages_show_both_kinds(service_manager: Person, client_of: Callable[[Person], Client]) -> None:
    client = client_of(service_manager)
    page = client.get("/events/quarantine/").content.decode()
    assert page.count("orders.csv") == 2
    assert "over HTTP" in page
    record = QuarantinedRecord.objects.get(door="http")
    assert "over HTTP, till" in client.get(f"/events/quarantine/{record.pk}/").content.decode()


@pytest.mark.usefixtures("both_kinds")
def test_api_and_command_show_both_kinds(
    key_client: Callable[..., Client], capsys: pytest.CaptureFixture[str]
) -> None:
    listed = key_client(["events:write"]).get("/api/quarantine").json()
    assert [(each["door"], each["file"]) for each in listed] == [("file", "orders.csv")] * 2 + [("http", "")]
    capsys.readouterr()
    run(["events", "quarantine"])
    assert "till, over HTTP, event 3" in capsys.readouterr().out


@pytest.mark.usefixtures("both_kinds")
def test_a_record_is_settled_once(
    service_manager: Person, client_of: Callable[[Person], Client], key_client: Callable[..., Client]
) -> None:
    record = QuarantinedRecord.objects.filter(door="file").earliest("pk")
    replayed = QuarantinedRecord.State.REPLAYED
    QuarantinedRecord.objects.filter(pk=record.pk).update(state=replayed)
    client = client_of(service_manager)
    answer = client.post(f"/events/quarantine/{record.pk}/", {"do": "dismiss"}, follow=True)
    assert "dealt with already: mended and replayed" in answer.content.decode()
    refused = key_client(["events:write"]).post(f"/api/quarantine/{record.pk}/dismiss")
    assert refused.status_code == 409
    record.refresh_from_db()
    assert record.state == replayed


def mended(record: QuarantinedRecord, client: Client, raw: str) -> str:
    """The page's answer to a mend: nothing where it was taken."""
    answer = client.post(f"/events/quarantine/{record.pk}/", {"raw": raw, "do": "replay"})
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.fixture
def client(tmp_home: Home, service_manager: Person, client_of: Callable[[Person], Client]) -> Client:
    quarantine_received([REFUSED], source="sender")
    return client_of(service_manager)


def test_what_came_over_http_is_mended_and_counts_once(client: Client) -> None:
    record = kept()
    good = RAW.replace("yesterday", "2024-02-01T11:30:00Z")
    assert mended(record, client, good) == ""
    record.refresh_from_db()
    assert (record.state, record.mended) == (QuarantinedRecord.State.REPLAYED, good)
    found = lake().snapshot().query("select source, id, received from events").to_pylist()
    assert found == [{"source": "till", "id": "7", "received": record.at}]
    assert replay(record, good) == ""
    assert lake().snapshot().rows == 1


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (RAW, "yesterday"),
        ("no JSON", "JSON"),
        (f"[{RAW},{RAW}]", "yesterday"),
        ("", "no event"),
        ("[]", "0 events"),
    ],
)
def test_what_is_still_wrong_is_told_and_stays(client: Client, raw: str, told: str) -> None:
    assert told in mended(kept(), client, raw)
    assert kept().state == QuarantinedRecord.State.WAITING
    assert lake().snapshot().rows == 0


def test_one_refused_event_is_mended_as_one(client: Client) -> None:
    good = RAW.replace("yesterday", "2024-02-01T11:30:00Z")
    assert "this is 2 events" in mended(kept(), client, f"[{good}, {good.replace('7', '8')}]")
