"""A customer's whole story, on every channel. Every look is kept in the audit log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.customers.models import Identifier
from towpath.customers.rules import READ_CUSTOMERS
from towpath.customers.schemas import Story, StoryEvent
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Snapshot
from towpath.events.lake.layout import KEY_MAX, KEY_MIN
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing

PAGE = 500
LOOKED_AT = "customer.looked_at"
TARGET = "customers.Customer"
LONGEST_TARGET = 200
_ORDER = [(name, "ascending") for name in ("time", "seq", "source", "id")]
_PLAIN = [name for name in StoryEvent.__struct_fields__ if name != "data"]


def story(actor: Actor, key: int, *, offset: int = 0, limit: int = PAGE) -> Story:
    """What the customer, or the case, with this key met, from its `offset`th event on.

    The key of any of a customer's identifiers leads to their whole story.

    Raises PermissionDenied without customers:read, Http404 for a key that no event carries.
    """
    require(actor, READ_CUSTOMERS)
    key = Identifier.objects.filter(pk=key).values_list("customer_id", flat=True).first() or key
    note_look(actor, [key])
    table = events_of(lake().snapshot(), key)
    if not table.num_rows:
        raise Http404(_("No event belongs to the key %(key)s.") % {"key": key})
    return story_of(key, table, offset, limit)


def note_look(actor: Actor, keys: Sequence[int]) -> None:
    """Leave in the audit log who looked at whom. The key is a hash: the log itself names no customer."""
    with writing(actor, LOOKED_AT, READ_CUSTOMERS) as write:
        write.target_type = TARGET
        named = [str(key) for key in keys]
        write.target = ", ".join(named)[:LONGEST_TARGET]
        write.after = {"looked_at": named} if len(named) > 1 else None


def events_of(snapshot: Snapshot, key: int) -> pa.Table:
    """All events of a customer, or of a case (whichever customers it spans), in the order of events."""
    if not KEY_MIN <= key <= KEY_MAX:
        return EVENT_SCHEMA.empty_table()
    names = tuple(EVENT_SCHEMA.names)
    table = snapshot.read(names, keys=[key])
    # A case's events lie under its own key only as long as they name no customer.
    if not table.num_rows or pc.any(pc.equal(table["case_key"], key)).as_py():
        table = snapshot.query(
            "select * exclude (month, bucket) from events where case_key = $key", {"key": key}
        )
        table = table.select(names).cast(EVENT_SCHEMA)
    return table.sort_by(_ORDER)


def story_of(key: int, table: pa.Table, offset: int, limit: int) -> Story:
    """The record of a story whose events are given; they are at least one."""
    identifiers, cases = _distinct(table, "identifier"), _distinct(table, "case")
    span = pc.min_max(table["time"]).as_py()
    return Story(
        key=str(key),
        name=name_of(identifiers, cases, key),
        identifiers=identifiers,
        cases=cases,
        sources=_distinct(table, "source"),
        first=span["min"],
        last=span["max"],
        total=table.num_rows,
        events=tuple(_event(row) for row in table.slice(offset, limit).to_pylist()),
    )


def name_of(identifiers: Sequence[str], cases: Sequence[str], key: int) -> str:
    """How a person would call them: the identifier, else the case, else the key."""
    return next(iter([*identifiers[:1], *cases[:1]]), str(key))


def _distinct(table: pa.Table, column: str) -> tuple[str, ...]:
    return tuple(sorted(value for value in pc.unique(table[column]).to_pylist() if value is not None))


def _event(row: dict[str, Any]) -> StoryEvent:
    try:
        data = json.loads(row["data"] or "{}")
    except ValueError:
        data = {"data": row["data"]}
    return StoryEvent(
        **{name: row[name] for name in _PLAIN}, data=data if isinstance(data, dict) else {"data": data}
    )
