"""What the client sends, and how it goes on when the server fails."""

from __future__ import annotations

import email.utils
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from stand_in import Behaviour, StandIn, fail, problem, refuse_bad, take
from towpath_client import Event, NotQueued, RefusedEvent, TowpathClient, courier

from towpath.events.receiving import parse_events

Make = Callable[..., TowpathClient]


@pytest.fixture
def make(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A client of the server, impatient enough for tests."""
    monkeypatch.setattr(courier, "FIRST_PAUSE", 0.01)
    made: list[TowpathClient] = []

    def client(**given: Any) -> TowpathClient:
        settings = {"source": "shop", "interval": 0.02, "longest_pause": 0.05, "timeout": 5.0} | given
        made.append(TowpathClient(settings.pop("url", server.url), "secret", **settings))
        return made[-1]

    yield client
    for each in made:
        each.close(timeout=1)


def test_an_event_arrives_as_a_cloud_event_with_the_key(server: StandIn, make: Make) -> None:
    client = make()
    sent = client.track("order.paid", "account:4711", outcome="ok", latency_ms=812.5, data={"basket": 3})
    assert client.flush(5)
    ((event,),) = server.batches
    assert event.pop("time")
    assert event == {
        "specversion": "1.0",
        "id": sent,
        "source": "shop",
        "type": "order.paid",
        "subject": "account:4711",
        "outcome": "ok",
        "latencyms": 812.5,
        "data": {"basket": 3},
    }
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert server.headers[0]["path"] == "/api/events"


def test_towpath_reads_every_field_of_what_the_client_writes() -> None:
    texts = (
        "session case channel service component environment version currency team tier ticket change trace"
    )
    given: dict[str, Any] = {name: f"a {name}" for name in texts.split()}
    given |= {"identifiers": ["mail:a@b.example"], "outcome": "fault", "latency_ms": 5.0, "value": 9.5}
    event = Event("paid", "account:1", sequence=7, data={"a": 1}, **given)
    body = f"[{event.to_json('shop')}]".encode()
    received = parse_events(body, "application/cloudevents-batch+json", now=datetime.now().astimezone())
    (row,) = received.events.to_pylist()
    assert row["time"] == event.time
    assert (row["identifier"], row["seq"], row["source"], row["id"]) == ("account:1", 7, "shop", event.id)
    assert json.loads(row["identifiers"]) == given.pop("identifiers")
    assert {name: row[name] for name in given} == given


def test_a_local_time_is_sent_with_its_zone() -> None:
    at = datetime(2026, 1, 31, 9, 30)  # noqa: DTZ001 - without a zone on purpose
    written = json.loads(Event("paid", time=at, data={"at": at}).to_json("shop"))
    assert datetime.fromisoformat(written["time"]) == at.astimezone()
    assert written["data"] == {"at": "2026-01-31 09:30:00"}


def test_what_json_cannot_hold_is_said_to_the_caller(make: Make) -> None:
    with pytest.raises(ValueError, match="JSON"):
        make().track("paid", value=float("nan"))


def test_many_events_go_in_batches_and_in_order(server: StandIn, make: Make) -> None:
    client = make(batch_size=50, interval=60)
    ids = [client.track("paid") for _ in range(120)]
    assert client.flush(5)
    assert [event["id"] for batch in server.batches for event in batch] == ids
    assert max(map(len, server.batches)) <= 50
    assert len(server.batches) <= 6


def test_a_few_events_go_after_the_interval_without_being_flushed(server: StandIn, make: Make) -> None:
    client = make()
    client.track("paid")
    until(lambda: client.waiting() == 0)
    assert sum(server.taken.values()) == 1


def until(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)


@pytest.mark.parametrize(
    "trouble",
    [
        fail(500),
        fail(503),
        fail(401),
        fail(404),
        fail(400),
        fail(301, Location="http://127.0.0.1:9/"),
        lambda _events: (202, {}, "a page of some proxy"),
        lambda _events: (200, {}, {"accepted": 1, "refused": []}),
        lambda _events: (202, {"Content-Length": "5000"}, "cut off"),
    ],
)
def test_an_event_stays_until_it_is_taken(server: StandIn, make: Make, trouble: Behaviour) -> None:
    server.then.extend([trouble] * 3)
    client = make(timeout=0.3)
    sent = client.track("paid")
    until(lambda: client.waiting() == 0)
    assert server.taken == {sent: 1}
    assert client.refused() == []


def test_a_server_that_is_not_there_yet_gets_its_events_later(make: Make, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    client = make(url=f"http://127.0.0.1:{port}", queue=tmp_path / "queue.db")
    sent = client.track("paid")
    assert not client.flush(0.2)
    with StandIn(port) as late:
        assert client.flush(5)
        assert late.taken == {sent: 1}


def test_an_answer_that_does_not_come_is_not_waited_for(server: StandIn, make: Make) -> None:
    server.delay = 0.4
    client = make(timeout=0.1)
    sent = client.track("paid")
    until(lambda: len(server.batches) >= 2)
    server.delay = 0.0
    assert client.flush(5)
    assert set(server.taken) == {sent}


@pytest.mark.parametrize("form", [lambda: "1", lambda: email.utils.formatdate(time.time() + 2, usegmt=True)])
def test_retry_after_is_honoured_even_when_flushed(
    server: StandIn, make: Make, form: Callable[[], str]
) -> None:
    server.then.append(fail(429, Retry_After=form()))
    client = make()
    client.track("paid")
    assert client.flush(10)
    assert server.asked[1] - server.asked[0] >= 0.9


def test_refused_events_are_told_logged_and_kept(
    server: StandIn, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.always = refuse_bad
    told: list[RefusedEvent] = []
    client = make(on_refused=told.append)
    client.send_all([Event("good"), Event("bad", "account:1"), Event("good")])
    assert client.flush(5)
    (kept,) = client.refused()
    until(lambda: len(told) == 1)
    assert (kept.reason, json.loads(kept.event)["subject"]) == ("it is bad", "account:1")
    assert told[0].event == kept.event
    assert sum(server.taken.values()) == 2
    assert "it is bad" in caplog.text
    assert "account:1" not in caplog.text


def test_a_callback_that_fails_stops_nothing(server: StandIn, make: Make) -> None:
    server.always = refuse_bad

    def broken(_refused: RefusedEvent) -> None:
        raise RuntimeError("a mistake of the application")

    client = make(on_refused=broken)
    for kind in ("bad", "good", "bad"):
        client.track(kind)
        assert client.flush(5)
    assert (len(client.refused()), sum(server.taken.values())) == (2, 1)


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_that_cannot_be_read_is_halved_until_the_bad_one_is_found(
    server: StandIn, make: Make, status: int
) -> None:
    def choke(events: list[dict[str, Any]]) -> Any:
        choked = any(event["type"] == "bad" for event in events)
        return problem(status, "it chokes")(events) if choked else take(events)

    server.always = choke
    client = make(interval=60)
    client.send_all([Event("bad" if n == 5 else "good") for n in range(12)])
    assert client.flush(5)
    assert sum(server.taken.values()) == 11
    assert [refused.reason for refused in client.refused()] == [f"the server answered {status}: it chokes"]


def test_a_failure_of_our_own_is_logged_and_tried_again(
    server: StandIn, make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = make()
    post, failures = client._courier._sender.post, [RuntimeError("out of order")]

    def broken(events: Any) -> Any:
        if failures:
            raise failures.pop()
        return post(events)

    monkeypatch.setattr(client._courier._sender, "post", broken)
    sent = client.track("paid")
    assert client.flush(5)
    assert server.taken == {sent: 1}
    assert "out of order" in caplog.text


def test_the_same_trouble_is_logged_once(
    server: StandIn, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "towpath_client")
    server.then.extend([fail(401)] * 4)
    client = make()
    client.track("paid")
    until(lambda: client.waiting() == 0)
    until(lambda: "taken again" in caplog.text)
    assert len(caplog.records) == 2


def test_a_full_queue_says_so(server: StandIn, make: Make) -> None:
    server.always = fail(503)
    client = make(limit=3)
    client.send_all([Event("paid")] * 3)
    with pytest.raises(NotQueued, match="3 events wait already"):
        client.track("paid")


def test_a_closed_client_takes_nothing_and_a_bad_url_none_at_all(make: Make) -> None:
    client = make()
    assert client.close()
    assert client.close()
    with pytest.raises(NotQueued, match="closed"):
        client.track("paid")
    with pytest.raises(ValueError, match="must begin with http"):
        make(url="ftp://towpath.example")


def test_a_block_with_a_client_ends_with_everything_sent(server: StandIn) -> None:
    with TowpathClient(server.url, "secret", source="shop", interval=60) as client:
        sent = client.track("paid")
    assert server.taken == {sent: 1}


def test_many_threads_lose_nothing_and_repeat_nothing(server: StandIn, make: Make, tmp_path: Path) -> None:
    client = make(queue=tmp_path / "queue.db", batch_size=20)
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.extend([client.track("paid") for _ in range(25)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush(10)
    assert server.taken == dict.fromkeys(ids, 1)
    assert len(ids) == 100
