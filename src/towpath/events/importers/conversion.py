"""Raw rows to events, a chunk at a time: columns are converted whole, and a row that fails says why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TypeAlias, cast

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA, Outcome, case_key, subject, subject_key
from towpath.events.importers.chunks import MAX_RAW_BYTES, MAX_TEXT_CHARACTERS, Row
from towpath.events.mapping import IDENTIFIERS, MILLISECONDS, NUMBER_FIELDS, TEXT_FIELDS, Mapping, Pick
from towpath.events.times import parse_times

AHEAD = timedelta(days=1)
"""How far after now a time may lie: clocks go wrong, and zones are set wrong."""

Reasons: TypeAlias = list[str | None]
_OUTCOMES = frozenset(Outcome)
_encode = msgspec.json.Encoder(order="sorted").encode
_encode_as_it_stands = msgspec.json.Encoder().encode


def raw_json(row: Row) -> bytes:
    """The canonical text of a raw row (columns sorted by name): what its identity is the hash of."""
    return _encode(row)


class Conversion:
    """The rows of one source, as one mapping understands them. `now` (with a zone) bounds times, fills
    `received`."""

    def __init__(self, mapping: Mapping, now: datetime) -> None:
        self.mapping = mapping
        self.now = now.astimezone(UTC)
        self._missing: tuple[object, ...] = (None, *mapping.missing)
        self._taken = mapping.taken_over()
        self._keys: dict[tuple[str | None, str | None, str, str | None], int] = {}

    def texts(self, name: str, rows: Sequence[Row]) -> list[str | None]:
        """A text field's values; None where the source gives none."""
        return self._coalesce(name, rows, _as_text)  # type: ignore[return-value]

    def sources(self, rows: Sequence[Row]) -> list[str]:
        """The source of each row: the mapping's, unless a column names it."""
        if "source" not in self.mapping.events:
            return [self.mapping.source] * len(rows)
        return [each or self.mapping.source for each in self.texts("source", rows)]

    def convert(
        self,
        rows: Sequence[Row],
        raws: Sequence[bytes],
        ids: Sequence[str | None],
        seqs: Sequence[int],
        reasons: Reasons,
    ) -> pa.RecordBatch:
        """The events (EVENT_SCHEMA) of the rows that can be read; `raws` are the rows' canonical texts,
        `ids` their identities, `seqs` their places in the file.

        `reasons` has one item a row: a row that comes with a reason is left out; the others get theirs here,
        if they cannot be read.
        """
        _check_whole_rows(raws, reasons)
        columns: dict[str, list[object] | pa.Array] = {"id": list(ids)}
        columns["time"] = self._times(rows, reasons)
        for name in TEXT_FIELDS:
            if name not in ("id", "source"):
                columns[name] = self.texts(name, rows) if name in self.mapping.events else [None] * len(rows)
        columns["source"] = self.sources(rows)
        columns[IDENTIFIERS] = self._identifiers(rows, columns["identifier"])
        _require(columns["type"], "type", reasons)
        _require(columns["id"], "id", reasons)
        _check_outcomes(columns["outcome"], reasons)
        for name in NUMBER_FIELDS:
            columns[name] = self._numbers(name, rows, reasons)
        _check_latency(columns["latency_ms"], reasons)
        columns["seq"] = self._seqs(rows, seqs, reasons)
        columns["data"] = self._data(rows)
        self._add_keys(columns)
        return self._batch(columns, reasons)

    def _values(self, pick: Pick, rows: Sequence[Row], shape: Callable[[object], object]) -> list[object]:
        if pick.column is None:
            values: list[object] = [pick.constant] * len(rows)
        else:
            column, missing = pick.column, self._missing
            values = [row.get(column) for row in rows]
            values = [None if value in missing else value for value in values]
        if pick.map is not None or pick.has_otherwise:
            return [_mapped(pick, value) for value in values]
        if pick.prefix:
            return [None if value is None else pick.prefix + str(_as_text(value)) for value in values]
        return [value if value is None or type(value) is str else shape(value) for value in values]

    def _coalesce(self, name: str, rows: Sequence[Row], shape: Callable[[object], object]) -> list[object]:
        picks = self.mapping.events[name]
        values = self._values(picks[0], rows, shape)
        for pick in picks[1:]:
            if None not in values:
                break
            other = self._values(pick, rows, shape)
            values = [second if first is None else first for first, second in zip(values, other, strict=True)]
        return values

    def _identifiers(self, rows: Sequence[Row], served: Sequence[object]) -> list[object]:
        """For each row a JSON array of the further identifiers, each once, without the one in `served`."""
        picks = self.mapping.events.get(IDENTIFIERS)
        if picks is None:
            return [None] * len(rows)
        found: list[object] = []
        for row, identifier in zip(rows, served, strict=True):
            texts = dict.fromkeys(text for pick in picks for text in self._further(pick, row))
            texts.pop(cast(str, identifier), None)
            found.append(_encode(list(texts)).decode() if texts else None)
        return found

    def _further(self, pick: Pick, row: Row) -> list[str]:
        value = row.get(cast(str, pick.column))
        shown = (_mapped(pick, each) for each in _several(value) if each not in self._missing)
        return [text for text in shown if text]

    def _times(self, rows: Sequence[Row], reasons: Reasons) -> pa.Array:
        values = self.texts("time", rows)
        form = self.mapping.times
        found = parse_times(pa.array(values, pa.string()), form.formats, form.zone)
        earliest = _micros(datetime.combine(form.earliest, time(), UTC))
        latest = _micros(self.now + AHEAD)
        suspect = ~found.known | (found.micros < earliest) | (found.micros > latest)
        for at in np.flatnonzero(suspect):
            if found.unreal[at]:
                reason = f"time {values[at]!r} never happened in {form.zone} (clocks were put forward)"
            elif values[at] is None:
                reason = "no time"
            elif not found.known[at]:
                reason = f"time {values[at]!r} fits none of the formats {', '.join(form.formats)}"
            elif found.micros[at] < earliest:
                reason = f"time {values[at]!r} lies before {form.earliest} (times.earliest in the mapping)"
            else:
                reason = f"time {values[at]!r} lies in the future"
            reasons[at] = reasons[at] or reason
        return pa.array(found.micros).cast(EVENT_SCHEMA.field("time").type)

    def _numbers(self, name: str, rows: Sequence[Row], reasons: Reasons) -> list[object]:
        if name not in self.mapping.events:
            return [None] * len(rows)
        values = self._coalesce(name, rows, lambda value: value)
        unit = next((pick.unit for pick in self.mapping.events[name] if pick.unit), None)
        factor = MILLISECONDS[unit] if unit else 1.0
        numbers: list[object] = [None] * len(values)
        for at, value in enumerate(values):
            if value is None:
                continue
            number = _as_number(value)
            if number is None:
                reasons[at] = reasons[at] or f"{name} {_shown(value)} is not a number"
            else:
                numbers[at] = number * factor
        return numbers

    def _seqs(self, rows: Sequence[Row], places: Sequence[int], reasons: Reasons) -> list[object]:
        if "seq" not in self.mapping.events:
            return list(places)
        seqs: list[object] = list(places)
        for at, value in enumerate(self.texts("seq", rows)):
            number = None if value is None else _as_number(value)
            if number is None or number != int(number) or abs(number) >= 2**63:
                reasons[at] = reasons[at] or f"seq {_shown(value)} is not a whole number"
            else:
                seqs[at] = int(str(value)) if str(value).lstrip("-").isdigit() else int(number)
        return seqs

    def _data(self, rows: Sequence[Row]) -> list[object]:
        kept, missing = self.mapping.data, self._missing
        if kept == "none":
            return [None] * len(rows)
        if isinstance(kept, Pick):
            column = cast(str, kept.column)
            return [_data_object(column, row.get(column)) for row in rows]
        if kept == "rest":
            taken = self._taken
            found = [
                {name: value for name, value in row.items() if name not in taken and value not in missing}
                for row in rows
            ]
        else:
            found = [{name: row[name] for name in kept if row.get(name) not in missing} for row in rows]
        return [_encode_as_it_stands(each).decode() if each else None for each in found]

    def _add_keys(self, columns: dict[str, list[object] | pa.Array]) -> None:
        known = self._keys
        if len(known) > 200_000:
            known.clear()  # a cache: customers come and go, memory must not
        keys: list[object] = []
        case_keys: list[object] = []
        parts = zip(*(columns[name] for name in ("identifier", "case", "source", "service")), strict=True)
        for part in parts:
            identifier, case, source, service = part
            key = known.get(part)
            if key is None:
                key = known[part] = subject_key(subject(identifier, case, source, service))
            keys.append(key)
            if not case:
                case_keys.append(None)
            elif identifier:
                alone = (None, case, source, None)
                found = known.get(alone)
                if found is None:
                    found = known[alone] = case_key(source, case)
                case_keys.append(found)
            else:
                case_keys.append(key)
        columns["key"], columns["case_key"] = keys, case_keys

    def _batch(self, columns: dict[str, list[object] | pa.Array], reasons: Reasons) -> pa.RecordBatch:
        arrays = []
        for field in EVENT_SCHEMA:
            if field.name == "received":
                received = pa.scalar(self.now, field.type)
                arrays.append(pa.repeat(received, len(reasons)))
                continue
            values = columns.get(field.name)
            if values is None:
                arrays.append(pa.nulls(len(reasons), field.type))
                continue
            array = values if isinstance(values, pa.Array) else pa.array(values, field.type)
            if field.type == pa.string() and field.name != "data":
                _check_lengths(field.name, array, reasons)
            arrays.append(array)
        batch = pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA)
        if any(reasons):
            batch = batch.filter(pa.array([reason is None for reason in reasons], pa.bool_()))
        return batch


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    return _encode(value).decode()


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        return None  # Python reads 1_000 and Arabic digits; a source that writes them means something else
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _several(value: object) -> Sequence[object]:
    """The items of a list, also of one written as JSON; else the value alone."""
    if isinstance(value, list):
        return value
    if isinstance(value, str) and value.startswith("["):
        try:
            return msgspec.json.decode(value, type=list[str])
        except msgspec.MsgspecError:
            return [value]
    return [value]


