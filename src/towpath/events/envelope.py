"""The envelope: one shape for everything that happened, on any channel.

Outside it is CloudEvents 1.0.2; inside it is one wide Arrow table, so that "everything this customer met"
is one query. An event's identity is (source, id). The order of events is (time, seq, source, id), everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

ENVELOPE_VERSION = 1
"""Raised when a column changes its meaning; new columns do not raise it."""

EVENT_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("received", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("identifier", pa.string()),
        pa.field("identifiers", pa.string()),
        pa.field("key", pa.int64(), nullable=False),
        pa.field("case_key", pa.int64()),
        pa.field("session", pa.string()),
        pa.field("case", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("service", pa.string()),
        pa.field("component", pa.string()),
        pa.field("environment", pa.string()),
        pa.field("version", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("latency_ms", pa.float64()),
        pa.field("value", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("team", pa.string()),
        pa.field("tier", pa.string()),
        pa.field("ticket", pa.string()),
        pa.field("change", pa.string()),
        pa.field("trace", pa.string()),
        pa.field("data", pa.string()),
    ]
)
"""`seq`: place in its source. `identifier`: who was served, as received ("account:4711", "mail:a@b.example").
`identifiers`: further identifiers that the event shows for the same customer, a JSON array of such texts.
`key`: whose story the event belongs to (`subject_key`). `case_key`: hash of the case (`case_key`), null
without one. `outcome`: an `Outcome`, null when the source does not say. `latency_ms`: what the customer
waited, in milliseconds. `value`: money in `currency`. `data`: a JSON object with everything else the source
said."""

SHOWN_FIELDS = (
    "time", "type", "case", "identifier", "channel", "outcome", "latency_ms", "team", "value", "data",
)  # fmt: skip
"""What a person looks at to see whether events were understood."""

SORT_ORDER = ("key", "time", "seq", "source", "id")
"""How the rows of a body file lie: by whose story, then in the order of events."""


class Outcome(StrEnum):
    """How an attempt ended. Only a fault ruins a day."""

    OK = "ok"
    FAULT = "fault"
    REFUSED = "refused"
    MISTAKE = "mistake"
    ABANDONED = "abandoned"


def subject(identifier: str | None, case: str | None, source: str, service: str | None) -> str:
    """Whose story an event belongs to: the customer's, else the case's, else the service's of that source."""
    if identifier:
        return f"customer:{identifier}"
    if case:
        return f"case:{source}:{case}"
    return f"service:{source}:{service or ''}"


def subject_key(name: str) -> int:
    """64-bit xxhash of a subject (see `subject`), as the signed integer that Delta can hold."""
    unsigned = xxhash.xxh3_64_intdigest(name.encode())
    return unsigned - (1 << 64) if unsigned >= (1 << 63) else unsigned


def subject_keys(names: Iterable[str]) -> npt.NDArray[np.int64]:
    """`subject_key` of each of these subjects."""
    return np.fromiter(map(xxhash.xxh3_64_intdigest, map(str.encode, names)), np.uint64).view(np.int64)


def is_key(text: str) -> bool:
    """Whether a text is a key as JSON and addresses carry it: a whole number of 64 bits."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and -(1 << 63) <= int(text) < 1 << 63


def case_key(source: str, case: str) -> int:
    """Key of a case; equal to `subject_key` for events that name no customer."""
    return subject_key(f"case:{source}:{case}")


def row_id(source: str, row: bytes, nth: int) -> str:
    """Identity of a record that brings none of its own: hash of source, raw content, which equal one it is.

    The same file imported twice therefore gives the same ids (and counts once), while two equal rows of one
    file stay two.
    """
    return xxhash.xxh3_128_hexdigest(b"\x1f".join((source.encode(), row, str(nth).encode())))
