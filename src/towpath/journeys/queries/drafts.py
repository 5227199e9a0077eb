"""A first draft of a journey, from what a source's events look like; a person corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.journeys.rules.definition import Definition, Step
from towpath.journeys.rules.permissions import READ_JOURNEYS

MOST_STEPS = 8
COMMON = 0.05
"""A type that fewer of the cases have is left out of the draft; it can be added."""
WINDOW = "90d"
MOST_TYPES = 200


_TYPES = """
    select type, count(*) as events, count(distinct coalesce(case_key, key)) as entities from events
    where len($sources) = 0 or source in (select unnest($sources))
    group by type order by events desc, type limit $most
"""


class TypeSeen(msgspec.Struct, frozen=True):
    """An event type of the sources: its events, and the entities that have it."""

    type: str
    events: int
    entities: int


def event_types(actor: Actor, sources: Sequence[str]) -> list[TypeSeen]:
    """The types that the sources (all, without any) bring, most frequent first; at most MOST_TYPES."""
    require(actor, READ_JOURNEYS)
    found = lake().snapshot().query(_TYPES, {"sources": list(sources), "most": MOST_TYPES})
    return [TypeSeen(**row) for row in found.to_pylist()]


def draft_from(actor: Actor, source: str) -> Definition:
    """Steps in the order in which cases first meet the types that at least COMMON of them have."""
    require(actor, READ_JOURNEYS)
    snapshot = lake().snapshot()
    follows: Literal["case", "customer"] = "case" if _has_cases(snapshot, source) else "customer"
    entity = "case_key" if follows == "case" else "key"
    found = snapshot.query(
        f"""
        with firsts as (
            select {entity} as entity, type, min(time) as first from events
            where source = $source and {entity} is not null group by all
        ), ranked as (
            select *, percent_rank() over (partition by entity order by first, type) as place from firsts
        )
        select type, count(*) as entities, median(place) as place,
               count(*) * 1.0 / (select count(distinct entity) from firsts) as share
        from ranked group by type order by entities desc, type
        """,  # noqa: S608 - the column is one of two of ours
        {"source": source},
    )
    common = [row for row in found.to_pylist() if row["share"] >= COMMON][:MOST_STEPS]
    ordered = sorted(common, key=lambda row: (row["place"], -row["entities"], row["type"]))
    names = [row["type"] for row in ordered]
    steps = tuple(
        Step(key=key, name=name[:120], match={"type": _exactly(name)})
        for key, name in zip(_keys(names), names, strict=True)
    )
    return Definition(
        key=_keys([source])[0],
        name=source[:120],
        follows=follows,
        window=WINDOW,
        sources=(source,),
        steps=steps,
    )


def _has_cases(snapshot: Snapshot, source: str) -> bool:
    found = snapshot.query(
        "select 1 from events where source = $source and case_key is not null limit 1", {"source": source}
    )
    return bool(found.num_rows)


def _exactly(name: str) -> object:
    """A type as a rule names it; one that reads as a pattern is said to be none."""
    return {"is": name} if {"*", "?", "["} & set(name) else name


def _keys(names: Sequence[str]) -> list[str]:
    """A key for each name; different ones for names that look alike."""
    keys: list[str] = []
    for name in names:
        key = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()[:50] or "step"
        keys.append(key if key not in keys else f"{key}_{len(keys) + 1}")
    return keys
