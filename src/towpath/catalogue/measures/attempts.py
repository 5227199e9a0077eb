"""How attempts went whose events name a service. Events of changes and tickets are no attempts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.core.cache import cache

from towpath.events.lake import Snapshot

KEPT_S = 24 * 3_600
_ASKED = "(?, ?, cast(? as timestamptz), cast(? as timestamptz), cast(? as double))"
_WENT = """
with asked(place, service, since, until, within_ms) as (values {rows})
select place,
  count(*) filter (outcome is not null) as attempts,
  count(*) filter (outcome = 'fault') as faults,
  count(latency_ms) as timed,
  count(*) filter (latency_ms <= within_ms) as within_it,
  quantile_cont(latency_ms, 0.95) as latency_ms,
  count(distinct key) filter (identifier is not null) as customers
from events join asked using (service)
where time > asked.since and time <= asked.until and change is null and ticket is null
group by place
"""
_CHANGES = """
select change, max(version) as version, max(component) as component, min(time) as seen_at
from events where change is not null and time > ? and list_contains(?, service)
group by change order by seen_at desc, change limit ?
"""
_TEAMS = """
select distinct service, team from events
where team is not null and time > ? and list_contains(?, service) order by service, team
"""


class Asked(msgspec.Struct, frozen=True):
    """What events call the service, after when and until when, and which latency was promised."""

    names: tuple[str, ...]
    since: datetime
    until: datetime
    within_ms: float | None = None


class Went(msgspec.Struct, frozen=True):
    """`attempts` that say how they ended; `timed`: that say how long they took, `within` of them as promised;
    `latency_ms`: 95 % took at most that; `customers`: distinct ones."""

    attempts: int = 0
    faults: int = 0
    timed: int = 0
    within: int = 0
    latency_ms: float | None = None
    customers: int = 0


class SeenChange(msgspec.Struct, frozen=True):
    """A change whose events name the service."""

    change: str
    version: str | None
    component: str | None
    seen_at: datetime


def went(snapshot: Snapshot, asked: Sequence[Asked]) -> list[Went]:
    """One answer for each question, in one reading; kept until an event comes in."""
    key = "catalogue-" + hashlib.sha256(msgspec.json.encode((snapshot.version, asked))).hexdigest()
    kept = cache.get(key)
    if kept is not None:
        return msgspec.json.decode(kept, type=list[Went])
    found = _went(snapshot, asked)
    cache.set(key, msgspec.json.encode(found), KEPT_S)
    return found


def _went(snapshot: Snapshot, asked: Sequence[Asked]) -> list[Went]:
    rows = [
        (place, name, each.since, each.until, each.within_ms)
        for place, each in enumerate(asked)
        for name in each.names
    ]
    if not rows:
        return []
    sql = _WENT.format(rows=", ".join([_ASKED] * len(rows)))
    table = snapshot.query(sql, [value for row in rows for value in row]).to_pylist()
    found = {row.pop("place"): row for row in table}
    return [_one(found.get(place)) for place in range(len(asked))]


def _one(row: dict[str, float] | None) -> Went:
    if row is None:
        return Went()
    counted = {name: int(row[name]) for name in ("attempts", "faults", "timed", "customers")}
    return Went(**counted, within=int(row["within_it"]), latency_ms=row["latency_ms"])


def changes_seen(
    snapshot: Snapshot, names: Sequence[str], since: datetime, most: int
) -> tuple[SeenChange, ...]:
    """The newest changes whose events name the service by one of the names."""
    rows = snapshot.query(_CHANGES, [since, list(names), most]).to_pylist()
    return tuple(SeenChange(**row) for row in rows)


def teams_seen(snapshot: Snapshot, names: Sequence[str], since: datetime) -> tuple[str, ...]:
    """The teams whose events name the service by one of the names, tickets included."""
    rows = snapshot.query(_TEAMS, [since, list(names)]).to_pylist()
    return tuple(sorted({row["team"] for row in rows}))
