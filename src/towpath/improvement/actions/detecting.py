"""A look at the lake, and what it found kept: findings by their key, and the figures of the week."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import transaction

from towpath.events.store import lake
from towpath.improvement.actions.findings import Heard, Measure, mark_looked
from towpath.improvement.measures.afterwards import before_and_now, silent_since
from towpath.improvement.measures.desks.joining import with_desks
from towpath.improvement.measures.estates.joining import with_estate
from towpath.improvement.measures.local_time import day_number, start_of
from towpath.improvement.measures.looking import Look, look
from towpath.improvement.measures.merging import Known
from towpath.improvement.models import Finding, StandingDays
from towpath.improvement.queries.desks import troubles_at_desks
from towpath.improvement.queries.estates import troubles_of_estate
from towpath.improvement.queries.looks import harm_in_force, plans, prices_in_force
from towpath.improvement.rules.causes import ESTATE, OF_DESKS, OF_ESTATE, CauseKey, Family
from towpath.improvement.schemas.findings import Detected

AT_ONCE = 50
"""Findings written in one transaction: no writer waits for longer than a moment."""


@dataclass(frozen=True)
class Looked:
    """`seen`: findings of this look; `new`: those never seen before; `unseen`: seen before, not any more."""

    seen: int
    new: int
    unseen: int
    took_s: float
    version: int


def refresh(now: datetime, state: str = "") -> Looked:
    """Look at the lake as it is now, and keep what was found.

    `state`: what `queries.looks.state` said before, so that nobody looks at the same again.
    Raises DocumentError where the home's harm.yaml or prices.yaml cannot be read.
    """
    begun = time.monotonic()
    snapshot = lake().snapshot()
    prices = prices_in_force()
    found = look(
        snapshot,
        plans(),
        now,
        zone=ZoneInfo(settings.TIME_ZONE),
        harm=harm_in_force(),
        prices=prices,
        known=_known(),
    )
    findings = with_desks(found.findings, troubles_at_desks(), prices)
    findings = with_estate(findings, troubles_of_estate(snapshot))
    new = sum(_keep(findings[at : at + AT_ONCE], now) for at in range(0, len(findings), AT_ONCE))
    seen = {_key(each).digest for each in findings}
    unseen = _leave_out(seen)
    mark_looked(seen, now, *_afterwards(found))
    took = time.monotonic() - begun
    _keep_days(found, snapshot.version, now, took, state)
    return Looked(len(findings), new, unseen, took, snapshot.version)


def _afterwards(found: Look) -> tuple[Measure, Heard]:
    """What the same events say about findings that they do not show any more."""
    frame = found.frame

    def measure(trouble: Detected, taken_on: date) -> tuple[float, float] | None:
        return None if frame is None else before_and_now(frame, harm_in_force(), trouble, taken_on)

    def heard(trouble: Detected) -> datetime | None:
        if trouble.family in OF_DESKS | OF_ESTATE:
            # Tickets that nobody files any more are fewer tickets: a desk's watermark is what it is read by.
            # The estate's own sources say of themselves what they see no more.
            return None
        if frame is None:
            return start_of(day_number(trouble.last_day), ZoneInfo(settings.TIME_ZONE))
        return silent_since(frame, trouble)

    return measure, heard


def _known() -> list[Known]:
    """What earlier looks saw, but for what is gone for good."""
    rows = Finding.objects.exclude(state=Finding.State.GONE).values_list("detected", flat=True)
    found = [msgspec.convert(row, Detected) for row in rows]
    return [Known(_key(each), each.since) for each in found if each.family not in OF_DESKS | OF_ESTATE]


def _keep(findings: Sequence[Detected], now: datetime) -> int:
    """Write these as seen; returns how many are new."""
    new = 0
    with transaction.atomic():
        for detected in findings:
            key = _key(detected)
            figures = {
                "key": key.text,
                "detected": msgspec.to_builtins(detected),
                "score": detected.score,
                "grave": detected.grave,
                "seen": True,
                "last_seen": now,
            }
            _row, made = Finding.objects.update_or_create(
                digest=key.digest, defaults=figures, create_defaults={**figures, "first_seen": now}
            )
            new += made
    return new


def _key(found: Detected) -> CauseKey:
    place = f"desk:{found.where.desk}" if found.where.desk else found.journey
    place = ESTATE if found.family in OF_ESTATE else place
    return CauseKey(place, found.step, found.culprit, Family(found.family))


def _leave_out(seen: Collection[str]) -> int:
    """Mark findings that this look did not see; they keep what was found when they were."""
    with transaction.atomic():
        return Finding.objects.filter(seen=True).exclude(digest__in=seen).update(seen=False)


def _keep_days(found: Look, version: int, now: datetime, took: float, state: str) -> None:
    figures = {
        "body": msgspec.to_builtins(found.days),
        "lake_version": version,
        "made_at": now,
        "took_s": took,
        "state": state,
    }
    with transaction.atomic():
        StandingDays.objects.update_or_create(pk=1, defaults=figures)
