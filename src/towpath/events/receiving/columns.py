"""Attributes of a whole batch to columns of the envelope; whoever does not fit gets a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA, Outcome, case_key, subject, subject_key, subject_keys
from towpath.events.importers.chunks import MAX_TEXT_CHARACTERS
from towpath.events.importers.conversion import AHEAD, Reasons
from towpath.events.receiving.attributes import (
    NAMES,
    TEXT_NAMES,
    WHOLE_NUMBER,
    Attributes,
    Columns,
    Scalar,
    absent,
    shown,
)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""An earlier time is a clock that was never set, or a unit that was mistaken."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OUTCOMES = frozenset(Outcome)
_REQUIRED = {
    "id": "no id: give each event an id that is unique in its source, so that a repeat counts once",
    "source": "no source: say which system the event comes from",
    "type": "no type: say what happened",
}
_NO_DATA = {b"": None, b"null": None}
_LAST_PLACE = 999
"""A microsecond has room for a thousand arrivals; the last ones of a larger batch tie, and ids decide."""


def columns_of(events: Sequence[Attributes]) -> Columns:
    """The events, an attribute a column."""
    if not events:
        return dict.fromkeys(NAMES, ())
    return dict(zip(NAMES, zip(*map(msgspec.structs.astuple, events), strict=True), strict=True))


def build(
    given: Mapping[str, Sequence[Any]], now: datetime, places: Sequence[int], reasons: Reasons
) -> pa.RecordBatch:
    """The events (EVENT_SCHEMA) of a batch, of which each column goes by its own name (no `ALIASES`).

    `places` are the events' in what was sent; `now` fills `received` and the time where none is given.

    `reasons` has one item an event, all None; those who cannot be taken get theirs here and are left out.
    """
    texts = {name: _texts(given[name]) for name in TEXT_NAMES}
    columns: dict[str, pa.Array] = {name: _text_column(values) for name, values in texts.items()}
    columns["received"] = pa.repeat(pa.scalar(now, _type("received")), len(reasons))
    columns["time"] = _times(given["time"], now, reasons)
    columns["latency_ms"] = _numbers("latency_ms", given["latency_ms"], reasons)
    columns["value"] = _numbers("value", given["value"], reasons)
    columns["seq"] = _seqs(given["seq"], now, places, reasons)
    columns["identifiers"] = _identifiers(given["identifiers"], reasons)
    columns["data"] = pa.array([_NO_DATA.get(raw, raw) for raw in map(bytes, given["data"])], pa.string())
    columns["key"], columns["case_key"] = _keys(texts)
    _require(texts, reasons)
    _check_outcomes(texts["outcome"], reasons)
    for name in (*TEXT_NAMES, "identifiers"):
        _check_lengths(name, columns[name], reasons)
    arrays = [columns[field.name] for field in EVENT_SCHEMA]
    if any(reasons):
        taken = pa.array([reason is None for reason in reasons], pa.bool_())
        arrays = [array.filter(taken) for array in arrays]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA)


def _type(name: str) -> pa.DataType:
    return EVENT_SCHEMA.field(name).type


def _refuse(reasons: Reasons, at: int, reason: str) -> None:
    reasons[at] = reasons[at] or reason


def _texts(values: Sequence[Scalar]) -> Sequence[str | None]:
    """Numbers and truth values as JSON writes them; an empty text says nothing, so it is null."""
    if absent(values) or (set(map(type, values)) <= {str, type(None)} and "" not in values):
        return cast("Sequence[str | None]", values)
    return [
        (value or None) if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
        for value in values
    ]


def _text_column(values: Sequence[str | None]) -> pa.Array:
    return pa.nulls(len(values), pa.string()) if absent(values) else pa.array(values, pa.string())


def _times(values: Sequence[datetime | None], now: datetime, reasons: Reasons) -> pa.Array:
    moments = [now if value is None else value for value in values]
    if None in [moment.tzinfo for moment in moments]:
        for at, moment in enumerate(moments):
            if moment.tzinfo is None:
                reason = f"time '{moment}' has no zone; write it like 2026-01-31T09:30:00Z, or with +02:00"
                _refuse(reasons, at, reason)
                moments[at] = now
    times = pa.array(moments, _type("time"))
    micros = times.view(pa.int64()).to_numpy()
    earliest = _micros(EARLIEST)
    for at in map(int, np.flatnonzero((micros < earliest) | (micros > _micros(now + AHEAD)))):
        where = "before 1990" if micros[at] < earliest else "more than a day in the future"
        _refuse(reasons, at, f"time '{moments[at]}' lies {where}; is the sender's clock right?")
    return times


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _numbers(name: str, values: Sequence[Scalar], reasons: Reasons) -> pa.Array:
    if absent(values):
        return pa.nulls(len(values), pa.float64())
    if set(map(type, values)) <= {float, type(None)}:
        numbers = cast("Sequence[float | None]", values)
    else:
        numbers = [_number(name, value, at, reasons) for at, value in enumerate(values)]
    if name == "latency_ms":
        for at, number in enumerate(numbers):
            if number is not None and number < 0:
                _refuse(reasons, at, f"latency_ms {number} is negative; it is how long the customer waited")
    return pa.array(numbers, pa.float64())


def _number(name: str, value: Scalar, at: int, reasons: Reasons) -> float | None:
    """A text may hold a number as JSON writes it: CloudEvents know no fractions, so SDKs send texts."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            return msgspec.json.decode(value.strip(), type=float)
        if not isinstance(value, bool):
            return float(value)
    except (msgspec.DecodeError, OverflowError):
        pass  # the reason is the same for all that is not a number
    _refuse(reasons, at, f"{name} {shown(value)} is no number that fits; write it like 812.5")
    return None


