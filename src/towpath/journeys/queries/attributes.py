"""By what a journey's customers can be compared: the attributes that its events carry."""

from __future__ import annotations

from functools import lru_cache

from towpath.events.lake import Snapshot
from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.selection import RETURNING, SEGMENT_COLUMNS
from towpath.journeys.queries.journeys import evidence_of_any

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


def attributes(actor: Actor, name: str) -> tuple[str, ...]:
    """What `Selection.by` may name for this journey or source. Raises NoSuchJourney."""
    evidence = evidence_of_any(actor, name)
    return _attributes(evidence.snapshot, evidence.plan.sources, evidence.plan.definition is not None)


@lru_cache(maxsize=64)
def _attributes(snapshot: Snapshot, sources: tuple[str, ...], returning: bool) -> tuple[str, ...]:
    """Columns with two values at least, then attributes of `data`, as far as the first events show."""
    asked = {"sources": list(sources)}
    columns = [name for name in SEGMENT_COLUMNS if name != RETURNING]
    varied = ", ".join(f"min({name}) is distinct from max({name}) as {name}" for name in columns)
    where = "len($sources) = 0 or list_contains($sources, source)"
    (row,) = snapshot.query(f"select {varied} from events where {where}", asked).to_pylist()  # noqa: S608
    named = snapshot.query(_ATTRIBUTES, {**asked, "looked": LOOKED_AT, "most": MOST_VALUES})
    found = [name for name in columns if row[name]]
    found += [RETURNING] if returning else []
    return (*found, *(f"data.{name}" for name in named["name"].to_pylist()))
