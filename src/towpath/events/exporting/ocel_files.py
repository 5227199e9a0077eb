"""How an OCEL 2.0 log lies in a file: as JSON, or as a SQLite database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import msgspec

from towpath.events.exporting.drafts import ExportFailed
from towpath.events.exporting.ocel_events import OcelLog, own_type
from towpath.events.importers.ocel import OWN_FIELDS, OWN_MARK, OcelEvent, OcelObject, OcelType

_encode = msgspec.json.Encoder().encode
_AFFINITY = {"time": "TIMESTAMP", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN"}
_TABLES = """
    create table event (ocel_id text primary key, ocel_type text not null);
    create table object (ocel_id text primary key, ocel_type text not null);
    create table event_map_type (ocel_type text primary key, ocel_type_map text not null);
    create table object_map_type (ocel_type text primary key, ocel_type_map text not null);
    create table event_object (
        ocel_event_id text not null, ocel_object_id text not null, ocel_qualifier text);
    create table object_object (
        ocel_source_id text not null, ocel_target_id text not null, ocel_qualifier text);
"""
_OURS = {"event": ("ocel_time TIMESTAMP",), "object": ("ocel_time TIMESTAMP", "ocel_changed_field TEXT")}

Objects = Callable[[], Iterator[OcelObject]]


def write_json(events: Iterable[OcelEvent], objects: Objects, log: OcelLog, file: BinaryIO) -> int:
    """The events as they come, one a line, then the objects, then the types. Returns the number of events."""
    written = _array(file, b'{"events":[', events)
    _array(file, b',"objects":[', _noted(objects(), log))
    _array(file, b',"eventTypes":[', log.types("event"))
    _array(file, b',"objectTypes":[', log.types("object"))
    file.write(b"}\n")
    return written


def _array(file: BinaryIO, begin: bytes, items: Iterable[object]) -> int:
    file.write(begin)
    count = 0
    for count, item in enumerate(items, start=1):
        file.write((b"\n" if count == 1 else b",\n") + _encode(item))
    file.write(b"\n]")
    return count


def _noted(objects: Iterable[OcelObject], log: OcelLog) -> Iterator[OcelObject]:
    for each in objects:
        log.use("object", each.type, each.attributes or [])
        yield each


def write_sqlite(events: Iterable[OcelEvent], objects: Objects, log: OcelLog, path: Path) -> int:
    """A database at `path` (an empty file). Raises ExportFailed where names differ by case alone, which
    SQLite takes for one. Returns the number of events."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            return _Database(connection, path).write(events, objects, log)
        except (sqlite3.Error, OverflowError) as error:
            what = f"It cannot be written as SQLite ({error})."
            raise ExportFailed(
                path.name, what, "Export it as JSON: choose a name that ends .json."
            ) from error


class _Database:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path
        self._columns: dict[tuple[str, str], dict[str, str]] = {}
        self._tables: dict[tuple[str, str], str] = {}
        for pragma in ("journal_mode = off", "synchronous = off"):
            connection.execute(f"pragma {pragma}")
        connection.executescript(_TABLES)

    def write(self, events: Iterable[OcelEvent], objects: Objects, log: OcelLog) -> int:
        run = self._connection.execute
        run("begin")
        for kind in ("event", "object"):
            for each in log.types(kind):
                self._declare(kind, each)
        written = 0
        for written, event in enumerate(events, start=1):  # noqa: B007 (the count is what is wanted)
            run("insert into event values (?, ?)", (event.id, event.type))
            values = {each.name: each.value for each in event.attributes or []}
            self._insert("event", event.type, {"ocel_id": event.id, "ocel_time": event.time}, values)
            for relation in event.relationships or []:
                related = (event.id, relation.objectId, relation.qualifier or "")
                run("insert into event_object values (?, ?, ?)", related)
        for found in _noted(objects(), log):
            self._object(found)
        for kind in ("event", "object"):
            for each in log.types(kind):
                self._declare(kind, each)
        run("commit")
        return written

    def _object(self, found: OcelObject) -> None:
        run = self._connection.execute
        run("insert into object values (?, ?)", (found.id, found.type))
        for relation in found.relationships or []:
            related = (found.id, relation.objectId, relation.qualifier or "")
            run("insert into object_object values (?, ?, ?)", related)
        changes = found.attributes or []
        first = {each.name: each for each in reversed(changes) if each.time == changes[0].time}
        begin = changes[0].time if changes else "1970-01-01T00:00:00Z"
        fixed: dict[str, object] = {"ocel_id": found.id, "ocel_time": begin, "ocel_changed_field": None}
        self._insert("object", found.type, fixed, {name: each.value for name, each in first.items()})
        for each in changes:
            if first.get(each.name) is not each:
                fixed = {"ocel_id": found.id, "ocel_time": each.time, "ocel_changed_field": each.name}
                self._insert("object", found.type, fixed, {each.name: each.value})

    def _declare(self, kind: str, found: OcelType) -> dict[str, str]:
        columns = self._columns.get((kind, found.name))
        if columns is None:
            columns = self._columns[kind, found.name] = {}
            short = self._short(kind, found.name)
            self._tables[kind, found.name] = f"{kind}_{short}"
            self._connection.execute(f"insert into {kind}_map_type values (?, ?)", (found.name, short))  # noqa: S608 (event or object)
            own = ", ".join(("ocel_id TEXT", *_OURS[kind]))
            self._connection.execute(f'create table "{kind}_{short}" ({own})')
        for attribute in found.attributes or []:
            if attribute.name not in columns:
                self._add(kind, found.name, attribute.name, attribute.type)
        return columns

    def _add(self, kind: str, name: str, column: str, declared: str) -> None:
        columns = self._columns[kind, name]
        columns[column] = '"' + column.replace('"', '""') + '"'
        affinity = _AFFINITY.get(declared, "TEXT")
        table = self._tables[kind, name]
        self._connection.execute(f'alter table "{table}" add column {columns[column]} {affinity}')

    def _short(self, kind: str, name: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]", "", name) or "Type"
        taken = {table.lower() for (each, _name), table in self._tables.items() if each == kind}
        taken |= {"event_object", "event_map_type", "object_object", "object_map_type"}
        short, number = plain, 1
        while f"{kind}_{short}".lower() in taken:
            number += 1
            short = f"{plain}{number}"
        return short

    def _insert(self, kind: str, name: str, fixed: dict[str, object], values: dict[str, object]) -> None:
        columns = self._columns.get((kind, name)) or self._declare(kind, OcelType(name))
        for column, value in values.items():
            if column not in columns:
                self._add(kind, name, column, _declared(column, value))
        names = ", ".join((*fixed, *(columns[column] for column in values)))
        marks = ", ".join("?" * (len(fixed) + len(values)))
        table = self._tables[kind, name]
        self._connection.execute(
            f'insert into "{table}" ({names}) values ({marks})',  # noqa: S608 (quoted)
            (*fixed.values(), *(_stored(value) for value in values.values())),
        )


def _declared(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "float" if isinstance(value, float) else "integer"
    return own_type(name) if name in (OWN_MARK, *OWN_FIELDS) else "string"


def _stored(value: object) -> object:
    if isinstance(value, (dict, list)):
        return _encode(value).decode()
    return value
