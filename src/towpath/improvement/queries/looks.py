"""What a look rests on: journeys, rules that are data, and whether any of it is another by now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from towpath import __version__
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.access.gate import visible
from towpath.foundation.operations.home import home
from towpath.improvement.models import StandingDays
from towpath.improvement.queries.said import said
from towpath.improvement.rules import harm, pricing
from towpath.journeys.measures.plan import Plan, plan_of
from towpath.journeys.models import JourneyVersion
from towpath.journeys.queries.journeys import definition, journeys

PAUSE_S = 900
"""In silence we look again so often: what does not come in changes nothing by itself."""
QUIET = timedelta(days=28)
"""What is silent for longer is not waited for."""


def plans() -> list[Plan]:
    """Every journey's newest version."""
    return [
        plan_of(definition(OPERATOR, summary.key, summary.version), summary.version)
        for summary in journeys(OPERATOR)
    ]


def harm_in_force() -> harm.Harm:
    """The home's, else what Towpath brings. Raises DocumentError."""
    path = home().root / harm.FILE
    return harm.read_harm(path.read_text(encoding="utf-8"), harm.FILE) if path.exists() else harm.DEFAULT


def prices_in_force() -> pricing.Prices:
    """The home's, else what Towpath brings. Raises DocumentError."""
    path = home().root / pricing.FILE
    return pricing.read_prices(path.read_text(encoding="utf-8")) if path.exists() else pricing.DEFAULT


def state(now: datetime) -> str:
    """What figures follow from: another text, other figures. Nothing else need be the same for that."""
    newest = visible(JourneyVersion, OPERATOR).aggregate(newest=Max("pk"))["newest"] or 0
    files = [home().root / name for name in (harm.FILE, pricing.FILE)]
    changed = [file.stat().st_mtime_ns if file.exists() else 0 for file in files]
    snapshot = lake().snapshot()
    silence = _silence(now, snapshot.watermarks().values())
    parts = [__version__, snapshot.version, newest, timezone.localdate(now), *changed, silence, said()]
    return " ".join(str(part) for part in parts)


def _silence(now: datetime, marks: Iterable[datetime]) -> int:
    """In how many quarters of an hour no source told of anything; 0 for none, and for what is long over."""
    newest = max((mark for mark in marks if mark <= now), default=None)
    if newest is None or now - newest > QUIET:
        return 0
    return int((now - newest).total_seconds()) // PAUSE_S


def latest() -> StandingDays | None:
    """What the latest look left."""
    return visible(StandingDays, OPERATOR).order_by("-made_at").first()
