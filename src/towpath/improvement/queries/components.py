"""Components as the events name them: from one to the steps, customers and findings that hang on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.improvement.measures.carried import Carried, carried
from towpath.improvement.models import Finding
from towpath.improvement.queries.findings import STANDING, shown_of
from towpath.improvement.queries.looks import plans
from towpath.improvement.rules.life import TO_MEND
from towpath.improvement.rules.permissions import READ_FINDINGS
from towpath.improvement.schemas.components import (
    ComponentShown,
    ComponentSummary,
    ComponentWeek,
    FindingThere,
    ReleaseThere,
    StepCarried,
)
from towpath.improvement.schemas.records import FindingShown
from towpath.journeys.measures.evidence import Evidence, microseconds_of
from towpath.journeys.measures.plan import Plan
from towpath.journeys.rules.durations import MICROSECONDS, microseconds

WEEK = timedelta(days=7)
WEEKS, RECENT = 13, 4
_SUMMARIES = """
select component as name, count(*) as attempts, count(distinct key) as customers,
       count(*) filter (outcome = 'fault') as faults, quantile_cont(latency_ms, 0.95) as p95_latency_ms
from events
where time > $since and time <= $until and component is not null and ($name = '' or component = $name)
  and (outcome is not null or latency_ms is not null)
group by component
"""
_WEEKS = """
select floor(epoch($until - time) / 604800)::int as ago, count(*) as attempts,
       count(*) filter (outcome = 'fault') as faults
from events
where time > $since and time <= $until and component = $name
  and (outcome is not null or latency_ms is not null)
group by ago
"""
_SERVICES = """
select service from events
where time > $since and time <= $until and component = $name and service is not null
group by service order by count(*) desc, service
"""
_RELEASES = """
select time, coalesce(version, change, '') as version from events
where time > $since and time <= $until and component = $name and type like 'deployment%'
order by time desc, version
"""


def components(actor: Actor) -> list[ComponentSummary]:
    """All that events of the last four weeks or findings that stand name; those at which most is ruined
    first."""
    require(actor, READ_FINDINGS)
    snapshot = lake().snapshot()
    until = _as_of(snapshot)
    rows = _summaries(snapshot, until) if until else []
    there: dict[str, list[float]] = {}
    for row in visible(Finding, actor).filter(STANDING, state__in=[*TO_MEND]):
        found = shown_of(row).found
        if found.where.component:
            there.setdefault(found.where.component, []).append(found.ruined_days.value)
    told = {row["name"]: row for row in rows}
    lines = [
        ComponentSummary(
            **(told.get(name) or _nothing(name)),
            findings=len(there.get(name, [])),
            ruined_days_per_week=sum(there.get(name, [])),
        )
        for name in {*told, *there}
    ]
    return sorted(lines, key=lambda one: (-one.ruined_days_per_week, -one.faults, -one.attempts, one.name))


def _nothing(name: str) -> dict[str, Any]:
    return {"name": name, "attempts": 0, "customers": 0, "faults": 0, "p95_latency_ms": None}


def _summaries(snapshot: Snapshot, until: datetime, name: str = "") -> list[dict[str, Any]]:
    """Of one component, or of all."""
    rows: list[dict[str, Any]] = snapshot.query(
        _SUMMARIES, {**_span(until, RECENT), "name": name}
    ).to_pylist()
    return rows


def component(actor: Actor, name: str) -> ComponentShown:
    """One of them. Raises PermissionDenied, and Http404 where neither an event of the last thirteen weeks
    nor a finding names it."""
    require(actor, READ_FINDINGS)
    snapshot = lake().snapshot()
    until = _as_of(snapshot)
    findings = _findings(actor, name)
    if until is None:
        raise _unknown(name)
    weeks = _weeks(snapshot, name, until)
    releases = snapshot.query(_RELEASES, {**_span(until, WEEKS), "name": name}).to_pylist()
    if not (findings or releases or any(week.attempts for week in weeks)):
        raise _unknown(name)
    recent = {**_span(until, RECENT), "name": name}
    whole = next(iter(_summaries(snapshot, until, name)), _nothing(name))
    return ComponentShown(
        name=name,
        as_of=until,
        first_day=timezone.localdate(until - RECENT * WEEK),
        services=tuple(snapshot.query(_SERVICES, recent)["service"].to_pylist()),
        attempts=whole["attempts"],
        customers=whole["customers"],
        faults=whole["faults"],
        weeks=weeks,
        steps=tuple(_steps(snapshot, name, until)),
        releases=tuple(ReleaseThere(row["time"], row["version"]) for row in releases),
        findings=findings,
    )


def _unknown(name: str) -> Http404:
    return Http404(
        _("No event of the last thirteen weeks and no finding names the component %(name)s.") % {"name": name}
    )


def _as_of(snapshot: Snapshot) -> datetime | None:
    return max(snapshot.watermarks().values(), default=None)


def _span(until: datetime, weeks: int) -> dict[str, object]:
    return {"since": until - weeks * WEEK, "until": until}


def _weeks(snapshot: Snapshot, name: str, until: datetime) -> tuple[ComponentWeek, ...]:
    rows = snapshot.query(_WEEKS, {**_span(until, WEEKS), "name": name}).to_pylist()
    counts = {row["ago"]: (row["attempts"], row["faults"]) for row in rows}
    return tuple(
        ComponentWeek(timezone.localdate(until - (ago + 1) * WEEK), *counts.get(ago, (0, 0)))
        for ago in reversed(range(WEEKS))
    )


def _steps(snapshot: Snapshot, name: str, until: datetime) -> Iterable[StepCarried]:
    since = microseconds_of(until - RECENT * WEEK)
    for plan in plans():
        for found in carried(Evidence(plan, snapshot), name, since):
            yield _step(plan, found)


def _step(plan: Plan, found: Carried) -> StepCarried:
    assert plan.definition is not None  # noqa: S101 - only journeys with one have steps
    step = plan.definition.steps[found.step]
    latency = np.quantile(found.latency_ms, [0.5, 0.95]).tolist() if len(found.latency_ms) else [None, None]
    return StepCarried(
        journey=plan.definition.key,
        journey_name=plan.definition.name,
        step=step.key,
        step_name=step.name,
        moment_of_truth=step.moment_of_truth,
        attempts=found.attempts,
        customers=found.entities,
        measured=found.measured,
        bad=found.bad,
        median_latency_ms=latency[0],
        p95_latency_ms=latency[1],
        target_ms=microseconds(step.target) / MICROSECONDS["ms"] if step.target else None,
    )


def _findings(actor: Actor, name: str) -> tuple[FindingThere, ...]:
    """Those that stand first, then by what they ruin."""
    rows = visible(Finding, actor).filter(detected__where__component=name).prefetch_related("steps")
    found = [_there(shown_of(row)) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.stands, -one.ruined_days_per_week, one.digest)))


def _there(shown: FindingShown) -> FindingThere:
    stands = (shown.seen or shown.silent_since is not None) and shown.state in TO_MEND
    return FindingThere(
        digest=shown.digest,
        sentence=shown.sentence,
        state=shown.state,
        state_in_words=shown.state_in_words,
        stands=stands,
        ruined_days_per_week=shown.found.ruined_days.value,
    )
