"""Whole bodies: content types, charsets, packing, limits, and CloudEvents in binary mode."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable

import pytest
from sent_events import BATCH, LINES, NOW, ONE, PLAIN, envelope, event

from towpath.events.receiving import BodyRefused, parse_events, unpack

GOOD = json.dumps(event()).encode()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (ONE, GOOD),
        (BATCH, b"[" + GOOD + b"]"),
        (PLAIN, GOOD),
        (PLAIN, b" [" + GOOD + b"] "),
        (LINES, GOOD),
        ("application/jsonl", GOOD + b"\n"),
        ("Application/JSON; Charset=UTF-8", b"\xef\xbb\xbf" + GOOD),
        ('application/cloudevents+json; charset="utf-8"', GOOD),
    ],
)
def test_every_form_is_read(content_type: str, body: bytes) -> None:
    received = parse_events(body, content_type, now=NOW)
    assert (received.events.num_rows, received.refused) == (1, ())


@pytest.mark.parametrize(
    ("content_type", "body", "status", "words"),
    [
        (PLAIN, b"hello", 400, "malformed"),
        (PLAIN, b"", 400, "holds no event"),
        (LINES, b" \n ", 400, "holds no event"),
        (PLAIN, b"3", 400, "neither an object nor an array"),
        (PLAIN, GOOD[:-1], 400, "Not JSON"),
        (PLAIN, GOOD + GOOD, 400, "application/x-ndjson"),
        (PLAIN, b'[{"id": "\xff"}]', 400, "Byte 0xff at place 10 is not UTF-8"),
        (PLAIN, b"[" * 100_000, 400, "Not JSON"),
        (ONE, b"[" + GOOD + b"]", 400, "cloudevents-batch+json"),
        (BATCH, GOOD, 400, "application/cloudevents+json"),
        (LINES, b"a\nb", 400, "None of the lines"),
        (LINES, b"[\n{}\n]", 200, ""),
        ("", GOOD, 415, "There is no content type"),
        ("application/x-www-form-urlencoded", GOOD, 415, "-H"),
        ("application/json; charset=utf-16", GOOD, 415, "UTF-8"),
        (PLAIN, b"[" + b"{}," * 20_000 + b"{}]", 413, "20,001 events"),
        (LINES, b"{}\n" * 20_001, 413, "20,001 events"),
        (PLAIN, b"[" + b"1," * 2_000_001 + b"1]", 413, "millions"),
    ],
)
def test_a_body_of_which_nothing_can_be_read_is_refused(
    content_type: str, body: bytes, status: int, words: str
) -> None:
    if status == 200:
        assert len(parse_events(body, content_type, now=NOW).refused) == 3
        return
    with pytest.raises(BodyRefused, match=re.escape(words)) as found:
        parse_events(body, content_type, now=NOW)
    assert found.value.status == status


def test_an_empty_array_is_no_mistake() -> None:
    assert parse_events(b"[]", BATCH, now=NOW).events.num_rows == 0


def test_a_large_body_of_good_events_is_read() -> None:
    body = json.dumps([event(id=str(n), data={"text": "x" * 1000}) for n in range(2000)]).encode()
    received = parse_events(body, BATCH, now=NOW)
    assert (received.events.num_rows, received.refused) == (2000, ())


def test_gzip_is_unpacked_also_in_several_members() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"
    assert unpack(packed, "GZIP") == b"one two"
    assert unpack(b"as it is", None) == unpack(b"as it is", "identity") == b"as it is"


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(100)), packer.flush()])


@pytest.mark.parametrize(
    ("make", "encoding", "status", "words"),
    [
        (bomb, "gzip", 413, "may have"),
        (lambda: gzip.compress(bytes(600)) * 2, "gzip", 413, "1,000 bytes"),
        (lambda: bytes(1001), None, 413, "1,000 bytes"),
        (lambda: gzip.compress(GOOD)[:-9], "gzip", 400, "ends too early"),
        (lambda: b"", "gzip", 200, ""),
        (lambda: GOOD, "gzip", 400, "cannot be unpacked"),
        (lambda: gzip.compress(GOOD)[:-5] + b"\1\1\1\1\1", "gzip", 400, "cannot be unpacked"),
        (lambda: GOOD, "br", 415, "send gzip"),
    ],
)
def test_bad_packing_is_refused(
    make: Callable[[], bytes], encoding: str | None, status: int, words: str
) -> None:
    if status == 200:
        assert unpack(make(), encoding) == b""
        return
    with pytest.raises(BodyRefused, match=re.escape(words)) as found:
        unpack(make(), encoding, limit=1000)
    assert found.value.status == status


HEADERS = {"Ce-Specversion": "1.0", "Ce-Id": "1", "ce-source": "/shop", "ce-type": "paid", "Accept": "*/*"}


def test_binary_mode_has_its_attributes_in_headers() -> None:
    headers = HEADERS | {"ce-subject": "account:4%207", "ce-latencyms": "12.5", "ce-extra": "x"}
    received = parse_events(b'{"a": 1}', "application/json", now=NOW, headers=headers)
    (row,) = envelope(received)
    assert (row["id"], row["identifier"], row["latency_ms"]) == ("1", "account:4 7", 12.5)
    assert row["data"] == {"a": 1, "extra": "x"}


@pytest.mark.parametrize(
    ("content_type", "body", "data"),
    [
        ("text/plain", b"hello", {"data": "hello", "datacontenttype": "text/plain"}),
        ("image/png", b"\x89", {"data_base64": "iQ==", "datacontenttype": "image/png"}),
        ("text/plain", b"\xff", {"data_base64": "/w==", "datacontenttype": "text/plain"}),
        ("application/json", b"[1]", {"data": [1]}),
    ],
)
def test_binary_mode_keeps_any_data(content_type: str, body: bytes, data: object) -> None:
    (row,) = envelope(parse_events(body, content_type, now=NOW, headers=HEADERS))
    assert row["data"] == data


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({"ce-id": ""}, b"", "no id"),
        ({"ce-subject": "a%00b"}, b"", "NUL"),
        ({"ce-subject": "%ff"}, b"", "percent-encoded"),
        ({}, b'{"a": "\\u0000"}', "NUL"),
        ({}, b"{", "the body is not JSON"),
    ],
)
def test_a_bad_event_in_binary_mode_is_refused(headers: dict[str, str], body: bytes, reason: str) -> None:
    lower = {name.lower(): value for name, value in HEADERS.items()}
    received = parse_events(body, "application/json", now=NOW, headers=lower | headers)
    assert received.events.num_rows == 0
    assert reason in received.refused[0].reason


def test_headers_do_not_matter_where_the_content_type_says_structured() -> None:
    received = parse_events(GOOD, ONE, now=NOW, headers=HEADERS)
    assert envelope(received)[0]["source"] == "shop"
