"""By when a weak library is to be mended and why, and what became of that promise."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.utils import timezone

from towpath.estate.advisories.scoring import GRAVEST
from towpath.estate.models import Assessment, Exposure
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.schemas.exposures import DaysToMend, DeadlineReason
from towpath.estate.schemas.software import KnownExploited

SETTLED = frozenset({Assessment.Status.NOT_AFFECTED, Assessment.Status.FIXED, Assessment.Status.ACCEPTED})


def reasons_for(
    row: Exposure, exploited: KnownExploited | None, rules: EstateRules
) -> tuple[DeadlineReason, ...]:
    """The days that something asks for, the earliest first: that one is the deadline. CISA's may lie before
    the day on which it was first known here."""
    known = timezone.localtime(row.first_seen).date()
    days, carrying = rules.days_for(row.severity), rules.days_carrying(row.severity)
    found = [DeadlineReason("severity", known + timedelta(days=days), days, None)]
    if row.customers_a_week is not None and row.customers_a_week >= rules.mend_carrying_from:
        found.append(DeadlineReason("carries", known + timedelta(days=carrying), carrying, None))
    if exploited is not None and exploited.due is not None:
        found.append(DeadlineReason("exploited", exploited.due, None, exploited.of_day))
    return tuple(sorted(found, key=lambda each: each.by))


def days_to_mend(rules: EstateRules) -> tuple[DaysToMend, ...]:
    """What the rules say, the gravest first."""
    return tuple(
        DaysToMend(each or "unknown", rules.days_for(each), rules.days_carrying(each)) for each in GRAVEST
    )


def status_on(said: Collection[Assessment], day: date) -> Assessment.Status:
    """What the latest said by the end of that day; what is accepted until a day is open again after it."""
    by_then = [each for each in said if timezone.localtime(each.made_at).date() <= day]
    latest = max(by_then, key=lambda each: each.pk, default=None)
    if latest is None or (latest.until is not None and latest.until < day):
        return Assessment.Status.OPEN
    return Assessment.Status(latest.status)


def promise_of(row: Exposure, said: Collection[Assessment], deadline: date) -> str:
    """ "met": gone or settled by its day; "missed": its day is over and it was not; else "open"."""
    today = timezone.localdate()
    gone = row.gone_since is not None and timezone.localtime(row.gone_since).date() <= deadline
    if gone or status_on(said, min(deadline, today)) in SETTLED:
        return "met"
    return "missed" if deadline < today else "open"
