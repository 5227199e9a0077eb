"""A believable week as the latest look would leave it: figures of days, and findings of several kinds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.utils import timezone

from towpath.improvement.models import Finding, FindingStep, StandingDays
from towpath.improvement.rules.causes import CauseKey, Family
from towpath.improvement.schemas.days import CauseShare, DayFigures, Days, JourneyDays
from towpath.improvement.schemas.findings import Cost, Detected, Estimate, Onset, Together, Where

LAST = date(2026, 11, 22)
AS_OF = datetime(2026, 11, 22, 22, 58, 4, tzinfo=UTC)
ACTIVE = 22_600
RELEASE = datetime(2026, 11, 19, 9, 40, tzinfo=UTC)


def day_figures(weeks: int = 13, *, last: date = LAST) -> tuple[DayFigures, ...]:
    """Days with a weekday's rhythm, and some 1,100 ruined more each from the release on."""
    found = []
    for back in range(7 * weeks - 1, -1, -1):
        day = last - timedelta(days=back)
        active = ACTIVE - (4_000 if day.weekday() > 4 else 0) + (back * 37) % 401
        ruined = 900 + (back * 53) % 211 + (1_100 if day >= RELEASE.date() else 0)
        found.append(DayFigures(day, active, ruined, 0.0))
    return tuple(found)


def week(**changed: Any) -> Days:
    days = day_figures()
    active, ruined = sum(d.active for d in days[-7:]), sum(d.ruined for d in days[-7:])
    before = days[-35:-7]
    record = Days(
        as_of=AS_OF,
        zone="Europe/Zurich",
        first=LAST - timedelta(days=6),
        last=LAST,
        active=active,
        ruined=ruined,
        good_rate=1 - ruined / active,
        good_low=1 - ruined / active - 0.002,
        good_high=1 - ruined / active + 0.002,
        before=1 - sum(d.ruined for d in before) / sum(d.active for d in before),
        faults_per_thousand=12.4,
        missing=Estimate(412.0, 350.0, 480.0),
        attempts=410_332,
        with_target=0.92,
        days=days,
        causes=tuple(CauseShare(key(*each).digest, share) for each, share in CAUSES),
        moved_by=(
            CauseShare(key(*PAYING).digest, 2.7),
            CauseShare("", 0.4),
            CauseShare(key(*METER).digest, 0.01),
        ),
        journeys=(
            JourneyDays("pay", "Pay a bill", 70_000, 6_300, 0.958),
            JourneyDays("move", "Move home", 30_000, 1_500, 0.929),
            JourneyDays("join", "Join", 12_000, 610, 0.948),
        ),
    )
    return msgspec.structs.replace(record, **changed)


def key(journey: str, step: str, culprit: str, family: Family) -> CauseKey:
    return CauseKey(journey, step, culprit, family)


PAYING = ("pay", "card", "change=app 4.12.0", Family.FAULT)
METER = ("move", "meter", "component=meter-registry", Family.SLOW)
IDENTITY = ("join", "identify", "channel=phone", Family.LOSS)
OUTAGE = ("pay", "open", "", Family.MISSING)
DOUBLE = ("pay", "card", "component=ledger", Family.GRAVE)
RETRY = ("pay", "tariff", "component=tariff-service", Family.FAULT)
CAUSES = ((PAYING, 4_100.0), (METER, 2_054.0), (IDENTITY, 1_400.0), (OUTAGE, 412.0), (DOUBLE, 11.0))
NAMES = {
    "pay": "Pay a bill",
    "move": "Move home",
    "join": "Join",
    "card": "Pay by card",
    "meter": "Read the meter",
    "identify": "Identify",
    "open": "Open the bill",
    "tariff": "Choose the tariff",
}


def detected(cause: tuple[str, str, str, Family], days: float, **changed: Any) -> Detected:
    """What the detectors found about the cause, with so many ruined days a week."""
    journey, step, culprit, family = cause
    kind, _, name = culprit.partition("=")
    where = Where(
        journey=journey,
        journey_name=NAMES[journey],
        step=step,
        step_name=NAMES[step],
        component=name if kind == "component" else "",
        change=name if kind == "change" else "",
        segment={kind: name} if kind == "channel" else {},
        moment_of_truth=step == "identify",
    )
    record = Detected(
        journey=journey,
        step=step,
        culprit=culprit,
        family=family.value,
        kinds=(family.value,),
        where=where,
        last_day=LAST,
        met=round(days * 1.3),
        beyond=Estimate(days * 0.8, days * 0.72, days * 0.88),
        touched=days * 1.1,
        share=days,
        alone=days * 0.9,
        ruined_days=Estimate(days, days * 0.9, days * 1.1),
        cost=Cost(days * 9, days * 4, 0.0, "EUR"),
        since=Onset(date(2026, 11, 19), date(2026, 11, 18), date(2026, 11, 19)),
        cause=None,
        level="remove_cause",
        first_step="mend_component",
        score=days,
        weeks=tuple(days * share for share in (0.1, 0.1, 0.12, 0.1, 0.1, 0.1, 0.1, 0.11, 0.1, 0.1, 0.1, 1.0)),
    )
    return msgspec.structs.replace(record, **changed)


def put_finding(cause: tuple[str, str, str, Family], days: float, **changed: Any) -> Finding:
    """A row as the engine writes it; `changed` are fields of the row, `found` of its evidence."""
    found = detected(cause, days, **changed.pop("found", {}))
    made = key(*cause)
    row = {"score": days, "first_seen": RELEASE, "last_seen": AS_OF, **changed}
    return Finding.objects.create(
        digest=made.digest, key=made.text, detected=msgspec.to_builtins(found), **row
    )


def put_week(days: Days | None = None, **changed: Any) -> StandingDays:
    """The look's figures, as the engine writes them."""
    body = msgspec.to_builtins(days or week(**changed))
    return StandingDays.objects.create(body=body, lake_version=1, made_at=timezone.now(), took_s=0.4)


def put_all() -> None:
    """The whole: five findings to mend, one that is gone and one that is being mended."""
    put_week()
    release = (Together("release", "app 4.12.0", RELEASE),)
    put_finding(PAYING, 4_100.0, found={"together": release, "first_step": "roll_back"})
    put_finding(METER, 2_054.0, found={"first_step": "speed_up_component"})
    put_finding(IDENTITY, 1_400.0, found={"first_step": "change_step"})
    put_finding(OUTAGE, 412.0, found={"first_step": "restore_service"})
    put_finding(DOUBLE, 11.0, grave=True, found={"grave": True, "first_step": "refund_and_stop"})
    gone = put_finding(RETRY, 40.0, state=Finding.State.GONE, seen=False, expected_gain=500.0)
    FindingStep.objects.create(finding=gone, at=AS_OF, state=Finding.State.GONE, by="towpath")
