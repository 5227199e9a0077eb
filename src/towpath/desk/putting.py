"""Rows of tickets into the records, and which of them are repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db import connection, transaction

from towpath.customers.joining.observing import batches
from towpath.desk.measures.tickets import COLUMNS, Row, Value, repeats_by
from towpath.desk.models import Desk

ASKED_AT_ONCE = 400
"""Pairs of customer and topic of one query."""

# Plain SQL, since Django's own takes a fifth of a millisecond for each of a million rows.
_PUT = (
    f"insert into desk_ticket (desk_id, {', '.join(COLUMNS)}) values (%s{', %s' * len(COLUMNS)}) "  # noqa: S608 (known columns only)
    "on conflict (desk_id, number) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "number")
)
# `cross join` and the plus have SQLite look each pair up, instead of walking through all tickets.
_NEAR = (
    "with need (whose, what) as (values {}) "
    "select number, customer, topic, opened, resolved, repeat_of from need cross join desk_ticket "
    "where desk_id = %s and customer = whose and topic = what "
    "and (resolved is null or resolved >= %s) and +opened <= %s"
)


@dataclass(frozen=True)
class RepeatsAmong:
    """`of_moved`: number of a moved ticket -> of the one that it repeats. `others`: tickets that did not move
    but repeat another one now than their record says."""

    of_moved: dict[str, str]
    others: tuple[str, ...]


def put(desk: Desk, rows: Sequence[Row]) -> None:
    """Write rows (`measures.tickets.COLUMNS`) over those that there are, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_PUT, [(desk.pk, *row) for row in rows])


def repeats_among(desk: Desk, moved: Mapping[str, Sequence[Value]], within: int) -> RepeatsAmong:
    """Of moved tickets (`columns_of`), and of those of the same customers near them in time."""
    numbers = list(map(str, moved["number"]))
    keys = [(str(each), str(topic)) for each, topic in zip(moved["customer"], moved["topic"], strict=True)]
    opened, resolved = list(moved["opened"]), list(moved["resolved"])
    said: dict[str, str] = {}
    own = set(numbers)
    for number, customer, topic, began, ended, repeat_of in _near(desk, moved, within):
        if number not in own:
            numbers.append(number)
            keys.append((customer, topic))
            opened.append(began)
            resolved.append(ended)
            said[number] = repeat_of
    found = repeats_by(numbers, keys, opened, resolved, within)
    # Of one that did not move only what the moved may have changed is certain: others may lie further away.
    others = tuple(
        number
        for number, before in said.items()
        if found.get(number, "") != before and {found.get(number), before} & own
    )
    return RepeatsAmong({number: found[number] for number in own & found.keys()}, others)


def _near(
    desk: Desk, moved: Mapping[str, Sequence[Value]], within: int
) -> list[tuple[str, str, str, int, int | None, str]]:
    """Of the moved tickets' customers those that a moved one may repeat, or that may repeat a moved one."""
    times = [int(time) for name in ("opened", "resolved") for time in moved[name] if time is not None]
    needs = sorted(
        {(str(c), str(t)) for c, t in zip(moved["customer"], moved["topic"], strict=True) if c and t}
    )
    found: list[tuple[str, str, str, int, int | None, str]] = []
    for some in batches(needs, ASKED_AT_ONCE):
        pairs: list[str | int] = [*chain.from_iterable(some)]
        asked = [*pairs, desk.pk, min(times) - within, max(times) + within]
        with connection.cursor() as cursor:
            cursor.execute(_NEAR.format(", ".join(["(%s, %s)"] * len(some))), asked)
            found += cursor.fetchall()
    return found
