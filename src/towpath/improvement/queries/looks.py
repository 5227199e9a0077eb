"""What a look rests on: journeys, rules that are data, and whether any of it is another by now."""

from __future__ import annotations

from datetime import date

from django.db.models import Max
from django.utils import timezone

from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.access.gate import visible
from towpath.foundation.operations.home import home
from towpath.improvement.rules import harm, pricing
from towpath.journeys.measures.plan import Plan, plan_of
from towpath.journeys.models import JourneyVersion
from towpath.journeys.queries.journeys import definition, journeys

State = tuple[int, int, date, tuple[int, ...]]


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


def state() -> State:
    """What figures follow from: another one, other figures."""
    newest = visible(JourneyVersion, OPERATOR).aggregate(newest=Max("pk"))["newest"] or 0
    files = [home().root / name for name in (harm.FILE, pricing.FILE)]
    changed = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return lake().snapshot().version, newest, timezone.localdate(), changed
