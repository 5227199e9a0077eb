"""A chart's table twin: the rows that a Vega-Lite specification draws, as text to read and to listen to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from towpath.foundation.ui import figures

Spec = dict[str, Any]
PARTS = ("layer", "hconcat", "vconcat", "concat")


@dataclass(frozen=True)
class Column:
    """A field that the chart shows: `title` for people, Vega-Lite's type, d3 format if it names one."""

    field: str
    title: str
    kind: str
    format: str


@dataclass(frozen=True)
class Twin:
    """One table: column titles, whether each holds numbers, and the rows as text."""

    titles: list[str]
    numeric: list[bool]
    rows: list[list[str]]

    def lines(self) -> list[list[tuple[str, bool]]]:
        return [list(zip(row, self.numeric, strict=True)) for row in self.rows]


def twins(spec: Spec) -> list[Twin]:
    """One table for each set of data that is drawn, with the fields that any of the marks show."""
    datasets: dict[str, list[Spec]] = spec.get("datasets", {})
    columns: dict[str, dict[str, Column]] = {}
    rows: dict[str, list[Spec]] = {}
    for data, unit in _units(spec, None):
        if not data:
            continue
        name = data.get("name") or f"inline-{id(data['values'])}"
        rows[name] = data["values"] if "values" in data else datasets.get(name, [])
        for column in _columns(unit):
            columns.setdefault(name, {}).setdefault(column.field, column)
    return [_twin(list(found.values()), rows[name]) for name, found in columns.items() if rows[name]]


def _units(spec: Spec, inherited: Spec | None) -> Iterator[tuple[Spec | None, Spec]]:
    data = spec.get("data", inherited)
    for part in PARTS:
        for child in spec.get(part, []):
            yield from _units(child, data)
    if isinstance(spec.get("spec"), dict):
        yield from _units(spec["spec"], data)
    if spec.get("encoding"):
        yield data, spec


def _columns(unit: Spec) -> Iterator[Column]:
    for channel in unit["encoding"].values():
        for definition in channel if isinstance(channel, list) else [channel]:
            if isinstance(definition, dict) and isinstance(definition.get("field"), str):
                yield _column(definition)


def _column(definition: Spec) -> Column:
    field = definition["field"]
    axis = definition.get("axis") or {}
    return Column(
        field=field,
        title=str(definition.get("title") or axis.get("title") or field.replace("_", " ")),
        kind=definition.get("type", "nominal"),
        format=str(definition.get("format") or axis.get("format") or ""),
    )


def _twin(columns: list[Column], rows: list[Spec]) -> Twin:
    shown = [column for column in columns if any(column.field in row for row in rows)]
    return Twin(
        titles=[column.title for column in shown],
        numeric=[column.kind == "quantitative" for column in shown],
        rows=[[_text(row.get(column.field), column) for column in shown] for row in rows],
    )


def _text(value: Any, column: Column) -> str:
    if value is None:
        return figures.NOTHING
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _figure(float(value), column.format)
    if column.kind == "temporal" and isinstance(value, str):
        return _time(value)
    return str(value)


def _figure(value: float, d3_format: str) -> str:
    asked = re.search(r"\.(\d+)", d3_format)
    if d3_format.endswith("%"):
        return figures.percent(value, int(asked[1]) if asked else 0)
    decimals = int(asked[1]) if asked else 0 if value == int(value) else 2
    return figures.number(value, decimals)


def _time(value: str) -> str:
    try:
        read = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    midnight = read.time() == dt.time() and read.tzinfo is None
    return figures.day(read) if midnight else figures.moment(read)
