"""Tickets as they stand: lists by keys, so that the last page costs what the first does, and search."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.queries.story import note_look
from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.models import Desk, Ticket
from towpath.desk.queries.desks import meant
from towpath.desk.rules.words import asked_words
from towpath.desk.schemas.tickets import TicketList, TicketRow, WantedTickets
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

PAGE = 50
ARCHIVE_US = 7 * 86_400_000_000
"""A desk from which nothing came for so long is an archive: what is overdue there is told as of its end."""
MOST_CHOICES = 60
_CURSOR = re.compile(r"(-?[0-9]{1,19})\.([0-9]{1,18})")
FIRST_STEP, LARGEST_STEP = 200, 5_000
_ROWIDS = (
    "select rowid from desk_ticket_words where desk_ticket_words match %s and rowid < %s "
    "order by rowid desc limit %s"
)
_MATCHES = "to_tsvector('simple', words) @@ to_tsquery('simple', %s)"
"""As the index of PostgreSQL is written."""


def tickets(actor: Actor, name: str = "", wanted: WantedTickets | None = None) -> TicketList:
    """One page of a desk's tickets (of the only desk, without a name), the newest first.

    Raises Http404, ValidationError for what cannot be asked, PermissionDenied where a customer is looked for
    by somebody who may not read customers.
    """
    desk, wanted = meant(actor, name), wanted or WantedTickets()
    now = looked_at(desk)
    rows = _chosen(visible(Ticket, actor).filter(desk=desk), wanted, now)
    if wanted.q.strip():
        rows = _found(actor, rows, desk, wanted.q.strip(), wanted.after)
    by_number = bool(wanted.q.strip())
    found = list(_after(rows, wanted.after, searched=by_number)[: PAGE + 1])
    more = len(found) > PAGE
    last = found[PAGE - 1] if more else None
    return TicketList(
        desk=desk.name,
        tickets=tuple(row_of(each, now) for each in found[:PAGE]),
        next=f"{last.opened}.{last.pk}" if last else "",
    )


def choices(actor: Actor, desk: str, field: str) -> list[str]:
    """The values of "team", "topic" or "priority" that tickets have, the first MOST_CHOICES: each is found by
    one step in the index, not by reading all tickets."""
    rows = (
        visible(Ticket, actor).filter(desk=meant(actor, desk)).order_by(field).values_list(field, flat=True)
    )
    found: list[str] = []
    while len(found) < MOST_CHOICES:
        each = rows.filter(**{f"{field}__gt": found[-1] if found else ""}).first()
        if each is None:
            break
        found.append(str(each))
    return found


def looked_at(desk: Desk) -> int:
    """The moment by which tickets are overdue: now, or the end of an archive. UTC microseconds."""
    now = int(timezone.now().timestamp() * 1_000_000)
    return desk.as_of if desk.as_of is not None and now - desk.as_of > ARCHIVE_US else now


def row_of(row: Ticket, now: int) -> TicketRow:
    due = row.due
    return TicketRow(
        number=row.number,
        kind=row.kind,
        title=row.title,
        opened=moment(row.opened),
        state=row.state,
        written_state=row.raw_state,
        priority=row.priority,
        team=row.team,
        tier=row.tier,
        topic=row.topic,
        service=row.service,
        hand_overs=row.hand_overs,
        reopened=row.reopened,
        ping_pong=row.ping_pong,
        repeat_of=row.repeat_of,
        clock=row.solving,
        due=None if due is None else moment(due),
        overdue=row.is_open and due is not None and due < now,
    )


def moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def _chosen(rows: QuerySet[Ticket], wanted: WantedTickets, now: int) -> QuerySet[Ticket]:
    for field in ("state", "team", "topic", "priority"):
        if value := getattr(wanted, field):
            rows = rows.filter(**{field: value})
    if wanted.tier:
        if not (wanted.tier.isascii() and wanted.tier.isdigit() and len(wanted.tier) < 3):
            raise ValidationError(_("%(tier)s is no tier: write its number, like 1.") % {"tier": wanted.tier})
        rows = rows.filter(tier=int(wanted.tier))
    return rows.filter(
        {
            "all": Q(),
            "open": Q(is_open=True),
            "overdue": Q(is_open=True, due__lt=now),
            "missed": Q(solving="missed"),
            "reopened": Q(reopened__gt=0),
            "ping_pong": Q(ping_pong=True),
        }[wanted.which]
    )


def _found(actor: Actor, rows: QuerySet[Ticket], desk: Desk, asked: str, after: str) -> QuerySet[Ticket]:
    """Of a customer whose whole identifier is asked for, else with words that begin so."""
    if actor.may(READ_CUSTOMERS):
        # In no order: by the newest SQLite would walk through all tickets for one that nobody has.
        theirs = Ticket.objects.filter(desk=desk, customer=asked).order_by()
        if first := next(iter(theirs[:1]), None):
            note_look(actor, list(map(int, first.subjects.split())))
            return rows.filter(pk__in=theirs.values("pk"))
    words = asked_words(asked)
    if not words:
        raise ValidationError(_("Search for words or numbers of a ticket: letters and digits."))
    if connection.vendor == "sqlite":
        match = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
        return rows.filter(pk__in=_walked(rows, match, after))
    match = " & ".join(words) + ":*"
    return rows.filter(RawSQL(_MATCHES, [match], output_field=BooleanField()))  # noqa: S611 (our own text)


def _walked(rows: QuerySet[Ticket], match: str, after: str) -> list[int]:
    """Rows for one page that hold the words, for SQLite: its index is read downwards only until the page is
    full, since `in (select ...)` would read all that a common word has."""
    cursor, below = _CURSOR.fullmatch(after), 1 << 62
    if cursor is not None:
        below = int(cursor[2])
    found: list[int] = []
    size = FIRST_STEP
    while len(found) <= PAGE:
        with connection.cursor() as words:
            words.execute(_ROWIDS, [match, below, size])
            step = [pk for (pk,) in words.fetchall()]
        found += rows.filter(pk__in=step).order_by("-pk").values_list("pk", flat=True)[: PAGE + 1]
        if len(step) < size:
            break
        below, size = step[-1], min(size * 4, LARGEST_STEP)
    return found[: PAGE + 1]


def _after(rows: QuerySet[Ticket], after: str, *, searched: bool) -> QuerySet[Ticket]:
    """What is found by words comes the newest made first, as the index of words holds it."""
    rows = rows.order_by("-pk") if searched else rows.order_by("-opened", "-pk")
    if not after:
        return rows
    cursor = _CURSOR.fullmatch(after)
    if cursor is None:
        raise ValidationError(_("This page is not there: begin at the first one."))
    opened, pk = map(int, cursor.groups())
    if searched:
        return rows.filter(pk__lt=pk)
    return rows.filter(opened__lte=opened).exclude(opened=opened, pk__gte=pk)
