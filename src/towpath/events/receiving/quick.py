"""The quick way for the ordinary batch: decoded whole, column by column. Gives up at whatever is odd."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from towpath.events.importers.chunks import MAX_RAW_BYTES
from towpath.events.receiving.attributes import (
    ALIASES,
    WHOLE_NUMBER,
    Attributes,
    Columns,
    absent,
    trace_of,
)
from towpath.events.receiving.columns import columns_of

OWN_MEMBER = "towpath"
"""Member of `data` in which a sender that cannot set attributes may put them."""
_ODD = (b"\\u0000", b'"towpath"')
"""What only a careful reading sees into: an escaped NUL, attributes within data."""
_ORDINARY_VERSIONS = frozenset({"1.0", "1.0.1", "1.0.2"})
_NO_DATA = frozenset({b"", b"null"})
_JSON = frozenset({None, "application/json"})
_decode_list = msgspec.json.Decoder(list[Attributes]).decode
_decode_one = msgspec.json.Decoder(Attributes).decode


def read_quickly(body: bytes, lines: Sequence[bytes] | None, *, cloud: bool) -> Columns | None:
    """The columns of a batch by the envelope's names, or None where any event has to be read carefully.

    `lines` are the body's events where it has one a line; else it is a JSON array. With `cloud` each event
    must be a CloudEvent.
    """
    longest = len(body) if lines is None else max(map(len, lines))
    if longest > MAX_RAW_BYTES or any(sign in body for sign in _ODD):
        return None
    try:
        events = _decode_list(body) if lines is None else list(map(_decode_one, lines))
        columns = columns_of(events)
        return columns if _is_ordinary(columns, cloud=cloud) and _settle(columns) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_ordinary(columns: Columns, *, cloud: bool) -> bool:
    versions = set(columns["specversion"])
    if not versions <= (_ORDINARY_VERSIONS if cloud else _ORDINARY_VERSIONS | {None}):
        return False
    if None in versions and None in columns["id"]:
        return False  # its content becomes its identity
    return set(columns["datacontenttype"]) <= _JSON


def _settle(columns: Columns) -> bool:
    """Puts data and what came under an alias into the columns; False where that takes a closer look."""
    for name, alias in ALIASES.items():
        given, others = columns[name], columns[alias]
        if absent(others):
            continue
        if not absent(given):
            return False
        if alias == "traceparent":
            columns[name] = [None if each is None else trace_of(each) for each in others]
            if columns[name].count(None) != others.count(None):
                return False
        elif alias == "sequence" and not all(map(_counts, others)):
            return False
        else:
            columns[name] = others
    return _settle_data(columns)


def _counts(sequence: object) -> bool:
    if isinstance(sequence, str):
        return sequence == "" or WHOLE_NUMBER.fullmatch(sequence) is not None
    return sequence is None or type(sequence) is int


def _settle_data(columns: Columns) -> bool:
    raws = [bytes(raw) for raw in columns["data"]]
    given = [raw for raw in raws if raw not in _NO_DATA]
    if any(raw[0] != ord("{") for raw in given):
        return False
    msgspec.json.decode(b"[" + b",".join(given) + b"]")  # of a raw text only the grammar was looked at so far
    columns["data"] = raws
    return True
