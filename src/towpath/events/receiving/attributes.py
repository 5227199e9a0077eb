"""The attributes of an event as a sender may write them, and how they are named in the envelope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

Scalar: TypeAlias = str | int | float | bool | None
"""What an attribute of a CloudEvent may be in JSON. Numbers and truth values become text in a text column."""

Columns: TypeAlias = dict[str, Sequence[Any]]
"""Attribute to its values, an item an event."""


class Attributes(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event as it was sent. Fields that stand side by side mean the same column (`ALIASES`).

    Decoding fails for whatever is out of the ordinary (an attribute that is not known, a list where a text
    should be): such events are read one by one, by `careful.read_event`.
    """

    specversion: Scalar = None
    source: Scalar = None
    id: Scalar = None
    type: Scalar = None
    time: datetime | None = None
    identifier: Scalar = None
    subject: Scalar = None
    identifiers: list[str] | None = None
    session: Scalar = None
    case: Scalar = None
    channel: Scalar = None
    service: Scalar = None
    component: Scalar = None
    environment: Scalar = None
    version: Scalar = None
    outcome: Scalar = None
    latency_ms: Scalar = None
    latencyms: Scalar = None
    value: Scalar = None
    currency: Scalar = None
    team: Scalar = None
    tier: Scalar = None
    ticket: Scalar = None
    change: Scalar = None
    trace: Scalar = None
    traceparent: Scalar = None
    seq: Scalar = None
    sequence: Scalar = None
    datacontenttype: Scalar = None
    data: msgspec.Raw = msgspec.Raw()


NAMES = Attributes.__struct_fields__
KNOWN = frozenset(NAMES)
TEXT_NAMES = (
    "source", "id", "type", "identifier", "session", "case", "channel", "service", "component", "environment",
    "version", "outcome", "currency", "team", "tier", "ticket", "change", "trace",
)  # fmt: skip
"""Columns of the envelope that hold one text."""
ALIASES = {
    "identifier": "subject",
    "latency_ms": "latencyms",
    "trace": "traceparent",
    "seq": "sequence",
}
"""Column to the other name that it has as an attribute of a CloudEvent. Where an event has both, the column's
own name counts and the other is kept in `data`."""

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def trace_of(traceparent: object) -> str | None:
    """The trace id in a `traceparent` of W3C Trace Context; None where it is none."""
    match = _PARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
    return match and match[1]


def absent(values: Sequence[Any]) -> bool:
    """No event of the batch has this attribute."""
    return values.count(None) == len(values)


def shown(value: object) -> str:
    """A value in a message, not too long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
