"""What a source's events carry: their types, and the attributes by which entities can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from towpath.events.lake import Snapshot
from towpath.journeys.measures.selection import RETURNING, SEGMENT_COLUMNS

MOST_VALUES = 200
"""Attributes of text with more different values among the events looked at name things, not groups."""
LOOKED_AT = 20_000
_ATTRIBUTES = """
    with looked as (
        select data from events
        where json_valid(data) and (len($sources) = 0 or list_contains($sources, source)) limit $looked
    ), each as (
        select unnest(json_keys(data)) as name, data from looked
    ), valued as (
        select name, json_extract_string(data, '/' || replace(replace(name, '~', '~0'), '/', '~1')) as value
        from each where name <> ''
    )
    select name from valued group by name
    having count(distinct value) between 2 and $most or bool_and(try_cast(value as double) is not null)
    order by name
"""
"""Names are put into JSON Pointers (RFC 6901), which can name every key but for the empty one."""


def types_of(snapshot: Snapshot, sources: Sequence[str], *, cases_only: bool = False) -> list[str]:
    """The event types of some sources (all, if none is named), most frequent first."""
    found = snapshot.query(
        "select type from events where (len($sources) = 0 or list_contains($sources, source)) "
        "and (not $cases_only or case_key is not null) group by type order by count(*) desc, type",
        {"sources": list(sources), "cases_only": cases_only},
    )
    types: list[str] = found["type"].to_pylist()
    return types


@lru_cache(maxsize=64)
def attributes_of(snapshot: Snapshot, sources: tuple[str, ...], returning: bool) -> tuple[str, ...]:
    """Columns with two values at least, then attributes of `data` (data.NAME) as the first events show them.

    `sources`: none = all; `returning`: whether new and returning can be told apart.
    """
    asked = {"sources": list(sources)}
    columns = [name for name in SEGMENT_COLUMNS if name != RETURNING]
    varied = ", ".join(f"min({name}) is distinct from max({name}) as {name}" for name in columns)
    where = "len($sources) = 0 or list_contains($sources, source)"
    (row,) = snapshot.query(f"select {varied} from events where {where}", asked).to_pylist()  # noqa: S608
    named = snapshot.query(_ATTRIBUTES, {**asked, "looked": LOOKED_AT, "most": MOST_VALUES})
    found = [name for name in columns if row[name]]
    found += [RETURNING] if returning else []
    return (*found, *(f"data.{name}" for name in named["name"].to_pylist()))
