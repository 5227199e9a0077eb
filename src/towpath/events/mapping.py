"""A mapping: from a source's columns to the envelope, as a small YAML file that a person can read and mend.

    source: service-desk               # name of the source; part of every event's identity
    format: csv                        # xes | csv | jsonl | parquet | ocel2
    csv: {delimiter: ",", encoding: utf-8, quote: '"'}
    missing: ["?", ""]                 # texts that stand for "no value", in every format
    times: {zone: UTC, formats: ["%d/%m/%Y %H:%M"], earliest: 1990-01-01}
    events:
      time: {column: sys_updated_at}
      type: incident_state             # a text is the column of that name
      identifier: {column: caller_id, prefix: "caller:"}
      identifiers:                     # further ones of the same customer: all that have a value
        - {column: email, prefix: "mail:"}
        - {column: phone, prefix: "phone:"}
      channel: {constant: web}
      latency_ms: {column: seconds, unit: s}
      outcome:                         # of several, the first that gives a value
        - {column: activity, map: {A_DECLINED: refused}, otherwise: null}
        - {column: lifecycle, map: {COMPLETE: ok}, otherwise: null}
    data: rest                         # rest | none | [column, ...] | {column: name}
    history: growing                   # whole: what a file tells no more of its tickets is taken back

A value that `map` does not name stays as it is, unless `otherwise` says what becomes of it. In XES, an
attribute of the trace is the column `case:<key>`, as pm4py writes it. `data: rest` keeps every column that
no field took over unchanged, so that what `map` simplifies is not lost. In OCEL 2.0 (`ocel2`) an object's id
is the column `object:<type>`, and `rest` is the column `data`, which holds the whole event.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias, cast

import yaml

BUILT_IN = ("xes", "csv", "jsonl", "parquet", "ocel2")
"""Formats that `importers` reads itself; areas above add theirs (`importers.formats`)."""

TEXT_FIELDS = (
    "source",
    "id",
    "type",
    "identifier",
    "session",
    "case",
    "channel",
    "service",
    "component",
    "environment",
    "version",
    "outcome",
    "currency",
    "team",
    "tier",
    "ticket",
    "change",
    "trace",
)
NUMBER_FIELDS = ("latency_ms", "value")
IDENTIFIERS = "identifiers"
"""Of its columns every one that has a value counts; of the other fields' columns the first."""
EVENT_FIELDS = ("time", "seq", *TEXT_FIELDS, IDENTIFIERS, *NUMBER_FIELDS)
REQUIRED_FIELDS = ("time", "type")

MAX_SOURCE_CHARACTERS = 200
"""A name that people choose from and records are kept under."""

MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3, "min": 60e3, "h": 3_600e3}
"""What one of each unit that `latency_ms` may be given in is, in milliseconds."""

EARLIEST = date(1990, 1, 1)
"""A time before this day is taken for a mistake of the source, unless the mapping sets another day."""


@dataclass(frozen=True)
class Pick:
    """One way to find a field's value in a row: a column (or a constant), then map, prefix and unit."""

    column: str | None = None
    constant: str | None = None
    map: Dictionary[str, str | None] | None = None
    otherwise: str | None = None
    has_otherwise: bool = False
    prefix: str = ""
    unit: str | None = None

    @property
    def keeps_value(self) -> bool:
        """True if the column's value can still be told from the field (a prefix or a unit loses nothing)."""
        return self.map is None and not self.has_otherwise


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str = '"'


@dataclass(frozen=True)
class TimeForm:
    """How times are written: the zone of those without offset, their formats (tried in order), the earliest
    day.

    A local time that happens twice (the hour repeated in autumn) is taken as the first of both; one that
    never happens (the hour left out in spring) is refused.
    """

    zone: str = "UTC"
    formats: tuple[str, ...] = ("iso",)
    earliest: date = EARLIEST


Data: TypeAlias = Literal["rest", "none"] | tuple[str, ...] | Pick


@dataclass(frozen=True)
class Mapping:
    """From the columns of one source to the envelope. Made by `mapping_text.load_mapping` or by
    `sniffing`."""

    source: str
    format: str
    events: Dictionary[str, tuple[Pick, ...]]
    csv: CsvForm = field(default_factory=CsvForm)
    missing: tuple[str, ...] = ("",)
    times: TimeForm = field(default_factory=TimeForm)
    data: Data = "rest"
    sections: Dictionary[str, object] = field(default_factory=dict)
    """What higher areas read (`sections.add_section`), by name: texts as written, lists and dicts of them."""

    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping names, each once, in the order of the file."""
        picks = [pick for field_picks in self.events.values() for pick in field_picks]
        named = [pick.column for pick in picks if pick.column is not None]
        if isinstance(self.data, tuple):
            named.extend(self.data)
        elif isinstance(self.data, Pick):
            named.append(cast(str, self.data.column))
        return tuple(dict.fromkeys(named))

    def taken_over(self) -> frozenset[str]:
        """Columns whose value a field holds unchanged: `data: rest` leaves them out."""
        picks = [pick for field_picks in self.events.values() for pick in field_picks]
        return frozenset(pick.column for pick in picks if pick.column is not None and pick.keeps_value)


def _plain_pick(pick: Pick) -> object:
    plain: dict[str, object] = {}
    if pick.column is not None:
        plain["column"] = pick.column
    if pick.constant is not None:
        plain["constant"] = pick.constant
    if pick.map is not None:
        plain["map"] = dict(pick.map)
    if pick.has_otherwise:
        plain["otherwise"] = pick.otherwise
    if pick.prefix:
        plain["prefix"] = pick.prefix
    if pick.unit is not None:
        plain["unit"] = pick.unit
    return plain["column"] if list(plain) == ["column"] else plain


def dump_mapping(mapping: Mapping) -> str:
    """The YAML text of a mapping; `load_mapping` reads it back to an equal one."""
    plain: dict[str, object] = {"source": mapping.source, "format": mapping.format}
    if mapping.format == "csv" or mapping.csv != CsvForm():
        form = mapping.csv
        plain["csv"] = {"delimiter": form.delimiter, "encoding": form.encoding, "quote": form.quote}
    plain["missing"] = list(mapping.missing)
    times = mapping.times
    plain["times"] = {"zone": times.zone, "formats": list(times.formats), "earliest": times.earliest}
    plain["events"] = {
        name: _plain_pick(picks[0]) if len(picks) == 1 else [_plain_pick(pick) for pick in picks]
        for name, picks in mapping.events.items()
    }
    data = mapping.data
    plain["data"] = _plain_data(data)
    plain.update(mapping.sections)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)


def _plain_data(data: Data) -> object:
    if isinstance(data, Pick):
        return {"column": data.column}
    return list(data) if isinstance(data, tuple) else data


def _column(name: str) -> tuple[Pick, ...]:
    return (Pick(column=name),)


CLOUDEVENTS = Mapping(
    source="cloudevents",
    format="jsonl",
    events={
        "time": _column("time"),
        "source": _column("source"),
        "id": _column("id"),
        "type": _column("type"),
        "identifier": (Pick(column="identifier"), Pick(column="subject")),
        IDENTIFIERS: _column(IDENTIFIERS),
        "latency_ms": (Pick(column="latencyms", unit="ms"),),
        **{name: _column(name) for name in TEXT_FIELDS if name not in ("source", "id", "type", "identifier")},
        "value": _column("value"),
    },
    data=Pick(column="data"),
)
"""CloudEvents 1.0 as JSON lines need no mapping: extension attributes carry the envelope's names, in lower
case without underscores (`latencyms`), since CloudEvents allows no others."""