def _mapped(pick: Pick, value: object) -> str | None:
    text = _as_text(value)
    if text is None:
        return None
    if pick.map is not None and text in pick.map:
        found = pick.map[text]
    else:
        found = pick.otherwise if pick.has_otherwise else text
    return found if found is None or not pick.prefix else pick.prefix + found


def _data_object(column: str, value: object) -> str | None:
    if value is None:
        return None
    return _encode_as_it_stands(value if isinstance(value, dict) else {column: value}).decode()


def _holds_nul(raw: bytes) -> bool:
    return b"\\u0000" in raw and b"\\u0000" in raw.replace(b"\\\\", b"")


def _check_whole_rows(raws: Sequence[bytes], reasons: Reasons) -> None:
    for at, raw in enumerate(raws):
        if len(raw) > MAX_RAW_BYTES:
            reasons[at] = (
                reasons[at] or f"the row has {len(raw):,} bytes; at most {MAX_RAW_BYTES:,} are taken"
            )
        elif b"\\u0000" in raw and _holds_nul(raw):
            reasons[at] = reasons[at] or "the row holds a NUL byte"


def _require(values: Sequence[object], name: str, reasons: Reasons) -> None:
    if None in values or "" in values:
        for at, value in enumerate(values):
            if not value:
                reasons[at] = reasons[at] or f"no {name}"


def _check_outcomes(values: Sequence[object], reasons: Reasons) -> None:
    for unknown in set(values) - _OUTCOMES - {None}:
        reason = f"outcome {_shown(unknown)} is not one of {', '.join(Outcome)}; map it in the mapping"
        for at, value in enumerate(values):
            if value == unknown:
                reasons[at] = reasons[at] or reason


def _check_latency(values: Sequence[object], reasons: Reasons) -> None:
    for at, value in enumerate(values):
        if value is not None and cast(float, value) < 0:
            reasons[at] = reasons[at] or f"latency_ms {value} is negative"


def _check_lengths(name: str, array: pa.Array, reasons: Reasons) -> None:
    longest = pc.max(pc.utf8_length(array)).as_py()
    if longest is not None and longest > MAX_TEXT_CHARACTERS:
        for at, size in enumerate(pc.utf8_length(array).to_pylist()):
            if size is not None and size > MAX_TEXT_CHARACTERS:
                reason = f"{name} has {size:,} characters; at most {MAX_TEXT_CHARACTERS:,} are taken"
                reasons[at] = reasons[at] or reason
