"""Silence: sources that told of events as they happened and no longer do, and customers missing since.

A total outage leaves no events, so that no watermark moves and nothing looks wrong. What should have come
since is held against the same hours of the weeks before. A source is expected to tell by `now` less the time
that its events usually take to arrive; one that takes longer than `LIVE` brings files now and then, and its
silence says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from towpath.analytics.expected import MIN_WEEKS, Expected, Missing, expected, in_weeks, missing
from towpath.analytics.normal import Z90, Z95
from towpath.events.lake import Snapshot
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.missing import Hole, all_arrivals, baseline_of, busiest
from towpath.improvement.rules.looks import limit_today
from towpath.improvement.schemas.days import SilentSource
from towpath.improvement.schemas.findings import Estimate
from towpath.journeys.measures.plan import Plan

Floats = npt.NDArray[np.float64]

LEAST = timedelta(minutes=15)
"""A shorter silence is a pause."""
LIVE = timedelta(hours=36)
LONGEST = timedelta(days=7)
"""What is missing is counted for no longer than that: by then it is known, or meant."""
WITHDRAWN = timedelta(days=28)
"""A source that was silent for so long is not waited for."""
BEFORE = timedelta(days=70)
LEAST_LIVE = 0.9
"""Share of events that live sources must bring for the silence of these to mean that nobody came."""
HOUR_S, HOURS_A_WEEK = 3600, 168

_COUNTS = """
select source, (epoch_us(time) // 3600000000)::bigint as hour, count(*) as events, max(time) as last
from events where time >= $start and time <= $now group by all
"""
_LAGS = """
select source, quantile_cont(epoch(received) - epoch(time), 0.95) as lag
from events where time >= $start and time <= $now group by source
"""


@dataclass(frozen=True, eq=False)
class Silence:
    """`sources`: those that are silent beyond chance. `hole`: customers missing in all since the newest
    event; None as long as that may be chance. `until`: up to when."""

    sources: tuple[SilentSource, ...] = ()
    hole: Hole | None = None
    until: datetime | None = None


@dataclass(frozen=True, eq=False)
class _Source:
    """What one source told: events by hour (UTC hours since 1970), its newest event, its usual lag."""

    name: str
    hours: npt.NDArray[np.int64]
    events: Floats
    last: datetime
    lag: timedelta

    @property
    def live(self) -> bool:
        return self.lag <= LIVE

    def until(self, since: datetime, now: datetime) -> datetime:
        """Up to when it ought to have told, were it not silent since then."""
        return min(now - max(self.lag, timedelta(0)), since + LONGEST)


def silence_of(frame: Frame, plans: Sequence[Plan], now: datetime) -> Silence:
    """What is silent at `now`. Costs nothing as long as every source tells."""
    named = {name for plan in plans for name in plan.sources}
    everywhere = any(not plan.sources for plan in plans)
    marks = frame.snapshot.watermarks()
    waited = [mark for mark in marks.values() if LEAST <= now - mark <= WITHDRAWN]
    if not waited:
        return Silence()
    sources = _sources(frame.snapshot, min(waited), now)
    told = [quiet for source in sources if source.live and (quiet := _quiet(source, now)) is not None]
    concerned = [each for each in sources if everywhere or each.name in named]
    return replace(_of_customers(frame, concerned, now), sources=tuple(told))


def _sources(snapshot: Snapshot, oldest: datetime, now: datetime) -> list[_Source]:
    counted = snapshot.query(_COUNTS, {"start": now - BEFORE, "now": now}).to_pylist()
    lags = snapshot.query(_LAGS, {"start": oldest - timedelta(days=7), "now": now}).to_pylist()
    lag_of = {row["source"]: timedelta(seconds=row["lag"]) for row in lags}
    found = []
    for name in sorted({row["source"] for row in counted}):
        rows = [row for row in counted if row["source"] == name]
        last = max(row["last"] for row in rows).astimezone(UTC)
        if name in lag_of and now - last <= WITHDRAWN:
            hours, events = (np.array([row[key] for row in rows]) for key in ("hour", "events"))
            found.append(_Source(name, hours, events.astype(np.float64), last, lag_of[name]))
    return found


def _quiet(source: _Source, now: datetime) -> SilentSource | None:
    """The source's silence, where chance does not bring it."""
    until = source.until(source.last, now)
    if until - source.last < LEAST:
        return None
    here = int(source.last.timestamp()) // HOUR_S
    counts = np.zeros(here - int(source.hours.min()) + 1)
    counts[source.hours - int(source.hours.min())] = source.events
    history = counts[:-1]
    if len(history) < MIN_WEEKS * HOURS_A_WEEK:
        return None
    baseline = expected(in_weeks(history, HOURS_A_WEEK))
    if baseline.too_little:
        return None
    begin = source.last.timestamp() / HOUR_S - here
    said = _due(baseline, begin, (until - source.last) / timedelta(hours=1))
    if not _certain(said) or said.total is None:
        return None
    return SilentSource(source.name, source.last, until, _estimate(said))


def _of_customers(frame: Frame, sources: Sequence[_Source], now: datetime) -> Silence:
    """Customers who did not come since the newest event of all sources concerned."""
    live = [each for each in sources if each.live]
    share = sum(float(each.events.sum()) for each in live)
    if (
        not live
        or not frame.journeys
        or share < LEAST_LIVE * sum(float(each.events.sum()) for each in sources)
    ):
        return Silence()
    until = min(each.until(frame.as_of, now) for each in live)
    baseline = baseline_of(frame, all_arrivals(frame), frame.last_day)
    if until - frame.as_of < LEAST or baseline is None:
        return Silence()
    local = frame.as_of.astimezone(frame.zone)
    begin = local.hour + local.minute / 60 + local.second / HOUR_S
    said = _due(baseline, begin, (until - frame.as_of) / timedelta(hours=1))
    if not _certain(said) or said.total is None or said.total_p is None:
        return Silence()
    error = (said.total.high - said.total.low) / (2 * Z95)
    journey, step = busiest(frame)
    hours = (local.hour, min(24, local.hour + 1))
    hole = Hole(journey, step, frame.last_day, hours, said.total.estimate, error, said.total_p)
    return Silence(hole=hole, until=until)


def _due(baseline: Expected, begin: float, length: float) -> Missing:
    """What ought to have come in `length` hours from `begin` (hours after slot 0), where nothing came; hours
    at both ends count by their part."""
    first, end = int(begin), begin + length
    slots = np.arange(first, int(np.ceil(end)))
    part = np.minimum(slots + 1, end) - np.maximum(slots, begin)
    at = slots % len(baseline.mean)
    mean = baseline.mean[at] * part
    chance = baseline.variance[at] * (1 - baseline.beyond_chance[at]) * part
    variance = chance + baseline.variance[at] * baseline.beyond_chance[at] * part**2
    beyond = 1 - chance / np.maximum(variance, 1e-12)
    cut = replace(baseline, mean=mean, variance=variance, beyond_chance=beyond)
    return missing(cut, np.zeros(len(slots)))


def _certain(said: Missing) -> bool:
    """Beyond chance, however often one looks."""
    return said.total_p is not None and said.total_p <= limit_today(1)


def _estimate(said: Missing) -> Estimate:
    """With its 90 % interval."""
    if said.total is None:
        raise ValueError("Nothing is known of these hours.")
    half = Z90 * (said.total.high - said.total.low) / (2 * Z95)
    value = said.total.estimate
    return Estimate(value, max(0.0, value - half), value + half)
