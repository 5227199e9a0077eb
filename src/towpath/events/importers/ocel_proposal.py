"""A mapping for an OCEL 2.0 log: which type of object is the customer, and which the case."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from towpath.events.importers.chunks import Block, Row
from towpath.events.importers.files import Source
from towpath.events.importers.ocel import OBJECT_TYPE, OWN_FIELDS, OWN_PREFIX, TYPES_TYPE
from towpath.events.importers.ocel_json import read_ocel_json
from towpath.events.importers.ocel_sqlite import SQLITE_MAGIC, read_ocel_sqlite
from towpath.events.mapping import Mapping, Pick, TimeForm

_CUSTOMER = re.compile(
    r"(customer|client|consumer|caller|account|member|patient|passenger|citizen|applicant|buyer|user)s?", re.I
)
_CASE = re.compile(
    r"(sales ?)?(case|order|application|ticket|incident|request|claim|booking|contract|loan|offer)s?", re.I
)
_PLACES = ("id", "seq", "data", "source", "identifiers")
_EARLIEST = TimeForm().earliest.replace(year=1)


def read_ocel(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows of an OCEL 2.0 log, SQLite or JSON as its first bytes say."""
    file = source.raw()
    magic = file.read(len(SQLITE_MAGIC))
    file.seek(0)
    if magic == SQLITE_MAGIC:
        return read_ocel_sqlite(source, mapping, chunk_rows)
    return read_ocel_json(source, mapping, chunk_rows)


def propose_ocel(source_name: str, rows: Sequence[Row]) -> tuple[Mapping, tuple[str, ...]]:
    """A mapping for a log of which these are the first rows, and what a person should look at, in words."""
    events = [row for row in rows if row.get("type") not in (OBJECT_TYPE, TYPES_TYPE)]
    own = any(f"{OWN_PREFIX}source" in row for row in events)
    kinds = _kinds(events)
    customer = next((kind for kind in kinds if _CUSTOMER.fullmatch(kind)), None)
    case = _case(kinds, customer)
    picks: dict[str, tuple[Pick, ...]] = {
        name: (Pick(column=name),) for name in ("time", "seq", "id", "type")
    }
    if customer is not None:
        picks["identifier"] = (Pick(column=f"object:{customer}", prefix=f"{customer}:"),)
    if case is not None:
        picks["case"] = (Pick(column=f"object:{case}"),)
    if own:
        for name in OWN_FIELDS:
            if name not in _PLACES:
                picks[name] = (Pick(column=OWN_PREFIX + name), *picks.get(name, ()))
        picks["source"] = (Pick(column=f"{OWN_PREFIX}source"),)
        picks["identifiers"] = (Pick(column=f"{OWN_PREFIX}identifiers"),)
    times = TimeForm(earliest=_EARLIEST) if own else TimeForm()
    mapping = Mapping(source_name, "ocel2", picks, missing=(), times=times, data=Pick(column="data"))
    return mapping, tuple(_doubts(kinds, customer, case, own))


def _kinds(events: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Types of objects, each with the events that have one, and how many different ones these have."""
    counts: dict[str, int] = defaultdict(int)
    names: dict[str, set[object]] = defaultdict(set)
    for row in events:
        for column, value in row.items():
            if column.startswith("object:") and "/" not in column:
                kind = column.removeprefix("object:")
                counts[kind] += 1
                names[kind].add(value)
    return {kind: (counts[kind], len(names[kind])) for kind in counts}


def _case(kinds: dict[str, tuple[int, int]], customer: str | None) -> str | None:
    others = {kind: found for kind, found in kinds.items() if kind != customer}
    named = [kind for kind in others if _CASE.fullmatch(kind)]
    if named:
        return max(named, key=lambda kind: others[kind][0])
    shared = {kind: events for kind, (events, objects) in others.items() if 1 < objects < events}
    return max(shared, key=lambda kind: shared[kind], default=None)


def _doubts(
    kinds: dict[str, tuple[int, int]], customer: str | None, case: str | None, own: bool
) -> Iterator[str]:
    listed = ", ".join(f"{kind} ({events:,} events)" for kind, (events, _objects) in sorted(kinds.items()))
    if own and not kinds:
        return
    if customer is None:
        yield f"No type of object is called like a customer; types: {listed or 'none'}. Set `identifier`."
    if case is None:
        yield f"No type of object is shared by events like a case; types: {listed or 'none'}."
    else:
        yield f"{case} is taken for the case, the first one of an event; types: {listed}."
