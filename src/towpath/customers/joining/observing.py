"""Taking note of identifiers and of which were seen together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
from django.db import connection, transaction

from towpath.customers.rules.document import LinkRules
from towpath.events.envelope import subject, subject_key

WRITTEN_AT_ONCE = 5_000
"""Rows a transaction: each stays well under 200 ms."""
ASKED_AT_ONCE = 2_000
"""Values of one `in (...)`, which databases limit."""

T = TypeVar("T")

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
    seen = zip(named["name"], named["source"], named["first"], named["last"], strict=True)
    _write(
        _IDENTIFIERS,
        (
            (key_by_name[name], source, _kept(first), _kept(last), *rules.understood(name))
            for name, source, first, last in seen
        ),
    )
    together = pairs.to_pydict()
    both = zip(*(together[name] for name in ("a", "b", "source", "first", "last")), strict=True)
    keyed = (
        (*sorted((key_by_name[a], key_by_name[b])), source, _kept(first), _kept(last))
        for a, b, source, first, last in both
    )
    _write(_LINKS, keyed)


def _kept(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _write(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    for some in batches(rows, WRITTEN_AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, some)


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
