"""What a sender writes comes out as the same envelope: CloudEvents and plain JSON, quickly and carefully
read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_events import BATCH, LINES, NOW, ONE, PLAIN, Row, envelope, event, expected, plain, receive, rows
from sent_events import written as as_cloud_event

from towpath.events.envelope import EVENT_SCHEMA, row_id
from towpath.events.receiving import careful, parse_events
from towpath.events.receiving.columns import build, columns_of

bounded = settings(max_examples=60, deadline=None)


@bounded
@given(st.lists(rows, min_size=1, max_size=5), st.sampled_from([BATCH, LINES, PLAIN]))
def test_cloud_events_come_out_as_what_their_sender_meant(sent: list[Row], content_type: str) -> None:
    received = receive(*(as_cloud_event(row) for row in sent), content_type=content_type)
    assert received.refused == ()
    assert received.events.schema == EVENT_SCHEMA
    assert envelope(received) == [expected(row, place) for place, row in enumerate(sent)]


@bounded
@given(st.lists(rows, min_size=1, max_size=5), st.sampled_from([LINES, PLAIN]))
def test_plain_json_comes_out_as_what_its_sender_meant(sent: list[Row], content_type: str) -> None:
    received = receive(*(plain(row) for row in sent), content_type=content_type)
    assert received.refused == ()
    assert envelope(received) == [expected(row, place) for place, row in enumerate(sent)]


@bounded
@given(st.lists(rows, min_size=1, max_size=4))
def test_the_careful_way_reads_what_the_quick_way_reads(sent: list[Row]) -> None:
    bodies = [json.dumps(as_cloud_event(row)).encode() for row in sent]
    one_by_one = columns_of([careful.read_event(body, cloud=True) for body in bodies])
    reasons: list[str | None] = [None] * len(sent)
    slow = build(one_by_one, NOW, range(len(sent)), reasons)
    assert reasons == [None] * len(sent)
    assert slow.equals(parse_events(b"[" + b",".join(bodies) + b"]", BATCH, now=NOW).events)


@bounded
@given(st.lists(rows, min_size=1, max_size=5), st.integers(0, 5))
def test_a_bad_event_changes_nothing_for_its_neighbours(sent: list[Row], place: int) -> None:
    place = min(place, len(sent))
    events = [as_cloud_event(row) for row in sent]
    received = receive(*events[:place], event(id=None), *events[place:])
    assert [each.index for each in received.refused] == [place]
    wanted = [expected(row, at + (at >= place)) for at, row in enumerate(sent)]
    assert envelope(received) == wanted


def only(*events: object, content_type: str = BATCH) -> Row:
    received = receive(*events, content_type=content_type)
    assert received.refused == ()
    return envelope(received)[0]


def test_a_single_structured_event_is_read() -> None:
    row = only(event(subject="account:4711"), content_type=ONE)
    assert (row["identifier"], row["time"], row["received"]) == ("account:4711", NOW, NOW)


def test_ties_keep_the_order_in_which_they_were_sent() -> None:
    rows = envelope(receive(*(event(id=str(n)) for n in range(1002))))
    seqs = [row["seq"] for row in rows]
    assert seqs[:1000] == list(range(seqs[0], seqs[0] + 1000))
    assert seqs[1000:] == [seqs[999], seqs[999]]
    assert seqs[0] == (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize(
    ("sent", "column", "value"),
    [
        ({"tier": 2}, "tier", "2"),
        ({"version": 1.5}, "version", "1.5"),
        ({"change": True}, "change", "true"),
        ({"latencyms": "812.5"}, "latency_ms", 812.5),
        ({"latencyms": 12}, "latency_ms", 12.0),
        ({"value": 10**25}, "value", 1e25),
        ({"sequence": "007"}, "seq", 7),
        ({"seq": 9}, "seq", 9),
        ({"identifiers": '["mail:a@b.example"]'}, "identifiers", ["mail:a@b.example"]),
        ({"identifiers": ["a", "b", "a"]}, "identifiers", ["a", "b"]),
        ({"specversion": "1.0.2"}, "type", "paid"),
        ({"specversion": "1.0.3"}, "type", "paid"),
        ({"time": "2026-10-25T02:30:00.5+02:00"}, "time", datetime(2026, 10, 25, 0, 30, 0, 500000, UTC)),
        ({"time": "2016-12-31T23:59:60Z"}, "time", datetime(2017, 1, 1, tzinfo=UTC)),
        (
            {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
            "trace",
            "0af7651916cd43dd8448eb211c80319c",
        ),
    ],
)
def test_attributes_are_read_in_the_forms_that_senders_use(sent: Row, column: str, value: object) -> None:
    assert only(event(**sent))[column] == value


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("name", ["subject", "session", "outcome", "latencyms", "sequence"])
def test_an_empty_attribute_says_nothing(name: str, empty: str | None) -> None:
    assert only(event(**{name: empty})) == only(event())


@pytest.mark.parametrize(
    ("sent", "data"),
    [
        ({"data": {"a": 1}, "extra": "x"}, {"a": 1, "extra": "x"}),
        ({"data": {"extra": 1}, "extra": "x"}, {"extra": 1, "ce-extra": "x"}),
        ({"data": "text"}, {"data": "text"}),
        ({"data": [1]}, {"data": [1]}),
        ({"data": "<a/>", "datacontenttype": "text/xml"}, {"data": "<a/>", "datacontenttype": "text/xml"}),
        ({"data": {"a": 1}, "datacontenttype": "application/vnd.x+json; charset=utf-8"}, {"a": 1}),
        ({"data_base64": "AQ=="}, {"data_base64": "AQ=="}),
        ({"subject": "order", "identifier": "account:1"}, {"subject": "order"}),
        ({"sequence": "b-17"}, {"sequence": "b-17"}),
        ({"traceparent": "00-zz"}, {"traceparent": "00-zz"}),
        ({"tracestate": "a=1"}, {"tracestate": "a=1"}),
        ({"data": {"value": 21.5, "version": 3, "case": {}}}, {"value": 21.5, "version": 3, "case": {}}),
        ({"data": {"towpath": {"case": "7"}, "a": 1}, "case": "8"}, {"towpath": {"case": "7"}, "a": 1}),
    ],
)
def test_what_has_no_column_is_kept_in_data(sent: Row, data: Row) -> None:
    row = only(event(**sent))
    assert row["data"] == data
    assert "value" not in row


def test_attributes_within_data_fill_columns_only_where_they_are_marked_as_ours() -> None:
    own = {"identifier": "account:1", "latency_ms": 5, "time": "2026-01-01T00:00:00Z"}
    row = only(event(data={"towpath": own, "a": 1}))
    assert (row["identifier"], row["latency_ms"], row["data"]) == ("account:1", 5.0, {"a": 1})
    assert row["time"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert "data" not in only(event(data={"towpath": own}))


def test_data_is_kept_as_it_was_written() -> None:
    body = b'{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"price": 1.10, "big": 1e5}}'
    events = parse_events(body, ONE, now=NOW).events
    assert events.column("data").to_pylist() == ['{"price": 1.10, "big": 1e5}']


def plain_event(**given: Any) -> Row:
    return {"source": "shop", "type": "paid", "time": "2026-01-01T00:00:00Z"} | given


def test_a_plain_event_without_id_has_the_hash_of_its_content() -> None:
    sent = plain_event(case="1")
    reordered = dict(reversed(sent.items()))
    first, again = envelope(receive(sent, reordered, content_type=PLAIN))
    canonical = b'{"case":"1","source":"shop","time":"2026-01-01T00:00:00Z","type":"paid"}'
    assert first["id"] == again["id"] == row_id("shop", canonical, 0)
    other = only(plain_event(case="2"), content_type=PLAIN)
    assert other["id"] != first["id"]


def test_contents_that_differ_only_in_our_member_of_data_are_two_events() -> None:
    sent = [plain_event(data={"towpath": {"identifier": who}}) for who in ("a", "b")]
    assert len({row["id"] for row in envelope(receive(*sent, content_type=PLAIN))}) == 2
