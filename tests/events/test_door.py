"""POST /api/events: who may send, what is taken, what comes back, and that it counts once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from towpath.events import accepting
from towpath.events.inbox import Inbox
from towpath.events.jobs import flush_inbox
from towpath.events.models import QuarantinedRecord
from towpath.events.store import inbox, lake
from towpath.foundation.operations.home import Home

BATCH = "application/cloudevents-batch+json"


def cloud(number: int, **given: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "shop",
        "type": "paid",
        "time": "2026-11-01T10:00:00Z",
        "subject": "account:4711",
    } | given


@pytest.fixture
def send(tmp_home: Home, key_client: Callable[..., Client]) -> Callable[..., Any]:
    client = key_client(["events:write"])

    def sending(events: Any, content_type: str = BATCH, **headers: str) -> Any:
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return client.post("/api/events", body, content_type=content_type, headers=headers or None)

    return sending


def flush_now(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)
    return flush_inbox()


def test_what_is_accepted_is_safe_and_then_in_the_lake(
    send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = send([cloud(1), cloud(2)])
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "refused": []})
    assert inbox().fill().events == 2
    assert flush_now(monkeypatch) == 2
    assert (inbox().fill().events, lake().snapshot().rows) == (0, 2)
    found = lake().snapshot().query("select identifier, type from events").to_pylist()
    assert found == [{"identifier": "account:4711", "type": "paid"}] * 2


def test_a_repeated_event_counts_once_whenever_it_comes_back(
    send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    send([cloud(1), cloud(1)])
    flush_now(monkeypatch)
    assert send([cloud(1), cloud(2)]).json()["accepted"] == 2
    assert flush_now(monkeypatch) == 1
    lake().compact(force=True)
    send([cloud(1), cloud(2), cloud(1, source="app")])
    assert flush_now(monkeypatch) == 1
    assert lake().snapshot().rows == 3


def test_a_refused_event_does_not_stop_its_batch_and_can_be_mended(
    send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, key_client: Callable[..., Client]
) -> None:
    answer = send([cloud(1), cloud(2, time="yesterday"), cloud(3)])
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    (refused,) = answer.json()["refused"]
    assert (refused["index"], refused["place"]) == (1, "event 2")
    assert "time" in refused["reason"]
    send([cloud(2, time="yesterday")])
    record = QuarantinedRecord.objects.get()
    mended = json.dumps(cloud(2))
    replayed = key_client(["events:write"]).post(
        f"/api/quarantine/{record.pk}/replay", json.dumps({"raw": mended}), content_type="application/json"
    )
    assert replayed.status_code == 204
    assert flush_now(monkeypatch) == 2
    assert lake().snapshot().rows == 3


@pytest.mark.parametrize(
    ("body", "content_type", "headers", "status"),
    [
        (b"not json", BATCH, {}, 400),
        (b" ", BATCH, {}, 400),
        (b"[]", "text/plain", {}, 415),
        (b"[]", BATCH, {"Content-Encoding": "br"}, 415),
        (gzip.compress(b"[" + b" " * (65 << 20) + b"]", mtime=0), BATCH, {"Content-Encoding": "gzip"}, 413),
        (gzip.compress(b"[]", mtime=0)[:-4], BATCH, {"Content-Encoding": "gzip"}, 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_a_problem(
    send: Callable[..., Any], body: bytes, content_type: str, headers: dict[str, str], status: int
) -> None:
    answer = send(body, content_type, **headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    assert inbox().fill().events == 0


def test_packed_bodies_and_lines_are_taken(send: Callable[..., Any]) -> None:
    packed = gzip.compress(json.dumps([cloud(1)]).encode())
    assert send(packed, **{"Content-Encoding": "gzip"}).json()["accepted"] == 1
    plain = {"source": "till", "id": "1", "type": "sale", "time": "2026-11-01T10:00:00Z"}
    lines = b"\n".join(json.dumps(plain | {"id": str(number)}).encode() for number in range(3))
    assert send(lines, "application/x-ndjson").json()["accepted"] == 3
    assert send(cloud(9), "application/cloudevents+json").json()["accepted"] == 1


def test_a_body_that_says_to_be_huge_is_not_read(
    send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.api.MAX_BODY_BYTES", 10)
    assert send([cloud(1)]).status_code == 413


@pytest.mark.parametrize(
    ("variable", "value"), [("TOWPATH_INBOX_MAX_BYTES", "1"), ("TOWPATH_DISK_RESERVE_BYTES", str(1 << 62))]
)
def test_senders_are_asked_to_wait_while_there_is_no_room(
    send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    accepting._why_full.cache_clear()
    assert send([cloud(1)]).status_code == 202
    accepting._why_full.cache_clear()
    monkeypatch.setenv(variable, value)
    answer = send([cloud(2)])
    accepting._why_full.cache_clear()
    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
    assert inbox().fill().events == 1


def test_an_inbox_that_cannot_be_written_answers_503_and_is_not_ready(
    send: Callable[..., Any], client: Client, tmp_home: Home
) -> None:
    Inbox(tmp_home.inbox)
    tmp_home.inbox.write_bytes(b"broken" * 1000)
    answer = send([cloud(1)])
    assert (answer.status_code, "cannot be used" in answer.json()["detail"]) == (503, True)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["inbox"]) == (503, "failing")


def test_only_keys_with_the_scope_and_managers_may_send(
    tmp_home: Home, key_client: Callable[..., Client], client: Client
) -> None:
    body = json.dumps([cloud(1)])
    assert client.post("/api/events", body, content_type=BATCH).status_code == 401
    assert key_client(["events:read"]).post("/api/events", body, content_type=BATCH).status_code == 403
    assert inbox().fill().events == 0
