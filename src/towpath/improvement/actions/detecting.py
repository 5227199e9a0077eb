"""A look at the lake, and what it found kept: findings by their key, and the figures of the week."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import transaction

from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.improvement.actions.findings import Measure, mark_looked
from towpath.improvement.measures.afterwards import before_and_now
from towpath.improvement.measures.frame import Frame, frame_of
from towpath.improvement.measures.looking import Look, look
from towpath.improvement.measures.merging import Known
from towpath.improvement.models import Finding, StandingDays
from towpath.improvement.queries.looks import harm_in_force, plans, prices_in_force
from towpath.improvement.rules.causes import CauseKey, Family
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


def refresh(now: datetime) -> Looked:
    """Look at the lake as it is now, and keep what was found.

    Raises DocumentError where the home's harm.yaml or prices.yaml cannot be read.
    """
    begun = time.monotonic()
    snapshot = lake().snapshot()
    found = look(
        snapshot,
        plans(),
        now,
        zone=ZoneInfo(settings.TIME_ZONE),
        harm=harm_in_force(),
        prices=prices_in_force(),
        known=_known(),
    )
    new = sum(_keep(found.findings[at : at + AT_ONCE], now) for at in range(0, len(found.findings), AT_ONCE))
    seen = {_key(each).digest for each in found.findings}
    unseen = _leave_out(seen)
    mark_looked(seen, now, _afterwards(snapshot, now))
    took = time.monotonic() - begun
    _keep_days(found, snapshot.version, now, took)
    return Looked(len(found.findings), new, unseen, took, snapshot.version)


def _afterwards(snapshot: Snapshot, now: datetime) -> Measure:
    """Reads the lake once more, and only when something is gone."""

    @cache
    def frame() -> Frame | None:
        return frame_of(snapshot, plans(), now, ZoneInfo(settings.TIME_ZONE), harm_in_force())

    def measure(found: Detected, taken_on: date) -> tuple[float, float] | None:
        known = frame()
        return None if known is None else before_and_now(known, harm_in_force(), found, taken_on)

    return measure


def _known() -> list[Known]:
    """What earlier looks saw, but for what is gone for good."""
    rows = Finding.objects.exclude(state=Finding.State.GONE).values_list("detected", flat=True)
    found = [msgspec.convert(row, Detected) for row in rows]
    return [Known(_key(each), each.since) for each in found]


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
    return CauseKey(found.journey, found.step, found.culprit, Family(found.family))


def _leave_out(seen: Collection[str]) -> int:
    """Mark findings that this look did not see; they keep what was found when they were."""
    with transaction.atomic():
        return Finding.objects.filter(seen=True).exclude(digest__in=seen).update(seen=False)


def _keep_days(found: Look, version: int, now: datetime, took: float) -> None:
    figures = {
        "body": msgspec.to_builtins(found.days),
        "lake_version": version,
        "made_at": now,
        "took_s": took,
    }
    with transaction.atomic():
        StandingDays.objects.update_or_create(pk=1, defaults=figures)
