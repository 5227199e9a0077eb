"""A bad event is refused alone, with a reason that says what to do; its neighbours are taken."""

from __future__ import annotations

import json

import pytest
from sent_events import BATCH, LINES, NOW, PLAIN, Row, event, receive

from towpath.events.receiving import parse_events

LONG = "x" * 2001


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"id": None}, "no id: give each event an id"),
        ({"id": ""}, "no id"),
        ({"source": None}, "no source: say which system"),
        ({"type": None}, "no type: say what happened"),
        ({"specversion": None}, 'no specversion; a CloudEvent has "specversion": "1.0"'),
        ({"specversion": "0.3"}, "specversion '0.3' is not known here"),
        ({"time": "yesterday"}, "time 'yesterday' cannot be read; write it like 2026-01-31T09:30:00Z"),
        ({"time": "2026-02-30T00:00:00Z"}, "cannot be read"),
        ({"time": 1700000000}, "time 1700000000 cannot be read"),
        ({"time": "2026-01-31T09:30:00"}, "has no zone"),
        ({"time": "1989-12-31T23:59:59Z"}, "lies before 1990; is the sender's clock right?"),
        ({"time": "0001-01-01T00:00:00+05:00"}, "lies before 1990"),
        ({"time": "2026-11-24T09:30:16Z"}, "lies more than a day in the future"),
        ({"time": "9999-12-31T23:59:59-10:00"}, "lies more than a day in the future"),
        ({"latencyms": -1}, "latency_ms -1.0 is negative"),
        ({"latencyms": "-0.5"}, "latency_ms -0.5 is negative"),
        ({"latencyms": "NaN"}, "latency_ms 'NaN' is no number that fits; write it like 812.5"),
        ({"latencyms": "1_000"}, "is no number that fits"),
        ({"latencyms": True}, "latency_ms True is no number"),
        ({"value": "1e999"}, "value '1e999' is no number"),
        ({"value": 10**400}, "is no number that fits"),
        ({"outcome": "falut"}, "outcome 'falut' is not one of ok, fault, refused, mistake, abandoned"),
        ({"seq": 2**63}, "is not a whole number below 2^63"),
        ({"seq": 1.5}, "seq 1.5 is not a whole number"),
        ({"subject": "a\0b"}, "holds a NUL character"),
        ({"data": {"a": ["\\\0"]}}, "holds a NUL character"),
        ({"session": LONG}, "session has 2,001 characters; at most 2,000 are taken"),
        ({"source": "é" * 2001}, "source has 2,001 characters"),
        ({"identifiers": [LONG]}, "identifiers has 2,005 characters"),
        ({"identifiers": "mail:a@b.example"}, "identifiers 'mail:a@b.example' is not a list of texts"),
        ({"identifiers": {"a": 1}}, "is not a list of texts"),
        ({"identifiers": [1]}, "is not a list of texts"),
        ({"identifiers": [""]}, "identifiers holds an empty text"),
        ({"session": {"id": 1}}, "session must be a text, not an object"),
        ({"subject": ["a"]}, "identifier must be a text, not a list"),
        ({"data": 1, "data_base64": "AQ=="}, "both data and data_base64"),
        ({"data": {"towpath": {"latncy": 1}}}, "data.towpath.latncy is not known; known are"),
        ({"data": {"text": "y" * 1_000_000}}, "at most 1,000,000 are taken"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason(sent: Row, reason: str) -> None:
    bad = event(**sent)
    received = receive(event(), bad, event())
    assert received.events.num_rows == 2
    (refused,) = received.refused
    assert reason in refused.reason
    assert (refused.index, refused.place) == (1, "event 2")
    assert refused.raw == json.dumps(bad)[:1_000_000]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rb'"session": "\ud800"', "this is not JSON"),
        (rb'"data": {"a": "\ud800"}', "this is not JSON"),
        (b'"data": {"a": 1e999}', "Number out of range"),
        (b'"value": 1e999', "Number out of range"),
        (b'"data": ' + b"[" * 5000 + b"]" * 5000, "recursion"),
    ],
)
def test_a_line_that_json_cannot_hold_is_refused_alone(text: bytes, reason: str) -> None:
    head = b'{"id": "1", "source": "s", "type": "t", '
    lines = [head + b'"case": "1"}', head + text + b"}"]
    received = parse_events(b"\n".join(lines), LINES, now=NOW)
    assert received.events.num_rows == 1
    assert [each.place for each in received.refused] == ["line 2"]
    assert reason in received.refused[0].reason


def test_duplicate_keys_are_fine_and_the_last_counts() -> None:
    body = b'[{"id": "1", "source": "s", "type": "t", "type": "u"}]'
    assert parse_events(body, PLAIN, now=NOW).events.column("type").to_pylist() == ["u"]


def test_a_plain_event_with_neither_id_nor_time_is_refused() -> None:
    received = receive({"source": "s", "type": "t"}, content_type=PLAIN)
    assert "neither id nor time" in received.refused[0].reason


@pytest.mark.parametrize("odd", [3, "text", [], None])
def test_what_is_no_object_is_refused(odd: object) -> None:
    received = receive(event(), odd)
    assert [each.index for each in received.refused] == [1]
    assert "not an object" in received.refused[0].reason


def test_a_refused_line_has_its_place_in_the_file_and_its_index_among_the_events() -> None:
    good = json.dumps(event())
    body = f"\n{good}\r\n\nrubbish\n{good}\n".encode() + b'{"id": "\xff"}'
    received = parse_events(body, LINES, now=NOW)
    assert received.events.num_rows == 2
    assert [(each.place, each.index) for each in received.refused] == [("line 4", 1), ("line 6", 3)]
    assert received.refused[0].raw == "rubbish"
    assert received.refused[1].raw == '{"id": "\\xff"}'
    assert "not UTF-8" in received.refused[1].reason


def test_several_reasons_keep_the_order_of_the_batch() -> None:
    received = receive(event(latencyms=-1), 3, event(), event(id=None))
    assert [each.index for each in received.refused] == [0, 1, 3]
    assert receive(*[event(outcome="?")] * 2, content_type=BATCH).events.num_rows == 0
