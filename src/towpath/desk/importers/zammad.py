"""Zammad: tickets of its REST interface (`expand=true`), with their articles and, where it was fetched, their
history.

    [{"id": 5, "number": "22005", "group": "1st Level", "state": "open", ..., "articles": [...],
      "history": [{"object": "Ticket", "type": "updated", "attribute": "group", "value_from": ..., ...}]}]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from towpath.desk.importers.records import NotATicket, blocks_of, read_records
from towpath.desk.importers.snapshots import (
    AGENT,
    CUSTOMER,
    MACHINE,
    Change,
    history,
    moment,
    written,
)
from towpath.desk.importers.texts import plain
from towpath.events.importers.chunks import Block, Row
from towpath.events.importers.files import Source

ARRAYS = ("tickets", "records")
_FOLLOWED = {
    "state": "state", "group": "team", "owner": "agent", "priority": "priority", "title": "title",
    "customer": "caller", "type": "kind",
}  # fmt: skip
_SENDERS = {"customer": CUSTOMER, "agent": AGENT, "system": MACHINE}
_MARKS = tuple(
    re.compile(rf'"{name}"\s*:')
    for name in ("number", "group(_id)?", "priority(_id)?", "state(_id)?", "owner(_id)?")
)
_OWN = re.compile(
    r'"(articles?|article_count|article_ids|create_article_type_id|escalation_at|preferences)"\s*:'
)


def recognises(beginning: str) -> bool:
    if not beginning.startswith(("[", "{")):
        return False
    return all(mark.search(beginning) for mark in _MARKS) and _OWN.search(beginning) is not None


def read_zammad(source: Source, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows, one for each movement and article of each ticket."""
    yield from blocks_of(read_records(source, ARRAYS), ticket_rows, chunk_rows)


def ticket_rows(ticket: Row) -> Iterator[Row]:
    """The history of one ticket, as rows. Raises NotATicket."""
    number, opened = ticket.get("number") or ticket.get("id"), moment(ticket.get("created_at"))
    if not number or opened is None:
        raise NotATicket("this is no ticket: it has no number, or no created_at")
    if not (_text(ticket.get("state")) or _text(ticket.get("group"))):
        raise NotATicket("states and groups are numbers only: export the tickets with expand=true")
    articles = [each for each in _listed(ticket.get("articles")) if moment(each.get("created_at"))]
    told = _listed(ticket.get("history"))
    moves = list(_moves(told)) if told else []
    said = list(_said(articles))
    today = _today(ticket, articles)
    if not told:
        moves = list(_marked(ticket, today))
    yield from history(opened, today, [*moves, *said], _always(ticket), _late(ticket, articles))


def _listed(value: object) -> list[Row]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("login") or value.get("email")
    return value.strip() or None if isinstance(value, str) else None


def _today(ticket: Row, articles: Iterable[Row]) -> Row:
    owner = _text(ticket.get("owner"))
    return {
        "state": _text(ticket.get("state")),
        "team": _text(ticket.get("group")),
        "agent": None if owner == "-" else owner,
        "priority": _text(ticket.get("priority")),
        "title": plain(ticket.get("title")),
        "text": next((plain(each.get("body")) for each in articles), None),
        "caller": _text(ticket.get("customer")),
        "kind": _text(ticket.get("type")),
    }


def _always(ticket: Row) -> Row:
    return {
        "number": str(ticket.get("number") or ticket.get("id")),
        "opened": written(moment(ticket.get("created_at"))),
        "link": ticket.get("link") if isinstance(ticket.get("link"), str) else None,
    }


def _late(ticket: Row, articles: Iterable[Row]) -> Row:
    replies = [moment(each.get("created_at")) for each in articles if _is_reply(each)]
    first = min((time for time in replies if time), default=None) or moment(ticket.get("first_response_at"))
    tags = ticket.get("tags")
    labels = ", ".join(map(str, tags)) if isinstance(tags, list) else None
    return {
        "channel": _text(ticket.get("create_article_type")) or _text(next(iter(articles), {}).get("type")),
        "organization": _text(ticket.get("organization")),
        "category": _text(ticket.get("category")) or labels,
        "first_reply": written(first),
    }


def _is_reply(article: Row) -> bool:
    return _by(article) == AGENT and not article.get("internal") and article.get("type") != "note"


def _by(article: Row) -> str:
    return _SENDERS.get((_text(article.get("sender")) or "").casefold(), MACHINE)


def _said(articles: Iterable[Row]) -> Iterator[Change]:
    """Every article but the first, which is the ticket's text."""
    for article in list(articles)[1:]:
        time = moment(article.get("created_at"))
        said: Row = {"comment": plain(article.get("body")), "by": _by(article)}
        if article.get("internal"):
            said["internal"] = True
        if time is not None:
            yield Change(time, said=said)


def _moves(told: Iterable[Row]) -> Iterator[Change]:
    for entry in told:
        column = _FOLLOWED.get(str(entry.get("attribute") or "").removesuffix("_id"))
        time = moment(entry.get("created_at"))
        if entry.get("object", "Ticket") != "Ticket" or time is None:
            continue
        if column is not None and entry.get("type") == "updated":
            before, after = (plain(entry.get(name)) for name in ("value_from", "value_to"))
            yield Change(time, {column: _named(column, before)}, {column: _named(column, after)})
        elif str(entry.get("type") or "").startswith(("merged", "received_merge")):
            yield Change(time, said={"by": MACHINE, "merged": str(entry.get("value_to") or True)})


def _named(column: str, value: str | None) -> str | None:
    return None if column == "agent" and value == "-" else value


def _marked(ticket: Row, today: Row) -> Iterator[Change]:
    """Without a history only the last state is known, and when the ticket was closed or last touched."""
    state = today.get("state")
    closed, updated = moment(ticket.get("close_at")), moment(ticket.get("updated_at"))
    time = closed or updated
    if time is not None and state != "new":
        unknown: Row = {"state": "new", "team": None, "agent": None}
        yield Change(time, unknown, {name: today.get(name) for name in unknown})
