"""The API of the events area says what the pages say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from small_logs import BAD, GOOD, write_log, write_mapping

from towpath.events.store import lake
from towpath.foundation.operations.home import Home
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
Keyed = Callable[..., Client]


@pytest.fixture
def client(tmp_home: Home, tmp_path: Path, key_client: Keyed) -> Client:
    mapping = write_mapping(tmp_path)
    assert run(["import", str(write_log(tmp_path, GOOD + BAD)), "--mapping", str(mapping)]) == 1
    return key_client(["events:read", "events:write"])


def test_counts_sources_and_imports_agree(client: Client) -> None:
    assert client.get("/api/events/count").json() == {"events": 3, "quarantined": 2, "inbox": 0}
    [source] = client.get("/api/sources").json()
    assert (source["source"], source["events"], source["quarantined"]) == ("shop", 3, 2)
    [found] = client.get("/api/imports").json()
    assert (found["rows_read"], found["written"], found["refused"]) == (5, 3, 2)
    assert client.get(f"/api/imports/{found['id']}").json() == found


def test_a_refused_record_is_mended_over_the_api(client: Client) -> None:
    record = client.get("/api/quarantine?source=shop").json()[0]
    assert "yesterday" in record["reason"]
    address = f"/api/quarantine/{record['id']}/replay"
    wrong = client.post(address, {"raw": record["raw"]}, content_type="application/json")
    assert wrong.status_code == 422
    assert wrong["Content-Type"].startswith("application/problem+json")
    mended = record["raw"].replace("yesterday", "2024-02-01 11:30")
    assert client.post(address, {"raw": mended}, content_type="application/json").status_code == 204
    assert lake().snapshot().rows == 4


def test_a_record_is_dismissed_over_the_api(client: Client) -> None:
    first, second = client.get("/api/quarantine").json()
    assert client.post(f"/api/quarantine/{first['id']}/dismiss").status_code == 204
    assert client.get("/api/quarantine").json() == [second]


def test_a_key_that_may_only_read_mends_nothing(client: Client, key_client: Keyed) -> None:
    reader = key_client(["events:read"])
    assert reader.get("/api/events/count").status_code == 200
    assert reader.get("/api/quarantine").status_code == 403


@pytest.mark.parametrize("address", ["/api/quarantine", "/api/jobs", "/api/audit"])
@pytest.mark.parametrize("name", ["limit", "offset"])
def test_a_number_beyond_reason_is_refused_in_words(
    tmp_home: Home, key_client: Keyed, address: str, name: str
) -> None:
    client = key_client(["events:write", "jobs:read", "audit:read"])
    answer = client.get(address, {name: 10**30})
    assert answer.status_code == 422
    assert name in answer.json()["errors"][0]["location"]


def test_a_record_beyond_any_number_is_not_found(tmp_home: Home, key_client: Keyed) -> None:
    assert key_client(["events:write"]).post(f"/api/quarantine/{10**30}/dismiss").status_code == 404
