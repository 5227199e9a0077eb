"""Records as tables for a terminal: what `--json` prints, laid out for people."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, TypeGuard

import msgspec
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from towpath.foundation.ui.figures import duration, number, percent

MOST_ROWS = 40
SHARES = ("share", "estimate", "low", "high", "rate", "coverage", "difference", "went_on")
"""Fields that hold shares end so, unless they begin as these do: customers, and money."""
AMOUNTS = ("lost_beyond", "money")
PIPED_WIDTH = 160
EMPTY: tuple[Any, ...] = (None, "", (), {})
"""What says nothing: such a line, or a column of such cells, is left out."""


def print_tables(record: object) -> None:
    """Plain values as lines, nested records as tables, after the record's own field names."""
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    body = msgspec.structs.asdict(record) if isinstance(record, msgspec.Struct) else {"": record}
    tables = []
    for name, value in body.items():
        if _records(value):
            tables.append((name, value))
        elif value not in EMPTY:
            console.print(f"{_words(name)}: {_cell(name, value)}", highlight=False)
    for name, rows in tables:
        console.print(_table(name, rows))


def _table(name: str, rows: tuple[Any, ...]) -> Table:
    table = Table(title=_words(name), title_justify="left")
    flat = [_flat(row) for row in rows[:MOST_ROWS]]
    # A record that one row lacks and another has is spread out in that one alone.
    named = dict.fromkeys(name for row in flat for name in row)
    shown = [name for name in named if any(row.get(name) not in EMPTY for row in flat)]
    for column in shown:
        number = any(isinstance(row.get(column), int | float) for row in flat)
        table.add_column(_words(column), justify="right" if number else "left")
    for row in flat:
        table.add_row(*(_cell(column, row.get(column)) for column in shown))
    if len(rows) > MOST_ROWS:
        table.caption = _("%(count)d more: see --json") % {"count": len(rows) - MOST_ROWS}
    return table


def _flat(row: Any) -> dict[str, Any]:
    """A record's fields, small records within it spread out; of lists of records their names, where they have
    any: the rest is left to `--json`."""
    found: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(row).items():
        if isinstance(value, msgspec.Struct):
            found |= {f"{name}_{inner}": each for inner, each in msgspec.structs.asdict(value).items()}
        elif not _records(value):
            found[name] = value
        elif hasattr(value[0], "name"):
            found[name] = ", ".join(getattr(each, "name", None) or "" for each in value)
    return found


def _records(value: Any) -> TypeGuard[tuple[msgspec.Struct, ...]]:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], msgspec.Struct)


def _words(name: str) -> str:
    return name.rstrip("_").replace("_seconds", "").replace("_", " ")


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, msgspec.Struct):
        value = {
            key: each
            for key, each in msgspec.structs.asdict(value).items()
            if each not in EMPTY and not _records(each)
        }
    if isinstance(value, dict):
        return ", ".join(f"{_words(key)} {_cell(key, each)}" for key, each in value.items())
    return " → ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _number(name: str, value: float) -> str:
    if "seconds" in name or name.startswith("from_"):
        return duration(value)
    if name.endswith(SHARES) and not name.startswith(AMOUNTS):
        return percent(value)
    if name in {"p", "q"}:
        return f"{value:.2g}"
    return number(value, 0 if isinstance(value, int) else 2)
