"""Taking note of identifiers and of which were seen together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
from django.db import transaction

from towpath.customers.models import Identifier, Link
from towpath.customers.rules.document import LinkRules
from towpath.events.envelope import subject, subject_key

WRITTEN_AT_ONCE = 2_000
"""Rows a transaction: each stays well under 200 ms."""
ASKED_AT_ONCE = 900
"""Values of one `in (...)`, which databases limit."""

T = TypeVar("T")
Seen = tuple[str, datetime, datetime]
"""Source, first, last."""


def key_of(identifier: str) -> int:
    """The key of the subject that an identifier, as written, names (see `envelope.subject`)."""
    return subject_key(subject(identifier, None, "", None))


def observe(identifiers: pa.Table, pairs: pa.Table, rules: LinkRules) -> list[int]:
    """Keep what `measures.sightings` found. Returns the keys about which there is news: new identifiers, and
    those newly seen together. Harmless when run again."""
    named = identifiers.to_pydict()
    keys = [key_of(name) for name in named["name"]]
    key_by_name = dict(zip(named["name"], keys, strict=True))
    news: dict[int, None] = {}
    seen = zip(
        keys, named["name"], zip(named["source"], named["first"], named["last"], strict=True), strict=True
    )
    for some in batches(seen, WRITTEN_AT_ONCE):
        news |= dict.fromkeys(_keep_identifiers(some, rules))
    together = pairs.to_pydict()
    both = (
        (min(one, other), max(one, other), shown)
        for one, other, shown in zip(
            map(key_by_name.__getitem__, together["a"]),
            map(key_by_name.__getitem__, together["b"]),
            zip(together["source"], together["first"], together["last"], strict=True),
            strict=True,
        )
    )
    for few in batches(both, WRITTEN_AT_ONCE):
        news |= dict.fromkeys(_keep_links(few))
    return list(news)


def _keep_identifiers(some: Sequence[tuple[int, str, Seen]], rules: LinkRules) -> list[int]:
    known = {
        key: (first, last)
        for keys in batches((key for key, *_rest in some), ASKED_AT_ONCE)
        for key, first, last in Identifier.objects.filter(pk__in=keys).values_list(
            "key", "first_seen", "last_seen"
        )
    }
    changed = []
    for key, name, (source, *span) in some:
        if key not in known or _wider(known[key], span):
            first, last = _both(known.get(key), span)
            kind, value, spelling = rules.understood(name)
            changed.append(
                Identifier(
                    key=key, kind=kind, value=value, normalised=spelling,
                    source=source, first_seen=first, last_seen=last,
                )
            )  # fmt: skip
    _write(Identifier, changed, ["key"])
    return [key for key, *_rest in some if key not in known]


def _keep_links(some: Sequence[tuple[int, int, Seen]]) -> list[int]:
    wanted = {(one, other) for one, other, _seen in some}
    known = {
        (one, other): (first, last)
        for ones in batches(dict.fromkeys(one for one, *_rest in some), ASKED_AT_ONCE)
        for one, other, first, last in Link.objects.filter(a__in=ones).values_list(
            "a_id", "b_id", "first_seen", "last_seen"
        )
        if (one, other) in wanted
    }
    changed = []
    for one, other, (source, *span) in some:
        if (one, other) not in known or _wider(known[one, other], span):
            first, last = _both(known.get((one, other)), span)
            changed.append(Link(a_id=one, b_id=other, source=source, first_seen=first, last_seen=last))
    _write(Link, changed, ["a", "b"])
    return [key for one, other, _seen in some if (one, other) not in known for key in (one, other)]


def _write(model: Any, rows: Sequence[Any], unique: list[str]) -> None:
    if rows:
        with transaction.atomic():
            model.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=unique, update_fields=["first_seen", "last_seen"]
            )


def _wider(known: tuple[datetime, datetime], span: Sequence[datetime]) -> bool:
    return span[0] < known[0] or span[1] > known[1]


def _both(known: tuple[datetime, datetime] | None, span: Sequence[datetime]) -> tuple[datetime, datetime]:
    if known is None:
        return span[0], span[1]
    return min(known[0], span[0]), max(known[1], span[1])


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
