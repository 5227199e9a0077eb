"""Which helpdesks tickets are fetched from, and how that goes."""

from __future__ import annotations

from towpath.desk.models import Connection
from towpath.desk.schemas.connections import ConnectionShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible


def connections(actor: Actor) -> list[ConnectionShown]:
    """All, by name."""
    return [shown_of(row) for row in visible(Connection, actor)]


def connection(actor: Actor, name: str) -> Connection:
    """Raises Http404 where there is none of the name."""
    return fetch(Connection, actor, name=name)


def shown_of(row: Connection) -> ConnectionShown:
    return ConnectionShown(
        name=row.name,
        kind=row.kind,
        kind_in_words=str(Connection.Kind(row.kind).label),
        url=row.url,
        account=row.account,
        query=row.query,
        every_s=row.every_s,
        mask=row.mask,
        active=row.active,
        tickets=row.tickets,
        fetched_up_to=row.cursor,
        fetched_at=row.fetched_at,
        next_look=row.not_before if row.active else None,
        problem=row.problem,
    )
