"""Calls of a call centre: what page, API and `--json` show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Count, Min, Q
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.desk.measures.calls import Calls, calls_of, figures_by, missing_of
from towpath.desk.models import CallImport, CallInterval, CallSeries, Ticket
from towpath.desk.rules.call_lists import CallMapping, RefusedCalls
from towpath.desk.schemas.calls import CallSeriesShown, CallTrends, HourOfCalls, QueueCalls, WeekOfCalls
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible

MOST_WEEKS = 53
DAY_ZERO = date(1970, 1, 1)


def call_series(actor: Actor) -> list[CallSeriesShown]:
    rows = visible(CallSeries, actor).annotate(count=Count("intervals"))
    return [CallSeriesShown(row.name, row.zone, row.minutes, row.count, row.changed_at) for row in rows]


def kept_mapping(actor: Actor, name: str) -> CallMapping | None:
    """How a series' last list was read."""
    row = visible(CallSeries, actor).filter(name=name).first()
    return msgspec.convert(row.mapping, CallMapping) if row else None


def call_trends(actor: Actor, name: str = "", queue: str = "") -> CallTrends:
    """Of a series (the only one, without a name). Raises Http404, ValidationError."""
    series = _meant(actor, name)
    fields = ("queue", "begins", "offered", "answered", "abandoned", "wait_seconds", "within")
    rows = list(visible(CallInterval, actor).filter(series=series).values_list(*fields))
    calls = calls_of(rows, series.zone)
    if queue and queue not in calls.queue:
        raise Http404(f"No calls of the queue {queue[:50]} are in {series.name}.")
    shown = calls.of(calls.queue == queue) if queue else calls
    last = visible(CallImport, actor).filter(series=series).first()
    return CallTrends(
        series=series.name,
        zone=series.zone,
        minutes=series.minutes,
        queue=queue,
        begins=_moment(min(row[1] for row in rows)) if rows else None,
        ends=_moment(max(row[1] for row in rows) + series.minutes * 60_000_000) if rows else None,
        queues=_queues(calls),
        weeks=_weeks(actor, shown, series.zone) if rows else (),
        hours=_hours(shown),
        unknown=_unknown(shown),
        refused=msgspec.convert(last.refused, tuple[RefusedCalls, ...]) if last else (),
    )


def _meant(actor: Actor, name: str) -> CallSeries:
    if name:
        return fetch(CallSeries, actor, name=name)
    found = list(visible(CallSeries, actor)[:50])
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("No calls are known yet: import a list with `towpath desk import-calls`."))
    names = ", ".join(series.name for series in found)
    raise ValidationError(_("There are several series of calls; name one of: %(names)s.") % {"names": names})


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1_000_000, UTC)


def _queues(calls: Calls) -> tuple[QueueCalls, ...]:
    """Those with most calls first."""
    names, group = np.unique(calls.queue.astype(str), return_inverse=True)
    found = figures_by(calls, group, len(names))
    listed = [
        QueueCalls(str(name), figures, missing_of(calls.of(group == at)))
        for at, (name, figures) in enumerate(zip(names, found, strict=True))
    ]
    return tuple(sorted(listed, key=lambda each: (-each.figures.offered, each.queue)))


def _weeks(actor: Actor, calls: Calls, zone: str) -> tuple[WeekOfCalls, ...]:
    mondays, group = np.unique(calls.monday, return_inverse=True)
    found = figures_by(calls, group, len(mondays))
    # A week is whole from its first to its last weekday that ever has calls: most are closed at weekends.
    opens, shuts = int(calls.weekday.min()), int(calls.weekday.max())
    first, last = int(calls.day.min()) - opens, int(calls.day.max()) - shuts
    begun = [DAY_ZERO + timedelta(days=int(monday)) for monday in mondays][-MOST_WEEKS:]
    tickets = _tickets(actor, begun, ZoneInfo(zone))
    weeks = zip(begun, mondays[-MOST_WEEKS:], found[-MOST_WEEKS:], tickets, strict=True)
    return tuple(
        WeekOfCalls(day, bool(first <= monday <= last), figures, count)
        for day, monday, figures, count in weeks
    )


def _tickets(actor: Actor, mondays: Sequence[date], zone: ZoneInfo) -> list[int | None]:
    """Opened in each week; None in one before the first of all, when no desk told anything."""
    rows = visible(Ticket, actor)
    edges = [(_edge(day, zone), _edge(day + timedelta(days=7), zone)) for day in mondays]
    asked: dict[str, Any] = {
        f"week_{at}": Count("pk", filter=Q(opened__gte=begin, opened__lt=end))
        for at, (begin, end) in enumerate(edges)
    }
    counted = rows.order_by().aggregate(first=Min("opened"), **asked)
    first = counted["first"]
    return [
        counted[f"week_{at}"] if first is not None and end > first else None
        for at, (_begin, end) in enumerate(edges)
    ]


def _edge(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) * 1_000_000


def _hours(calls: Calls) -> tuple[HourOfCalls, ...]:
    slots, group = np.unique(calls.weekday * 24 + calls.minute // 60, return_inverse=True)
    days = [len(np.unique(calls.day[group == at])) for at in range(len(slots))]
    found = zip(slots.tolist(), days, figures_by(calls, group, len(slots)), strict=True)
    return tuple(
        HourOfCalls(slot // 24, slot % 24, count, figures.offered / count, figures)
        for slot, count, figures in found
    )


def _unknown(calls: Calls) -> tuple[str, ...]:
    """In words, what cannot be known from the lists."""
    told = []
    for values, words in (
        (calls.abandoned, _("how many gave up")),
        (calls.wait[calls.answered > 0], _("how long those answered waited")),
        (calls.within, _("how many were answered within the target")),
    ):
        lacking = int(np.count_nonzero(np.isnan(values)))
        if lacking:
            share = {"count": lacking, "all": len(values), "what": words}
            told.append(_("%(count)s of %(all)s intervals do not say %(what)s.") % share)
    return tuple(told)
