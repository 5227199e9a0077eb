"""Taking note of identifiers and of which were seen together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
from django.db import connection, transaction

from towpath.customers.models import Identifier, Link
from towpath.customers.rules.document import LinkRules
from towpath.events import keys
from towpath.events.envelope import subject, subject_key
from towpath.events.lake.moves import digest_of

WRITTEN_AT_ONCE = 2_000
"""Rows a transaction: each stays well under 200 ms."""
ASKED_AT_ONCE = 2_000
"""Values of one `in (...)`, which databases limit."""

SEEN_TO_THE = timedelta(minutes=10)
"""How exact `last_seen` is kept: somebody who is there every second is not written every second."""

T = TypeVar("T")
Span = tuple[datetime, datetime]

# Plain SQL, since Django's own takes a tenth of a millisecond for each of a million rows.
_LONGER = """ on conflict ({unique}) do update set
  first_seen = case when excluded.first_seen < {table}.first_seen
                    then excluded.first_seen else {table}.first_seen end,
  last_seen = case when excluded.last_seen > {table}.last_seen
                   then excluded.last_seen else {table}.last_seen end
where excluded.first_seen < {table}.first_seen or excluded.last_seen > {table}.last_seen"""
_IDENTIFIERS = (
    'insert into customers_identifier ("key", source, first_seen, last_seen, kind, value, normalised, proxy) '
    "values (%s, %s, %s, %s, %s, %s, %s, '')"
) + _LONGER.format(unique='"key"', table="customers_identifier")
_LINKS = (
    "insert into customers_link (a_id, b_id, source, first_seen, last_seen, settled) "
    "values (%s, %s, %s, %s, %s, false)"
) + _LONGER.format(unique="a_id, b_id", table="customers_link")


def key_of(identifier: str) -> int:
    """The key of the subject that an identifier, as written, names (see `envelope.subject`)."""
    return subject_key(subject(identifier, None, "", None))


def observe(identifiers: pa.Table, pairs: pa.Table, rules: LinkRules) -> None:
    """Keep what `measures.sightings` found. What is new has no customer yet, or is a link that is not settled
    yet. Harmless when run again."""
    named = identifiers.to_pydict()
    key_by_name = {name: key_of(name) for name in named["name"]}
    gone = _gone(key_by_name, dict(zip(named["name"], named["last"], strict=True)))
    columns = (named[name] for name in ("name", "source", "first", "last"))
    seen = (each for each in zip(*columns, strict=True) if each[0] not in gone)
    for some in batches(seen, WRITTEN_AT_ONCE):
        known = _spans(Identifier.objects, [(key_by_name[name],) for name, *_seen in some], ("key",))
        _write(
            _IDENTIFIERS,
            (
                (key_by_name[name], source, _kept(first), _kept(last), *rules.understood(name))
                for name, source, first, last in some
                if _tells(known.get((key_by_name[name],)), first, last)
            ),
        )
    together = pairs.to_pydict()
    both = zip(*(together[name] for name in ("a", "b", "source", "first", "last")), strict=True)
    keyed = (
        (*sorted((key_by_name[a], key_by_name[b])), source, first, last)
        for a, b, source, first, last in both
        if a not in gone and b not in gone
    )
    for linked in batches(keyed, WRITTEN_AT_ONCE):
        known = _spans(Link.objects, [(a, b) for a, b, *_seen in linked], ("a_id", "b_id"))
        _write(
            _LINKS,
            (
                (a, b, source, _kept(first), _kept(last))
                for a, b, source, first, last in linked
                if _tells(known.get((a, b)), first, last)
            ),
        )


def _gone(key_by_name: Mapping[str, int], last: Mapping[str, datetime]) -> set[str]:
    """Whom somebody forgot since these events were read: they do not come back by what happened before."""
    forgotten = keys.forgotten()
    if not forgotten.until:
        return set()
    until = {name: forgotten.until.get(digest_of(key, forgotten.secret)) for name, key in key_by_name.items()}
    return {name for name, end in until.items() if end is not None and last[name].timestamp() * 1e6 <= end}


def _spans(
    rows: Any, wanted: Sequence[tuple[int, ...]], names: tuple[str, ...]
) -> dict[tuple[int, ...], Span]:
    """When those of these that are kept were first and last seen. Asked before the transaction that writes:
    what another job writes in between is only written again."""
    kept = rows.filter(**{f"{names[0]}__in": {key[0] for key in wanted}})
    return {tuple(row[:-2]): row[-2:] for row in kept.values_list(*names, "first_seen", "last_seen")}


def _tells(kept: Span | None, first: datetime, last: datetime) -> bool:
    """Whether a sighting tells anything beyond what is kept."""
    return kept is None or first < kept[0] or last > kept[1] + SEEN_TO_THE


def _kept(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _write(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    wanted = list(rows)
    if wanted:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, wanted)


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
