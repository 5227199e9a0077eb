"""OCEL 2.0 logs for tests, and what two of them must have in common to say the same."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from file_reading import Read, read

from towpath.events.exporting import Chosen
from towpath.events.exporting.ocel import write_ocel
from towpath.events.lake import Lake, Staging
from towpath.events.sniffing import sniff

Log = dict[str, list[dict[str, Any]]]


def related(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"objectId": one, "qualifier": qualifier} for one, qualifier in pairs]


def given(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def at(time: str, /, **values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "time": time, "value": value} for name, value in values.items()]


def kind(name: str, /, **types: str) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": each, "type": types[each]} for each in types]}


def happened(number: int, what: str, /, *pairs: tuple[str, str], **values: Any) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "type": what,
        "time": f"2024-03-{number:02d}T10:00:00Z",
        "attributes": given(**values),
        "relationships": related(*pairs),
    }


def shop_log() -> Log:
    """Three events of two customers and two orders; a price that changes; an object that no event names."""
    always = "1970-01-01T00:00:00Z"
    return {
        "eventTypes": [
            kind("order", amount="float"),
            kind("pay", amount="float", ok="boolean"),
            kind("never"),
        ],
        "objectTypes": [kind("customer", name="string"), kind("item"), kind("order", price="float")],
        "objects": [
            {"id": "c1", "type": "customer", "attributes": at(always, name="Anna"), "relationships": []},
            {"id": "c2", "type": "customer", "attributes": [], "relationships": related(("c1", "friend"))},
            {"id": "i1", "type": "item", "attributes": [], "relationships": []},
            {
                "id": "o1",
                "type": "order",
                "attributes": at(always, price=9.5) + at("2024-03-02T00:00:00Z", price=8.0),
                "relationships": related(("c1", "placed by"), ("i1", "holds")),
            },
            {"id": "o2", "type": "order", "attributes": [], "relationships": []},
        ],
        "events": [
            happened(1, "order", ("c1", "buyer"), ("o1", "order"), amount=9.5),
            happened(2, "pay", ("o1", "order"), ("c1", "payer"), ("c2", "receiver"), amount=8.0, ok=True),
            happened(3, "order", ("c2", "buyer"), ("o2", "order")),
        ],
    }


def write_log(path: Path, log: Log | str) -> Path:
    path.write_text(log if isinstance(log, str) else json.dumps(log))
    return path


def said(path: Path) -> Log:
    """What the JSON log at `path` says, in one order."""
    return canonical(json.loads(path.read_text()))


def canonical(log: Log) -> Log:
    def text(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    def ordered(item: dict[str, Any]) -> dict[str, Any]:
        parts = {name: sorted(item.get(name) or [], key=text) for name in ("attributes", "relationships")}
        return item | {name: part for name, part in parts.items() if name in item or part}

    return {name: sorted(map(ordered, items), key=text) for name, items in log.items()}


def taken_in(path: Path, folder: Path, found: Read | None = None) -> Lake:
    """A lake below `folder` that holds the file, by the mapping that is proposed for it."""
    found = found or read(path, sniff(path).mapping)
    assert (found.failure, found.refused) == (None, [])
    lake = Lake(folder / "lake")
    lake.create()
    staging = Staging(folder / "staging", "log")
    for chunk in found.chunks:
        staging.append(chunk.batch)
    lake.absorb(staging)
    return lake


def put_out(lake: Lake, path: Path, chosen: Chosen | None = None) -> Path:
    """The lake's events as an OCEL log at `path`."""
    as_database = path.suffix == ".sqlite"
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True)
    write_ocel(lake.snapshot(), chosen or Chosen(), path, as_database=as_database, scratch=folder)
    return path


def change(path: Path, statements: Iterable[str]) -> Path:
    """Run SQL on the database at `path`."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path