def _seqs(values: Sequence[Scalar], now: datetime, places: Sequence[int], reasons: Reasons) -> pa.Array:
    """The order of arrival stands in where a source counts nothing: events of one moment stay as sent."""
    arrival = _micros(now) * 1000
    seqs = arrival + np.minimum(np.asarray(places, np.int64), _LAST_PLACE)
    if not absent(values):
        for at, value in enumerate(values):
            if value is not None and value != "":
                seqs[at] = _whole_number(value, at, reasons)
    return pa.array(seqs, pa.int64())


def _whole_number(value: Scalar, at: int, reasons: Reasons) -> int:
    number = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and WHOLE_NUMBER.fullmatch(value):
        number = int(value)
    if number is None or abs(number) >= 2**63:
        _refuse(reasons, at, f"seq {shown(value)} is not a whole number below 2^63; leave it out, or count")
        return 0
    return number


def _identifiers(values: Sequence[list[str] | None], reasons: Reasons) -> pa.Array:
    if absent(values):
        return pa.nulls(len(values), pa.string())
    texts: list[bytes | None] = [None] * len(values)
    for at, value in enumerate(values):
        if value:
            texts[at] = msgspec.json.encode(list(dict.fromkeys(value)))
            if "" in value:
                _refuse(reasons, at, "identifiers holds an empty text; send only those that are known")
    return pa.array(texts, pa.string())


def _keys(texts: dict[str, Sequence[str | None]]) -> tuple[pa.Array, pa.Array]:
    if absent(texts["case"]) and all(texts["identifier"]):
        names = ["customer:" + identifier for identifier in texts["identifier"] if identifier]
        return pa.array(subject_keys(names)), pa.nulls(len(names), pa.int64())
    # Not kept beyond the batch: identifiers in a cache would outlive a customer who asked to be forgotten.
    known: dict[object, int] = {}
    keys: list[int] = []
    case_keys: list[int | None] = []
    for part in zip(*(texts[name] for name in ("identifier", "case", "source", "service")), strict=True):
        identifier, case, source, service = part[0], part[1], part[2] or "", part[3]
        owner: object = identifier or (part if case is None else (source, case))
        key = known.get(owner)
        if key is None:
            key = known[owner] = subject_key(subject(identifier, case, source, service))
        keys.append(key)
        if case is None:
            case_keys.append(None)
        elif identifier is None:
            case_keys.append(key)
        else:
            found = known.get((source, case))
            if found is None:
                found = known[source, case] = case_key(source, case)
            case_keys.append(found)
    return pa.array(keys, pa.int64()), pa.array(case_keys, pa.int64())


def _require(texts: dict[str, Sequence[str | None]], reasons: Reasons) -> None:
    for name, reason in _REQUIRED.items():
        if None in texts[name]:
            for at, value in enumerate(texts[name]):
                if value is None:
                    _refuse(reasons, at, reason)


def _check_outcomes(values: Sequence[str | None], reasons: Reasons) -> None:
    for unknown in set(values) - _OUTCOMES - {None}:
        reason = f"outcome {shown(unknown)} is not one of {', '.join(Outcome)}; send one of these, or none"
        for at, value in enumerate(values):
            if value == unknown:
                _refuse(reasons, at, reason)


def _check_lengths(name: str, array: pa.Array, reasons: Reasons) -> None:
    if array.null_count == len(array):
        return
    # Bytes are never fewer than characters, and their lengths are at hand: enough for nearly every batch.
    sizes = pc.binary_length(array)
    if (pc.max(sizes).as_py() or 0) <= MAX_TEXT_CHARACTERS:
        return
    for at, size in enumerate(pc.utf8_length(array).to_pylist()):
        if size is not None and size > MAX_TEXT_CHARACTERS:
            _refuse(reasons, at, f"{name} has {size:,} characters; at most {MAX_TEXT_CHARACTERS:,} are taken")
