"""Tickets follow their events: what was noted (`noting`) is read into the records.

As long as few tickets moved, only the events of those customers are read, so that a change, or an import that
only adds, costs the same however many tickets there are. After a large import, one that took events back,
another reading or other agreements all are read, and only what changed is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.db import transaction
from django.db.models import Min, QuerySet

from towpath.customers.joining.observing import batches
from towpath.customers.models import Identifier
from towpath.desk.measures.history import DAY_US, read_history, read_some
from towpath.desk.measures.linking import filled
from towpath.desk.measures.subjects import Subjects, moved_since, subjects_in
from towpath.desk.measures.tickets import COLUMNS, Row, columns_of, repeats_in, rows_of
from towpath.desk.models import Desk, Ticket, TicketNote
from towpath.desk.putting import put, repeats_among
from towpath.desk.queries.agreements import in_force
from towpath.desk.queries.said_links import confirmed_of
from towpath.desk.rules.reading_text import read_reading
from towpath.events.lake import Snapshot
from towpath.events.store import lake

AT_ONCE = 1_000
"""Tickets that one transaction writes: well below 200 ms."""
FEW = 20_000
"""Up to so many tickets are read by themselves; for more, all events are."""


def refresh_noted() -> int:
    """Read what was noted; returns the number of tickets written. Killed, it does so again."""
    written = 0
    for desk in Desk.objects.filter(pk__in=TicketNote.objects.values("desk")):
        notes = TicketNote.objects.filter(desk=desk)
        seen = list(notes.values_list("pk", flat=True))
        since = notes.filter(pk__in=seen).aggregate(first=Min("since"))["first"]
        if since is None:
            continue
        written += refresh(desk, since)
        for some in batches(seen, AT_ONCE):
            notes.filter(pk__in=some).delete()
    return written


def refresh(desk: Desk, since: int = 0) -> int:
    """Bring a desk's tickets up to date with the events received since; returns how many were written."""
    snapshot = lake().snapshot()
    moved = moved_since(snapshot, desk.source, since) if since else None
    if moved is None or len(moved) > FEW:
        return _all(desk, snapshot)
    return _some(desk, snapshot, moved) if moved else 0


def _all(desk: Desk, snapshot: Snapshot) -> int:
    history = read_history(snapshot, desk.source, read_reading(desk.reading, desk.name))
    history = filled(history, confirmed_of(desk))
    subjects = subjects_in(snapshot, desk.source)
    columns = columns_of(history, in_force(), desk.name)
    rows = rows_of(columns, subjects, repeats_in(columns, history))
    opened = COLUMNS.index("opened")
    written = _write(desk, sorted(rows, key=lambda row: (row[opened], row[0])))
    _remove_others(desk, set(history.tickets.to_pylist()))
    Desk.objects.filter(pk=desk.pk).update(as_of=history.as_of)
    return written


def _some(desk: Desk, snapshot: Snapshot, moved: Subjects) -> int:
    subjects = {number: set(keys) for number, keys in moved.items()}
    for some in batches(moved, AT_ONCE):
        for number, keys in _rows(desk, some).values_list("number", "subjects"):
            subjects[number] |= set(map(int, keys.split()))
    wanted = {key for keys in subjects.values() for key in keys}
    reading = read_reading(desk.reading, desk.name)
    history = read_some(snapshot, desk.source, reading, list(subjects), keys_today(wanted))
    history = filled(history, confirmed_of(desk, subjects))
    columns = columns_of(history, in_force(), desk.name)
    repeats = repeats_among(desk, columns, history.reading.repeat_days * DAY_US)
    written = _write(desk, list(rows_of(columns, subjects, repeats.of_moved)))
    Desk.objects.filter(pk=desk.pk).update(as_of=history.as_of)
    others: Subjects = {number: set() for number in repeats.others}
    return written + (_some(desk, snapshot, others) if others else 0)


def keys_today(own: Collection[int]) -> list[int]:
    """Under which keys events of these subjects lie today: their own, or that of the customer they joined."""
    found = set(own)
    for some in batches(sorted(own), AT_ONCE):
        joined = Identifier.objects.filter(pk__in=some, customer__isnull=False)
        found |= {key for key in joined.values_list("customer_id", flat=True) if key is not None}
    return sorted(found)


def _write(desk: Desk, rows: Sequence[Row]) -> int:
    written, any_there = 0, Ticket.objects.filter(desk=desk).exists()
    for some in batches(rows, AT_ONCE):
        if not any_there:
            put(desk, some)
            written += len(some)
            continue
        numbers = [str(row[0]) for row in some]
        known = dict(_rows(desk, numbers).values_list("number", "digest"))
        changed = [row for row in some if known.get(str(row[0])) != row[-1]]
        if changed:
            put(desk, changed)
        written += len(changed)
    return written


def _rows(desk: Desk, numbers: Sequence[str]) -> QuerySet[Ticket]:
    """In no order: by the newest SQLite would walk through all tickets instead of looking each number up."""
    return Ticket.objects.filter(desk=desk, number__in=numbers).order_by()


def _remove_others(desk: Desk, held: set[str]) -> None:
    """Tickets that no event tells of any more."""
    gone = [pk for pk, number in _numbers(desk) if number not in held]
    for some in batches(gone, AT_ONCE):
        with transaction.atomic():
            Ticket.objects.filter(pk__in=some).delete()


def _numbers(desk: Desk) -> Iterator[tuple[int, str]]:
    last = 0
    while rows := list(
        Ticket.objects.filter(desk=desk, pk__gt=last).order_by("pk").values_list("pk", "number")[:10_000]
    ):
        yield from rows
        last = rows[-1][0]
