"""Down from a number to the customers behind it, and to one customer's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.customers.queries import events_of, name_of, note_look, story_of
from towpath.customers.rules import READ_CUSTOMERS
from towpath.events.lake import Snapshot
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.journeys.measures.choosing import Choice, Chosen, choose, choose_among_types
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.marking import marks_of
from towpath.journeys.measures.paths import Over
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.conduct import party_of
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.queries.paths import activities_of
from towpath.journeys.schemas.people import JourneyStory, MarkedEvent, Traveller, Travellers

PAGE = 50
MOST_EVENTS = 2_000
Row = tuple[int, datetime | None, str | None, str]
"""Entity, entry, furthest step, state."""
_NAMED = ("key", "case_key", "case", "identifier", "source", "time", "type")


def people(
    actor: Actor,
    name: str,
    selection: Selection,
    choice: Choice,
    *,
    over: Over = "steps",
    offset: int = 0,
    limit: int = PAGE,
) -> Travellers:
    """A page of the entities behind a number, latest entry first.

    Raises PermissionDenied without customers:read, NoSuchJourney, and ValueError for a key that is not there.
    """
    require(actor, READ_CUSTOMERS)
    evidence, of = activities_of(actor, name, over)
    page: list[Row]
    if evidence.plan.definition is None:
        entities = choose_among_types(evidence, selection, choice, of)
        page = [(int(entity), None, None, "") for entity in entities[offset : offset + limit]]
        total = len(entities)
    else:
        found = choose(evidence, selection, choice, of)
        page, total = _page(evidence, found, offset, limit), len(found.entity)
    if page:
        note_look(actor, [entity for entity, *_rest in page])
    known = _known(evidence, [entity for entity, *_rest in page])
    return Travellers(
        journey=name,
        as_of=evidence.as_of,
        total=total,
        offset=offset,
        travellers=tuple(_traveller(*row, known[row[0]]) for row in page if row[0] in known),
    )


def journey_story(actor: Actor, name: str, entity: int) -> JourneyStory:
    """Everything that one customer or case met, with what the journey recognises in it.

    Raises PermissionDenied without customers:read, NoSuchJourney, and Http404 for an unknown entity.
    """
    note_look(actor, [entity])
    evidence = evidence_of(actor, name)
    table = events_of(evidence.snapshot, entity)
    if not table.num_rows:
        raise Http404(_("No event belongs to the key %(key)s.") % {"key": entity})
    marked = marks_of(evidence, entity, table)
    story = story_of(entity, table, 0, MOST_EVENTS)
    activities, definition = evidence.plan.activities, evidence.plan.definition
    shown = [[activities[bit] for bit in bits if activities[bit].kind != "turn"] for bits in marked.bits]
    turns = [
        next((activities[b].party for b in bits if activities[b].party is not None), None)
        for bits in marked.bits
    ]
    return JourneyStory(
        journey=name,
        as_of=evidence.as_of,
        entered_at=moment_of(marked.entry),
        furthest=_key(evidence, marked.level),
        state=marked.state,
        story=msgspec.structs.replace(story, events=()),
        events=tuple(
            MarkedEvent(
                event,
                tuple(activity.key for activity in those),
                tuple(activity.name for activity in those),
                None if turn is None else party_of(definition, turn)[1],
            )
            for event, those, turn in zip(story.events, shown, turns, strict=False)
        ),
    )


def _page(evidence: Evidence, found: Chosen, offset: int, limit: int) -> list[Row]:
    places = range(offset, min(offset + limit, len(found.entity)))
    return [
        (
            int(found.entity[i]),
            moment_of(int(found.entry[i])),
            _key(evidence, int(found.level[i])),
            found.state[i],
        )
        for i in places
    ]


def _key(evidence: Evidence, level: int) -> str | None:
    return evidence.plan.keys[level - 1] if level > 0 else None


def moment_of(us: int) -> datetime | None:
    """UTC microseconds as a time; None for -1."""
    return None if us < 0 else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def _known(evidence: Evidence, entities: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the lake says of each entity: names, source, last event."""
    if not entities:
        return {}
    column = "case_key" if evidence.plan.follows == "case" else "key"
    table = _rows(evidence.snapshot, column, entities)
    if evidence.plan.sources:
        table = table.filter(pc.is_in(table["source"], pa.array(evidence.plan.sources, pa.string())))
    rows: dict[int, dict[str, Any]] = {}
    for row in table.sort_by("time").to_pylist():
        known = rows.setdefault(row[column], {"cases": [], "identifiers": [], "events": 0})
        known["events"] += 1
        known |= {"source": row["source"], "time": row["time"], "type": row["type"]}
        for name, value in (("cases", row["case"]), ("identifiers", row["identifier"])):
            if value is not None and value not in known[name]:
                known[name].append(value)
    for known in rows.values():
        known["by_case"] = column == "case_key"
    return rows


def _rows(snapshot: Snapshot, column: str, entities: Sequence[int]) -> pa.Table:
    if column == "key":
        return snapshot.read(_NAMED, keys=entities)
    # A case's events lie under its own key only as long as they name no customer.
    names = ", ".join(f'"{name}"' for name in _NAMED)
    return snapshot.query(
        f"select {names} from events where case_key in (select unnest($keys))",  # noqa: S608 - names are ours
        {"keys": list(entities)},
    )


def _traveller(
    entity: int, entered_at: datetime | None, furthest: str | None, state: str, known: dict[str, Any]
) -> Traveller:
    names = (
        (known["cases"], known["identifiers"]) if known["by_case"] else (known["identifiers"], known["cases"])
    )
    return Traveller(
        entity=str(entity),
        name=name_of(*names, entity),
        source=known["source"],
        entered_at=entered_at,
        last_event_at=known["time"],
        last_event=known["type"],
        events=known["events"],
        furthest=furthest,
        state=state,
    )
