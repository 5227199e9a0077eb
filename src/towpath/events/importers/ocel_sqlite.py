"""OCEL 2.0 as SQLite: tables read in order of their ids, side by side, so that memory holds the types and
first times of objects but never the events.

The file is somebody else's. It is opened to be read alone (`immutable`, so nothing beside it is touched),
without extensions, with a schema that is not trusted; only plain tables are read, and lengths are bounded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from heapq import merge
from pathlib import Path
from typing import TypeAlias

from towpath.events.importers.chunks import MAX_RAW_BYTES, Block, ImportFailed, Row
from towpath.events.importers.files import Source
from towpath.events.importers.ocel import (
    Attribute,
    Change,
    Declared,
    OcelEvent,
    OcelObject,
    OcelRows,
    OcelType,
    Placed,
    Relation,
    in_blocks,
)
from towpath.events.importers.parquet import plain
from towpath.events.mapping import Mapping

SQLITE_MAGIC = b"SQLite format 3\0"
MAX_TYPES = 2_000
_TABLES = {
    "event": ("ocel_id", "ocel_type"),
    "object": ("ocel_id", "ocel_type"),
    "event_object": ("ocel_event_id", "ocel_object_id", "ocel_qualifier"),
    "event_map_type": ("ocel_type", "ocel_type_map"),
    "object_map_type": ("ocel_type", "ocel_type_map"),
}
_OURS = frozenset({"ocel_id", "ocel_time", "ocel_changed_field"})
_DECLARED = {
    "TEXT": "string",
    "TIMESTAMP": "time",
    "INTEGER": "integer",
    "REAL": "float",
    "BOOLEAN": "boolean",
}
_PLAIN = (str, int)
"""Most values are such: they need no look."""
_AGAIN = "Copy or export it again, then import it anew."
Record: TypeAlias = tuple[object, ...]


def read_ocel_sqlite(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows: events by id, then types and objects. Raises ImportFailed for a file that
    is no database, no OCEL 2.0, or damaged."""
    path = Path(str(source.raw().name)).resolve()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            _guard(connection)
            log = _Log(source, connection)
            yield from in_blocks(log.placed(mapping), chunk_rows)
    except (sqlite3.Error, OverflowError) as error:
        what = f"The OCEL database cannot be read ({error})."
        raise ImportFailed(source.name, None, what, _AGAIN) from error


