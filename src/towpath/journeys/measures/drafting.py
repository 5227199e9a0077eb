"""What a source's events look like before anybody has drawn a map: the types there are, and what comes first.

Entities are cases, or customers where the source names no case. Only the first time that an entity meets a
type counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from towpath.events.lake import Snapshot

Follows = Literal["case", "customer"]
_COLUMN: dict[Follows, str] = {"case": "case_key", "customer": "key"}
_TYPES = """
    select type, count(*) as events, count(distinct coalesce(case_key, key)) as entities from events
    where len($sources) = 0 or source in (select unnest($sources))
    group by type order by events desc, type limit $most
"""
_CASES = "select 1 from events where source = $source and case_key is not null limit 1"
_FIRSTS = """
    with firsts as (
        select {entity} as entity, type, min(time) as first from events
        where source = $source and {entity} is not null group by all
    ), common as (from firsts where type in (select unnest($types)))
"""
_COMMON = """
    select type, count(*) as entities from firsts group by type
    having count(*) >= $share * (select count(distinct entity) from firsts)
    order by entities desc, type limit $most
"""
_PAIRS = """
    select a.type as one, b.type as other, count(*) as together, count(*) filter (a.first < b.first) as before
    from common a join common b on a.entity = b.entity and a.type <> b.type group by all
"""
_ENDING = """
    select type, count(*) as entities from common
    join (select entity, max(first) as last from common group by entity) using (entity)
    where first = last group by type
"""
_SKIPPING = """
    , steps as (select unnest($types) as type, generate_subscripts($types, 1) as place),
    placed as (select entity, first, place from common join steps using (type)),
    each as (
        select steps.place as place, max(first) filter (placed.place > steps.place) as later,
               max(first) filter (placed.place = steps.place) as own
        from placed, steps group by entity, steps.place
    )
    select place, count(*) as beyond, count(*) filter (own is null or own > later) as skipped
    from each where later is not null group by place
"""


@dataclass(frozen=True)
class Meetings:
    """How many entities meet each common type, first meet one before another, and meet both."""

    entities: dict[str, int]
    before: dict[tuple[str, str], int]
    together: dict[tuple[str, str], int]
    ending: dict[str, int]
    """Entities for whom the type is the last of the common ones that they meet for the first time."""

    def wins(self, one: str) -> float:
        """Copeland's score: the types before which most come to this one; half for each that is met as often
        before as after, or never by the same entity."""
        return sum(_win(self.before.get((one, x), 0) - self.before.get((x, one), 0)) for x in self.entities)


def _win(lead: int) -> float:
    return 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0


def measure_types(snapshot: Snapshot, sources: Sequence[str], most: int) -> list[dict[str, Any]]:
    """`type`, `events` and `entities` (that have it) of the sources (all, without any), most events first."""
    found = snapshot.query(_TYPES, {"sources": list(sources), "most": most}).to_pylist()
    return list(found)


def followed(snapshot: Snapshot, source: str) -> Follows:
    """Cases, where the source names any."""
    return "case" if snapshot.query(_CASES, {"source": source}).num_rows else "customer"


def measure_meetings(
    snapshot: Snapshot, source: str, follows: Follows, *, share: float, most: int
) -> Meetings:
    """Of the `most` frequent types that at least this `share` of the entities meets."""
    counted = _ask(snapshot, _COMMON, source, follows, [], share=share, most=most)
    entities = {row["type"]: row["entities"] for row in counted}
    types = list(entities)
    pairs = _ask(snapshot, _PAIRS, source, follows, types)
    ending = _ask(snapshot, _ENDING, source, follows, types)
    return Meetings(
        entities,
        {(row["one"], row["other"]): row["before"] for row in pairs},
        {(row["one"], row["other"]): row["together"] for row in pairs},
        {row["type"]: row["entities"] for row in ending},
    )


def measure_skipping(
    snapshot: Snapshot, source: str, follows: Follows, steps: Sequence[str]
) -> dict[str, float]:
    """Of those who come to a later one of the `steps` (types, in order): the share that did not meet this one
    before the last of them. Steps beyond which nobody comes are left out."""
    rows = _ask(snapshot, _SKIPPING, source, follows, steps)
    return {steps[row["place"] - 1]: row["skipped"] / row["beyond"] for row in rows}


def _ask(
    snapshot: Snapshot, query: str, source: str, follows: Follows, types: Sequence[str], **more: object
) -> list[dict[str, Any]]:
    text = _FIRSTS.format(entity=_COLUMN[follows]) + query
    return list(snapshot.query(text, {"source": source, "types": list(types), **more}).to_pylist())
