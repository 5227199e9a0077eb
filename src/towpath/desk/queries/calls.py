"""Contact trends of call centres: by queue, by week and by hour of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from towpath.analytics.intervals import wilson
from towpath.desk.models import CallInterval
from towpath.desk.schemas.calls import CallHour, CallQueue, CallTrends, CallWeek
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

WEEKS, WORST, ENOUGH = 26, 5, 50
Row = tuple[str, str, int, int, int, int, int, float | None]


def call_trends(actor: Actor) -> CallTrends:
    """Every queue of every source, its last 26 weeks. Raises PermissionDenied."""
    columns = ("source", "queue", "begin", "seconds", "offered", "answered", "given_up", "waited")
    rows = visible(CallInterval, actor).order_by("source", "queue", "begin").values_list(*columns)
    return CallTrends(
        tuple(_queue(list(each)) for _name, each in groupby(rows.iterator(), lambda row: row[:2]))
    )


def _queue(rows: Sequence[Row]) -> CallQueue:
    source, queue = rows[0][:2]
    first, last, seconds = rows[0][2], rows[-1][2], rows[-1][3]
    total = _summed(rows)
    expected = (last - first) // (seconds * 1_000_000) + 1
    zone = ZoneInfo(settings.TIME_ZONE)
    local = [_at(row[2]).astimezone(zone) for row in rows]
    return CallQueue(
        source=source,
        queue=queue,
        first=_at(first),
        last=_at(last),
        intervals=len(rows),
        lacking=max(0, expected - len(rows)),
        offered=total.offered,
        answered=total.answered,
        given_up=total.given_up,
        given_up_share=total.given_up_share,
        waited=total.waited,
        weeks=tuple(_weeks(rows, local))[-WEEKS:],
        worst=_worst(rows, local),
    )


def _weeks(rows: Sequence[Row], local: Sequence[datetime]) -> list[CallWeek]:
    mondays = [at.date() - timedelta(days=at.weekday()) for at in local]
    pairs = zip(mondays, rows, strict=True)
    return [
        _summed([row for _day, row in each], monday) for monday, each in groupby(pairs, lambda pair: pair[0])
    ]


def _summed(rows: Sequence[Row], monday: date | None = None) -> CallWeek:
    offered, answered, given_up = (sum(int(row[place] or 0) for row in rows) for place in (4, 5, 6))
    told = [(row[7], row[5]) for row in rows if row[7] is not None and row[5]]
    waiting = sum(count for _mean, count in told)
    interval = wilson(given_up, offered) if offered else None
    return CallWeek(
        week=monday.isoformat() if monday else "",
        offered=offered,
        answered=answered,
        given_up=given_up,
        given_up_share=given_up / offered if offered else None,
        low=float(interval.low) if interval else None,
        high=float(interval.high) if interval else None,
        waited=sum(mean * count for mean, count in told) / waiting if waiting else None,
    )


def _worst(rows: Sequence[Row], local: Sequence[datetime]) -> tuple[CallHour, ...]:
    hours = np.array([at.weekday() * 24 + at.hour for at in local])
    offered = np.bincount(hours, [row[4] for row in rows], 168).astype(np.int64)
    given_up = np.bincount(hours, [row[6] for row in rows], 168).astype(np.int64)
    share = np.where(offered >= ENOUGH, given_up / np.maximum(offered, 1), -1.0)
    worst = [int(hour) for hour in np.argsort(-share, kind="stable")[:WORST] if share[hour] > 0]
    return tuple(
        CallHour(hour // 24, hour % 24, int(offered[hour]), int(given_up[hour]), float(share[hour]))
        for hour in worst
    )


def _at(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)
