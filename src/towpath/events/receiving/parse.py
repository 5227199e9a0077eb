"""A body as it was sent to rows of the envelope.

Taken are CloudEvents 1.0 (structured, batched, and in binary mode where there are headers `ce-...`) and plain
JSON. An event needs `id`, `source` and `type`. `time` is RFC 3339 with a zone, from 1990 until a day after
now; absent, it is now, which fills `received` too.

Envelope: an attribute that is named like a column fills it (`identifier`, `identifiers`, `session`, `case`,
...); `subject` is the identifier, `latencyms` the latency, `traceparent` gives the trace, a whole-numbered
`sequence` the seq. Absent, `seq` is the moment of arrival (microseconds * 1000 + place in the batch, at most
999), so that events of one moment stay in the order they were sent in.

Data: an object is kept as it is, anything else as {"data": ...} or {"data_base64": ...} with its
`datacontenttype`. Attributes without a column are kept in it under their names, with "ce-" before a name that
is taken. Members of data never fill columns by their mere names (a "value" need not be money, nor a "version"
one of software); a sender that cannot set attributes puts them into `data.towpath`, by the columns' names,
and they count where the event itself does not say.

Plain JSON has no `specversion`; its members are the columns' names and `data`. Without `id` it must have a
`time`, and its identity is the hash of its content (`row_id`): the same content twice is the same event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from towpath.events.receiving.binary import is_binary, read_binary
from towpath.events.receiving.careful import read_event
from towpath.events.receiving.gathering import Gathered
from towpath.events.receiving.quick import read_quickly
from towpath.events.receiving.refusals import BodyRefused, Received

MAX_EVENTS = 20_000
"""Of one body."""
MAX_COMMAS = 2_000_000
"""Of one body: one of nothing but tiny values would fill the memory."""

_PART = 16
"""Events that are read carefully because one of them is odd."""

ONE, MANY, EITHER, LINES = "one", "many", "either", "lines"
FORMS = {
    "application/cloudevents+json": ONE,
    "application/cloudevents-batch+json": MANY,
    "application/json": EITHER,
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonlines": LINES,
}
"""Content type to what the body is: one event, an array, either of them, or one event a line."""
_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_SMALLER = "Send fewer events at a time; 500 are a good batch."


def parse_events(
    body: bytes, content_type: str, *, now: datetime, headers: Mapping[str, str] | None = None
) -> Received:
    """The events of an unpacked body, and what could not be read, each with its place and reason.

    `now` has a zone; `headers` are looked at for CloudEvents in binary mode. Raises BodyRefused where nothing
    of the body can be read.
    """
    now = now.astimezone(UTC)
    media, charset = _media_type(content_type)
    if headers is not None and is_binary(media, headers):
        found = Gathered()
        found.read([body], lambda raw: read_binary(raw, content_type, headers))
        return found.finish(lambda: [body], _nth, now)
    form = _form(media, charset)
    body = body.removeprefix(b"\xef\xbb\xbf").rstrip()
    if not body:
        raise BodyRefused(400, "Empty body", "The body holds no event.")
    if body.count(b",") > MAX_COMMAS:
        raise BodyRefused(413, "Too large", f"The body holds millions of values. {_SMALLER}")
    cloud = media.startswith("application/cloudevents")
    return _read_lines(body, now) if form == LINES else _read_json(body.lstrip(), form, now, cloud=cloud)


def _media_type(content_type: str) -> tuple[str, str]:
    media, *parameters = content_type.split(";")
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = [
        value.strip(" \t\"'").lower() for name, _, value in pairs if name.strip().lower() == "charset"
    ]
    return media.strip().lower(), charsets[0] if charsets else ""


def _form(media: str, charset: str) -> str:
    if media not in FORMS:
        given = f"{media[:80]!r} is not known here" if media else "There is no content type"
        known = ", ".join(FORMS)
        detail = f'{given}; with curl, add -H "Content-Type: application/json". Known are {known}.'
        raise BodyRefused(415, "Unknown content type", detail)
    if charset not in _CHARSETS:
        raise BodyRefused(415, "Unknown charset", f"{charset[:60]!r} is not known here; JSON is UTF-8.")
    return FORMS[media]


def _nth(at: int) -> str:
    return f"event {at + 1}"


def _read_lines(body: bytes, now: datetime) -> Received:
    pieces = [line.strip() for line in body.split(b"\n")]
    numbers = [number for number, line in enumerate(pieces, 1) if line]
    lines = [line for line in pieces if line]
    _check_count(len(lines))
    if not any(line.startswith(b"{") for line in lines):
        detail = "None of the lines is a JSON object; this content type has one event a line."
        raise BodyRefused(400, "Not JSON lines", detail)
    return _read_events(lines, lambda at: f"line {numbers[at]}", now, cloud=False)


def _read_json(body: bytes, form: str, now: datetime, *, cloud: bool) -> Received:
    single = body.startswith(b"{")
    if single and form == MANY:
        detail = "The body is one object, not an array; send it as application/cloudevents+json."
        raise BodyRefused(400, "Not a batch", detail)
    if not single and form == ONE and body.startswith(b"["):
        detail = "The body is an array, not one event; send it as application/cloudevents-batch+json."
        raise BodyRefused(400, "Not one event", detail)
    columns = None if single else read_quickly(body, None, cloud=cloud)
    if columns is None:
        return _read_events(_elements(body), _nth, now, cloud=cloud)
    _check_count(len(columns["id"]))
    found = Gathered()
    found.add(columns, range(len(columns["id"])))
    return found.finish(lambda: _elements(body), _nth, now)


def _elements(body: bytes) -> list[bytes]:
    """The texts of an array's items, or of the one object."""
    try:
        body.decode()
        whole = msgspec.json.decode(body, type=msgspec.Raw)
    except UnicodeDecodeError as error:
        detail = f"Byte 0x{body[error.start]:02x} at place {error.start + 1} is not UTF-8."
        raise BodyRefused(400, "Not UTF-8", detail) from error
    except (msgspec.DecodeError, RecursionError) as error:
        detail = f"{error}."
        if body.startswith(b"{") and "trailing" in detail:
            detail += " Several objects go one a line, as application/x-ndjson (with curl: --data-binary)."
        raise BodyRefused(400, "Not JSON", detail) from error
    if body.startswith(b"{"):
        return [bytes(whole)]
    if not body.startswith(b"["):
        raise BodyRefused(400, "No event", "The body is JSON, but neither an object nor an array of them.")
    items = msgspec.json.decode(body, type=list[msgspec.Raw])
    _check_count(len(items))
    return [bytes(item) for item in items]


def _check_count(events: int) -> None:
    if events > MAX_EVENTS:
        detail = f"{events:,} events; a body may hold {MAX_EVENTS:,} at most. {_SMALLER}"
        raise BodyRefused(413, "Too many events", detail)


def _read_events(
    raws: Sequence[bytes], place: Callable[[int], str], now: datetime, *, cloud: bool
) -> Received:
    """Events of which each has its text: all at once where possible, else in parts, of which only those with
    an odd event are read carefully."""
    found = Gathered()
    columns = read_quickly(b"\n".join(raws), raws, cloud=cloud) if raws else None
    if columns is not None:
        found.add(columns, range(len(raws)))
        return found.finish(lambda: raws, place, now)
    for first in range(0, len(raws), _PART):
        part = raws[first : first + _PART]
        columns = read_quickly(b"\n".join(part), part, cloud=cloud)
        if columns is not None:
            found.add(columns, range(first, first + len(part)))
        else:
            found.read(part, lambda raw: read_event(raw, cloud=cloud), first)
    return found.finish(lambda: raws, place, now)