def _guard(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 4 * MAX_RAW_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    for pragma in ("trusted_schema = off", "query_only = on", "cell_size_check = on", "mmap_size = 0"):
        connection.execute(f"pragma {pragma}")
    connection.text_factory = lambda text: text.decode("utf-8", "backslashreplace")


class _Beside:
    """Records sorted by their first item (an id), walked beside other ids in the same order."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self._next = next(records, None)

    def take(self, key: str | None) -> tuple[list[Record], list[Record]]:
        """Those of this id, and those passed over, whose id came never; None passes over all the rest."""
        mine: list[Record] = []
        lost: list[Record] = []
        while self._next is not None and (key is None or str(self._next[0]) <= key):
            (mine if self._next[0] == key else lost).append(self._next)
            self._next = next(self._records, None)
        return mine, lost


class _Log:
    """An opened log, whose tables are those that OCEL 2.0 asks for."""

    def __init__(self, source: Source, connection: sqlite3.Connection) -> None:
        self.source, self.connection = source, connection
        found = connection.execute(
            "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        )
        self.tables = {name for name, sql in found if not str(sql).upper().startswith("CREATE VIRTUAL")}
        for table, columns in _TABLES.items():
            for column in columns:
                self._require(table, column)

    def _require(self, table: str, column: str) -> None:
        if table not in self.tables or column not in self._columns(table):
            what = f"It is a SQLite database, but no OCEL 2.0 log: there is no table {table} with {column}."
            raise ImportFailed(self.source.name, None, what, "Save the log as OCEL 2.0 (pm4py can).")

    def _columns(self, table: str) -> dict[str, str]:
        rows = self.connection.execute(f"pragma table_info({_quoted(table)})")
        return {row[1]: str(row[2]).upper() for row in rows}

    def _type_tables(self, kind: str) -> dict[str, str]:
        rows = self.connection.execute(f"select ocel_type, ocel_type_map from {kind}_map_type").fetchmany(  # noqa: S608 (event or object)
            MAX_TYPES + 1
        )
        if len(rows) > MAX_TYPES:
            what = f"It has more than {MAX_TYPES:,} types of {kind}s."
            raise ImportFailed(self.source.name, None, what, "Is the type really a type?")
        tables = {str(name): f"{kind}_{short}" for name, short in rows}
        for table in tables.values():
            self._require(table, "ocel_id")
            self._require(table, "ocel_time")
        return tables

    def placed(self, mapping: Mapping) -> Iterator[Placed]:
        objects = self.connection.execute("select cast(ocel_id as text), cast(ocel_type as text) from object")
        rows = OcelRows(dict(objects), mapping.columns())
        event_tables, object_tables = self._type_tables("event"), self._type_tables("object")
        yield from self._events(rows, event_tables)
        types = rows.types_row(self._declared(event_tables), self._declared(object_tables))
        if types is not None:
            yield types
        yield from self._objects(rows, object_tables)

    def _declared(self, tables: dict[str, str]) -> list[OcelType]:
        return [
            OcelType(
                name,
                [
                    Declared(column, _DECLARED.get(kind, "string"))
                    for column, kind in self._columns(table).items()
                    if column not in _OURS
                ],
            )
            for name, table in tables.items()
        ]

    def _stream(self, tables: dict[str, str]) -> Iterator[Record]:
        """Records (id, type, row) of all type tables, by id; the rows of one id in the order of time."""
        return merge(
            *(self._table(kind, name) for kind, name in tables.items()), key=lambda each: str(each[0])
        )

    def _table(self, kind: str, table: str) -> Iterator[Record]:
        names = self._columns(table)
        flags = {name for name, declared in names.items() if declared == "BOOLEAN"}
        sql = (
            f"select cast(ocel_id as text) as one, {', '.join(map(_quoted, names))} from {_quoted(table)} "  # noqa: S608 (quoted)
            "order by one, ocel_time, rowid"
        )
        for one, *values in self.connection.execute(sql):
            row = {
                name: value if type(value) in _PLAIN else plain(value)
                for name, value in zip(names, values, strict=True)
                if value is not None
            }
            for name in flags & row.keys():
                row[name] = bool(row[name]) if row[name] in (0, 1) else row[name]
            yield one, kind, row

    def _relations(self, table: str, one: str, other: str) -> _Beside:
        if table not in self.tables:
            return _Beside(iter(()))
        sql = (
            f"select cast({one} as text) as one, cast({other} as text), cast(ocel_qualifier as text) "  # noqa: S608 (OCEL's own names)
            f"from {table} order by one, rowid"
        )
        return _Beside(self.connection.execute(sql))

    def _events(self, rows: OcelRows, tables: dict[str, str]) -> Iterator[Placed]:
        details = _Beside(self._stream(tables))
        relations = self._relations("event_object", "ocel_event_id", "ocel_object_id")
        total = self.connection.execute("select count(*) from event").fetchone()[0] or 1
        events = self.connection.execute(
            "select cast(ocel_id as text) as one, cast(ocel_type as text), rowid from event "
            "order by one, rowid"
        )
        for done, (one, kind, seq) in enumerate(events, start=1):
            self.source.reach(self.source.bytes_total * done // total)
            mine, lost = details.take(one)
            related, unrelated = relations.take(one)
            yield from _lost(lost, unrelated, "event")
            found = [row for _one, table_kind, row in mine if table_kind == kind]
            place = f"event {one}"
            if len(found) != 1:
                reason = f"the table of the type {kind!r} has {len(found)} rows for it, not one"
                yield Placed(place, {"id": one, "type": kind}, reason)
                continue
            yield rows.event_row(_event(str(one), str(kind), found[0], related), place, int(seq))
        yield from _lost(details.take(None)[1], relations.take(None)[1], "event")

    def _objects(self, rows: OcelRows, tables: dict[str, str]) -> Iterator[Placed]:
        details = _Beside(self._stream(tables))
        relations = self._relations("object_object", "ocel_source_id", "ocel_target_id")
        objects = self.connection.execute(
            "select cast(ocel_id as text) as one, cast(ocel_type as text) from object order by one, rowid"
        )
        for one, kind in objects:
            mine, lost = details.take(one)
            related, unrelated = relations.take(one)
            yield from _lost(lost, unrelated, "object")
            changes = [
                change for _one, table_kind, row in mine if table_kind == kind for change in _changes(row)
            ]
            found = rows.object_row(
                OcelObject(str(one), str(kind), changes, _related(related)), f"object {one}"
            )
            if found is not None:
                yield found
        yield from _lost(details.take(None)[1], relations.take(None)[1], "object")


def _event(one: str, kind: str, row: object, related: list[Record]) -> OcelEvent:
    values = dict(row) if isinstance(row, dict) else {}
    attributes = [Attribute(name, value) for name, value in values.items() if name not in _OURS]
    return OcelEvent(one, kind, str(values.get("ocel_time", "")), attributes, _related(related))


def _changes(row: object) -> list[Change]:
    values = dict(row) if isinstance(row, dict) else {}
    changed = values.get("ocel_changed_field")
    time = str(values.get("ocel_time", "1970-01-01T00:00:00Z"))
    return [
        Change(name, time, value)
        for name, value in values.items()
        if name not in _OURS and changed in (None, name)
    ]


def _related(records: list[Record]) -> list[Relation]:
    return [Relation(str(other), str(qualifier or "")) for _one, other, qualifier in records]


def _lost(details: list[Record], relations: list[Record], kind: str) -> Iterator[Placed]:
    for one, *_rest in details:
        row: Row = {"id": one}
        yield Placed(f"{kind} {one}", row, f"it has attributes, but the table {kind} does not name it")
    for one, other, qualifier in relations:
        row = {"id": one, "object": other, "qualifier": qualifier}
        yield Placed(f"{kind} {one}", row, f"it has an object, but the table {kind} does not name it")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
