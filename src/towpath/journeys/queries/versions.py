"""What a journey has said over time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.journeys.models import JourneyVersion


class VersionSummary(msgspec.Struct, frozen=True):
    """One version of a journey: when it came into force, and by whom."""

    number: int
    applied_at: datetime
    applied_by: str


def versions(actor: Actor, key: str) -> list[VersionSummary]:
    """All versions of a journey, the newest first."""
    found = visible(JourneyVersion, actor).filter(journey__key=key).defer("definition").order_by("-number")
    return [VersionSummary(version.number, version.created_at, version.created_by) for version in found]
