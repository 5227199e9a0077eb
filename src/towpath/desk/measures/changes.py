"""Changes and deployments in the lake, whoever sent them: what went out at a time."""

from __future__ import annotations

from datetime import UTC, datetime

from towpath.desk.schemas.emerging import ChangeSeen
from towpath.events.store import lake

MOST = 200
_SQL = """
    select min(time) as happened, source, coalesce(change, '') as change, coalesce(service, '') as service,
        coalesce(component, '') as component, coalesce(version, '') as version
    from events
    where month between strftime($start::timestamptz, '%Y-%m') and strftime($end::timestamptz, '%Y-%m')
        and time >= $start::timestamptz and time < $end::timestamptz and source <> $desk
        and split_part(type, '.', 1) in ('deployment', 'release', 'change')
    group by source, change, service, component, version, case when change is null then id end
    order by happened desc limit $most
"""


def changes_between(start: datetime, end: datetime, desk: str) -> tuple[ChangeSeen, ...]:
    """From `start` (inclusive) to `end` (exclusive), latest first, at most MOST. What the source `desk`
    itself says is left out: its tickets about changes say when somebody wrote, not when it went out."""
    params = {"start": start.astimezone(UTC), "end": end.astimezone(UTC), "desk": desk, "most": MOST}
    rows = lake().snapshot().query(_SQL, params).to_pylist()
    return tuple(ChangeSeen(row.pop("happened").astimezone(UTC), **row) for row in rows)
