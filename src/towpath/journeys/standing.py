"""Makes the figures that stand (`queries.standing`), in the background. Nobody decided anything: what is
written follows from the events alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import msgspec
from django.db import transaction
from django.utils import timezone

from towpath.events.store import lake
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.measures.selection import Selection
from towpath.journeys.models import Journey, JourneyVersion, StandingFigures
from towpath.journeys.queries.blueprints import blueprint_in
from towpath.journeys.queries.funnels import funnel_in
from towpath.journeys.queries.standing import STANDS_FROM, kind_of, state_of
from towpath.journeys.rules.reading import definition_of


def keep_figures() -> int:
    """Make the figures anew that stand for an older state of the lake; returns how many. For workers.

    One reading of the lake's state suffices where nothing changed. Figures that took long are left alone for
    ten times as long, so that steady events do not keep a worker busy with nothing else.
    """
    snapshot = lake().snapshot()
    if snapshot.rows < STANDS_FROM:
        StandingFigures.objects.all().delete()
        return 0
    state, made = state_of(snapshot), 0
    for journey in Journey.objects.all():
        version = journey.versions.order_by("-number").first()
        if version is not None and _is_due(version, state):
            evidence = Evidence(plan_of(definition_of(version.definition), version.number), snapshot)
            made += sum(_keep(version, state, make, evidence) for make in (funnel_in, blueprint_in))
    return made


def _is_due(version: JourneyVersion, state: str) -> bool:
    standing = list(version.standing.all())
    if not standing:
        return True
    rested = all(each.made_at + timedelta(seconds=10 * each.took_s) <= timezone.now() for each in standing)
    return rested and any(each.state != state for each in standing)


def _keep(
    version: JourneyVersion,
    state: str,
    make: Callable[[Evidence, Selection], msgspec.Struct],
    evidence: Evidence,
) -> bool:
    began = time.perf_counter()
    found = make(evidence, Selection())
    values = {
        "body": msgspec.json.encode(found).decode(),
        "state": state,
        "made_at": timezone.now(),
        "took_s": time.perf_counter() - began,
    }
    with transaction.atomic():
        StandingFigures.objects.update_or_create(version=version, kind=kind_of(type(found)), defaults=values)
        StandingFigures.objects.filter(version__journey=version.journey).exclude(version=version).delete()
    return True
