"""A first draft of a journey, from what a source's events look like; a person corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.journeys.rules.definition import Definition, Outcome, Step
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
    """The types that at least COMMON of the cases have, in the order in which most cases first meet them.

    What most meet without the step before it, and meet nothing new after, is an outcome.
    """
    require(actor, READ_JOURNEYS)
    snapshot = lake().snapshot()
    follows: Literal["case", "customer"] = "case" if _has_cases(snapshot, source) else "customer"
    entity = "case_key" if follows == "case" else "key"
    meetings = _meetings(snapshot, source, entity)
    steps, ends = _ways(meetings)
    keys = dict(zip([*steps, *ends], _keys([*steps, *ends]), strict=True))
    return Definition(
        key=_keys([source])[0],
        name=source[:120],
        follows=follows,
        window=WINDOW,
        sources=(source,),
        steps=tuple(Step(key=keys[name], name=name[:120], match={"type": _exactly(name)}) for name in steps),
        outcomes=tuple(
            Outcome(key=keys[name], name=name[:120], kind="other", match={"type": _exactly(name)})
            for name in ends
        ),
    )


@dataclass(frozen=True)
class _Meetings:
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


def _meetings(snapshot: Snapshot, source: str, entity: str) -> _Meetings:
    """`entity`: the column that names one, ours and no text of a person."""
    firsts = f"""
        with firsts as (
            select {entity} as entity, type, min(time) as first from events
            where source = $source and {entity} is not null group by all
        )"""  # noqa: S608 - the column is one of two of ours
    found = snapshot.query(
        f"""{firsts}
        select type, count(*) as entities from firsts group by type
        having count(*) >= $common * (select count(distinct entity) from firsts)
        order by entities desc, type limit $most""",  # noqa: S608
        {"source": source, "common": COMMON, "most": MOST_STEPS},
    )
    entities = {row["type"]: row["entities"] for row in found.to_pylist()}
    asked = {"source": source, "types": list(entities)}
    found = snapshot.query(
        f"""{firsts}, common as (from firsts where type in (select unnest($types)))
        select a.type as one, b.type as other, count(*) as together,
               count(*) filter (a.first < b.first) as before
        from common a join common b on a.entity = b.entity and a.type <> b.type group by all""",  # noqa: S608
        asked,
    )
    ending = snapshot.query(
        f"""{firsts}, common as (from firsts where type in (select unnest($types)))
        select type, count(*) as entities from common
        join (select entity, max(first) as last from common group by entity) using (entity)
        where first = last group by type""",  # noqa: S608
        asked,
    )
    pairs = [((row["one"], row["other"]), row["before"], row["together"]) for row in found.to_pylist()]
    return _Meetings(
        entities,
        {pair: before for pair, before, _ in pairs},
        {pair: together for pair, _, together in pairs},
        {row["type"]: row["entities"] for row in ending.to_pylist()},
    )


def _ways(meetings: _Meetings) -> tuple[list[str], list[str]]:
    """The steps in their order, and the outcomes: ends that most meet without the step before."""
    entities = meetings.entities
    ordered = sorted(entities, key=lambda name: (-meetings.wins(name), -entities[name], name))
    steps: list[str] = []
    ends: list[str] = []
    for name in ordered:
        half = entities[name] / 2
        beside = len(steps) > 1 and meetings.together.get((steps[-1], name), 0) < half
        (ends if beside and meetings.ending.get(name, 0) > half else steps).append(name)
    return steps, ends


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
