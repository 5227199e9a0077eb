"""What an OCEL log has to hold once, gathered from many events: its objects, with bounded memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from towpath.events.importers.ocel import Change, OcelObject, Relation

UNKNOWN = "unknown"
"""The type of an object that events name and nothing describes."""
_REMEMBERED = 200_000
_TABLES = """
    create table object (id text primary key, type text not null) without rowid;
    create table change (id text, name text, time text, value text, unique (id, time, name, value));
    create table link (id text, target text, qualifier text, unique (id, target, qualifier));
    create table related (id text primary key) without rowid;
    create table claimed (id text primary key) without rowid;
"""


class Workbench:
    """A temporary database of the objects met so far; close it, and delete its file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = off", "synchronous = off", "temp_store = file"):
            self._connection.execute(f"pragma {pragma}")
        self._connection.executescript(_TABLES)
        self._connection.execute("begin")
        self._met: set[str] = set()

    def close(self) -> None:
        self._connection.close()

    def claim(self, event_id: str) -> bool:
        """True for the first event of this id."""
        added = self._connection.execute("insert or ignore into claimed values (?)", (event_id,))
        return added.rowcount == 1

    def describe(self, found: OcelObject) -> None:
        """Keep what a log says of an object, beside what others said before; the first type stays."""
        self._connection.execute("insert or ignore into object values (?, ?)", (found.id, found.type))
        self._connection.executemany(
            "insert or ignore into change values (?, ?, ?, ?)",
            [(found.id, each.name, each.time, json.dumps(each.value)) for each in found.attributes or []],
        )
        self._connection.executemany(
            "insert or ignore into link values (?, ?, ?)",
            [(found.id, each.objectId, each.qualifier or "") for each in found.relationships or []],
        )

    def relate(self, objects: Iterable[tuple[str, str | None]]) -> None:
        """Note that an exported event names these objects (id, type); a type of None is known elsewhere."""
        for one, kind in objects:
            if one in self._met:
                continue
            if len(self._met) >= _REMEMBERED:
                self._met.clear()  # a cache only: the tables know them all
            self._met.add(one)
            self._connection.execute("insert or ignore into related values (?)", (one,))
            if kind is not None:
                self._connection.execute("insert or ignore into object values (?, ?)", (one, kind))

    def objects(self, *, all_described: bool) -> Iterator[OcelObject]:
        """The objects by id, with relations among themselves: those that events name, or all described."""
        run = self._connection.execute
        run("insert or ignore into object select id, ? from related", (UNKNOWN,))
        if all_described:
            run("insert or ignore into related select id from object")
        chosen = run("select id, type from object where id in (select id from related) order by id")
        for one, kind in chosen:
            changes = run(
                "select name, time, value from change where id = ? order by time, name, value", (one,)
            )
            links = run(
                "select target, qualifier from link where id = ? and target in (select id from related) "
                "order by target, qualifier",
                (one,),
            )
            yield OcelObject(
                one,
                kind,
                [Change(name, time, json.loads(value)) for name, time, value in changes],
                [Relation(target, qualifier) for target, qualifier in links],
            )
