"""ServiceNow: the audit history (`sys_audit`) as CSV, one line for each field that changed.

Columns as the table calls them (documentkey, fieldname, oldvalue, newvalue, sys_created_on) or as its list
does ("Document key", "Field name", ...). Lines of one record need not stand together, nor in order; so they
are held in memory, up to MAX_LINES.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeAlias

from towpath.desk.importers.servicenow import COLUMNS, HOLD_REASONS, KINDS, STATES, TEXTS
from towpath.desk.importers.snapshots import Change, history, moment
from towpath.desk.importers.texts import plain
from towpath.events.importers.chunks import LINE_KEY, Block, ImportFailed, Row
from towpath.events.importers.delimited import read_csv
from towpath.events.importers.files import Source
from towpath.events.mapping import Mapping

MAX_LINES = 5_000_000
NAMES = {
    "documentkey": "documentkey", "document key": "documentkey", "tablename": "tablename",
    "table name": "tablename", "fieldname": "fieldname", "field name": "fieldname", "oldvalue": "oldvalue",
    "old value": "oldvalue", "newvalue": "newvalue", "new value": "newvalue",
    "sys_created_on": "sys_created_on", "created": "sys_created_on", "user": "user",
    "sys_created_by": "user", "created by": "user",
}  # fmt: skip
NEEDED = ("documentkey", "fieldname", "newvalue", "sys_created_on")
_COLUMN_OF = {field: column for column, field in {**COLUMNS, **TEXTS}.items()}
_COLUMN_OF.update({"state": "state", "incident_state": "state", "sys_class_name": "kind"})
_SAID = ("comments", "work_notes")

Line: TypeAlias = tuple[str, str, int, str, str, str]
"""Record, time, place among the lines, field, old and new value: in this order they are sorted."""


def recognises(beginning: str) -> bool:
    head = beginning.partition("\n")[0].replace('"', "").strip().casefold()
    found = {NAMES.get(name.strip()) for sign in ",;\t|" for name in head.split(sign)}
    return set(NEEDED) <= found


def read_audit(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows, one for each moment at which something of a record changed. Raises ImportFailed."""
    lines: list[Line] = []
    tables: dict[str, str] = {}
    failure: ImportFailed | None = None
    places: dict[str, str] = {}
    blocks = read_csv(source, replace(mapping, events={}, data="rest"), chunk_rows)
    while failure is None:
        try:
            block = next(blocks)
        except StopIteration:
            break
        except ImportFailed as error:
            failure = error
            break
        if block.broken:
            yield Block(block.place_of, [], block.broken)
        refused = _take(block, lines, tables, places)
        if refused:
            yield Block(block.place_of, [], refused)
        if len(lines) > MAX_LINES:
            what = f"It has more than {MAX_LINES:,} lines, which are put in order in memory."
            remedy = "Export the history in parts: by months of the tickets' creation, or by table."
            raise ImportFailed(source.name, None, what, remedy)
    yield from _blocks(lines, tables, places, chunk_rows)
    if failure is not None:
        raise failure


def _take(
    block: Block,
    lines: list[Line],
    tables: dict[str, str],
    places: dict[str, str],
) -> list[tuple[str, str, Row]]:
    refused: list[tuple[str, str, Row]] = []
    for at, row in enumerate(block.rows):
        line = {NAMES.get(name.strip().casefold(), name): str(value or "") for name, value in row.items()}
        key, field = line.get("documentkey", "").strip(), line.get("fieldname", "").strip()
        time = moment(line.get("sys_created_on"))
        if not key or not field or time is None:
            shown: Row = {LINE_KEY: ", ".join(line.values())[:2_000]}
            refused.append(
                (block.place_of(at), "no documentkey, no fieldname, or no time (sys_created_on)", shown)
            )
            continue
        places.setdefault(key, block.place_of(at))
        tables.setdefault(key, line.get("tablename", "").strip())
        old, new = line.get("oldvalue", ""), line.get("newvalue", "")
        lines.append((key, time.isoformat(), len(lines), field, old, new))
    return refused


def _blocks(
    lines: list[Line],
    tables: dict[str, str],
    places: dict[str, str],
    chunk_rows: int,
) -> Iterator[Block]:
    held: list[str] = []
    block = Block(held.__getitem__)
    lines.sort()
    for key, told in groupby(lines, key=lambda line: line[0]):
        for row in _rows(key, tables[key], list(told)):
            block.rows.append(row)
            held.append(f"record {key}, from {places[key]}")
            if len(block) >= chunk_rows:
                yield block
                held = []
                block = Block(held.__getitem__)
    if len(block):
        yield block


def _rows(key: str, table: str, told: Sequence[Line]) -> Iterable[Row]:
    values: Row = {field: new for _key, _time, _place, field, _old, new in told}
    changes = []
    for time, lines in groupby(told, key=lambda line: line[1]):
        before: Row = {}
        after: Row = {}
        said: Row = {}
        reason = ""
        for _key, _time, _place, field, old, new in lines:
            column = _COLUMN_OF.get(field)
            if field in _SAID:
                said["comment"] = plain(new)
                said["internal"] = field == "work_notes" or None
            elif field == "hold_reason":
                reason = HOLD_REASONS.get(new, new)
            elif column is not None:
                before.setdefault(column, _meaning(column, old, table))
                after[column] = _meaning(column, new, table)
        if reason and after.get("state") == "On Hold":
            after["state"] = f"On Hold: {reason}"
        when = moment(time)
        if when is not None and (after or said):
            changes.append(Change(when, before, after, said))
    opened = moment(values.get("opened_at")) or moment(values.get("sys_created_on")) or moment(told[0][1])
    if opened is None or not changes:
        return
    number = values.get("number") or key
    always: Row = {"number": number, "kind": KINDS.get(table, table), "sys_id": key}
    today: Row = {column: None for change in changes for column in change.after}
    yield from history(opened, {**today, **_first_known(changes)}, _not_before(changes), always, {})


def _first_known(changes: Sequence[Change]) -> Row:
    """At a record's insertion the audit tells new values with no old ones: they held from the start."""
    return {name: value for name, value in changes[0].after.items() if not changes[0].before.get(name)}


def _not_before(changes: Sequence[Change]) -> list[Change]:
    first = changes[0]
    inserted = {name: value for name, value in first.after.items() if not first.before.get(name)}
    rest = {name: value for name, value in first.after.items() if name not in inserted}
    begun = Change(first.time, {name: first.before.get(name) for name in rest}, rest, first.said)
    return [*([begun] if rest or first.said else []), *changes[1:]]


def _meaning(column: str, value: str, table: str) -> str | None:
    if column == "state" and table in ("", "incident"):
        return STATES.get(value, value) or None
    if column in TEXTS:
        return plain(value)
    return value or None
