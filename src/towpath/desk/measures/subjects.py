"""Whose a source's tickets are: the own keys of the subjects that their events belong to.

A subject's own key never changes, whoever it is joined with; where its events lie today the customers'
records say.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from towpath.events.envelope import subject, subject_key
from towpath.events.lake import Snapshot

Subjects = dict[str, set[int]]
"""Number of a ticket -> own keys."""
_NAMED = """
select distinct coalesce(ticket, "case") as number, identifier, "case", service from events
where source = $source and coalesce(ticket, "case") is not null
"""


def subjects_in(snapshot: Snapshot, source: str) -> Subjects:
    """Of all tickets of a source."""
    return _subjects(snapshot.query(_NAMED, {"source": source}), source)


def moved_since(snapshot: Snapshot, source: str, since: int) -> Subjects:
    """Of the tickets with events that were received since (UTC microseconds); only files that can hold such
    are read."""
    moment = datetime.fromtimestamp(since / 1_000_000, UTC)
    late = snapshot.received_since(moment)
    if not late.files:
        return {}
    asked = {"source": source, "since": moment.isoformat()}
    return _subjects(late.query(f"{_NAMED} and received >= $since::timestamptz", asked), source)


def _subjects(table: pa.Table, source: str) -> Subjects:
    found: Subjects = {}
    columns = (table[name].to_pylist() for name in ("number", "identifier", "case", "service"))
    for number, identifier, case, service in zip(*columns, strict=True):
        found.setdefault(number, set()).add(subject_key(subject(identifier, case, source, service)))
    return found
