"""Taking a customer out of tickets: what is left of them is made anew from what the lake keeps."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from towpath.customers.joining.observing import batches
from towpath.desk import shelves
from towpath.desk.models import CallImport, ProblemAnalysis, Ticket, TicketLink
from towpath.desk.noting import TICKETS, note
from towpath.events.envelope import subject_key
from towpath.events.store import in_turn
from towpath.foundation.operations.forgetting import Person, Turn, blot_column, erases

AT_ONCE = 300
WAITS_S = 600.0
"""Reading all of a large desk's tickets takes minutes."""


@erases("kept histories", Turn.LAST)
def forget_histories(_person: Person) -> int:
    """All that `shelves` keeps goes, as it is made again from the events that are left; returns of how
    many sources that was. Other nodes find theirs no more, and tidy them away."""
    return shelves.clear()


@erases("tickets", Turn.KEPT)
def forget_in_tickets(person: Person) -> int:
    """Their tickets, and those of others that name them. Raises LakeBusy.

    Who reads tickets meanwhile may have seen the lake before they were taken out of it, and would write them
    once more: so it waits for that, and who comes after it reads a lake without them.
    """
    with in_turn(TICKETS, WAITS_S):
        return _forget(person)


def _forget(person: Person) -> int:
    keys = {str(key) for key in person.keys}
    columns = ("pk", "desk_id", "subjects", "title", "customer", "agent")
    gone, desks = [], set()
    for pk, desk, subjects, *texts in Ticket.objects.values_list(*columns).iterator():
        if keys.intersection(subjects.split()) or any(map(person.names.are_in, texts)):
            gone.append(pk)
            desks.add(desk)
    desks |= _forget_links(person, gone)
    for some in batches(gone, AT_ONCE):
        with transaction.atomic():
            Ticket.objects.filter(pk__in=some).delete()
    if desks:
        note(desks)
    if gone:
        _forget_words()
    return len(gone)


def _forget_links(person: Person, tickets: Sequence[int]) -> set[int]:
    """What people said of their tickets, and of others that they are theirs; returns those desks."""
    found: set[int] = set()
    for some in batches(tickets, AT_ONCE):
        for number, desk in Ticket.objects.filter(pk__in=some).values_list("number", "desk_id"):
            found.update(TicketLink.objects.filter(desk=desk, number=number).values_list("pk", flat=True))
    said = TicketLink.objects.filter(about=TicketLink.About.CUSTOMER).values_list("pk", "value")
    for pk, value in said.iterator():
        if subject_key(f"customer:{value}") in person.keys or person.names.are_in(value):
            found.add(pk)
    desks: set[int] = set()
    for some in batches(found, AT_ONCE):
        with transaction.atomic():
            rows = TicketLink.objects.filter(pk__in=some)
            desks.update(rows.values_list("desk_id", flat=True))
            rows.delete()
    return desks


def _forget_words() -> None:
    """SQLite's index keeps the words of what was deleted until its parts are merged."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("insert into desk_ticket_words(desk_ticket_words) values ('optimize')")


@erases("problem analyses", Turn.KEPT)
def forget_in_analyses(person: Person) -> int:
    """Their names in what people wrote, in every version."""
    return blot_column(ProblemAnalysis, "body", person.names)


@erases("refused lines of call lists", Turn.KEPT)
def forget_in_call_lists(person: Person) -> int:
    """Lines are kept as they were written: a wrong file may name callers."""
    return blot_column(CallImport, "refused", person.names)
