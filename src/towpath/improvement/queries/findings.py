"""Reads of findings: the ranked list, and one with its life."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db.models import Q

from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible
from towpath.improvement.models import Finding
from towpath.improvement.rules import wording
from towpath.improvement.rules.life import TO_MEND, VERBS, State
from towpath.improvement.schemas.findings import Detected
from towpath.improvement.schemas.records import FindingRecord, FindingShown, LifeStep, Measured

STANDING = Q(seen=True) | Q(silent_since__isnull=False)
"""The latest look saw it, or could not: nothing comes in from where it was."""


def detected_of(row: Finding) -> Detected:
    """The evidence that the record keeps."""
    return msgspec.convert(row.detected, Detected, strict=False)


def standing(actor: Actor) -> list[FindingShown]:
    """What is to be mended now, by rank: seen by the latest look, or silent since; not gone nor declined."""
    rows = visible(Finding, actor).filter(STANDING, state__in=[*TO_MEND]).prefetch_related("steps")
    return sorted((shown_of(row) for row in rows), key=lambda shown: shown.found.rank)


def in_states(actor: Actor, states: Iterable[str]) -> list[FindingShown]:
    """Findings in any of these states, seen or not, by rank; all of them where no state is named."""
    rows = visible(Finding, actor).prefetch_related("steps")
    wanted = [State(state).value for state in states]
    return [shown_of(row) for row in (rows.filter(state__in=wanted) if wanted else rows)]


def records(actor: Actor) -> list[FindingRecord]:
    """What stands, as programs read it."""
    return [record_of(shown) for shown in standing(actor)]


def finding(actor: Actor, digest: str) -> FindingShown:
    """One finding; the customers who show it only to those who may read customers.

    Raises PermissionDenied, and Http404 where there is none with this digest.
    """
    shown = shown_of(fetch(Finding, actor, digest=digest))
    if actor.may(READ_CUSTOMERS):
        return shown
    return msgspec.structs.replace(shown, found=msgspec.structs.replace(shown.found, moments=()))


def record_of(shown: FindingShown) -> FindingRecord:
    """One line of `--json`."""
    found = shown.found
    return FindingRecord(
        key=shown.key,
        journey=found.journey,
        step=found.step,
        kinds=found.kinds,
        where=found.where,
        met=found.met,
        beyond=None if found.is_risk else found.beyond.value,
        beyond_low=None if found.is_risk else found.beyond.low,
        beyond_high=None if found.is_risk else found.beyond.high,
        ruined_days_per_week=None if found.is_risk else found.ruined_days.value,
        cost_per_week=found.cost.total if found.cost else None,
        since=found.since.day if found.since else None,
        cause=found.cause,
        level=found.level,
        first_step=found.first_step,
        estate=found.estate,
    )


def shown_of(row: Finding) -> FindingShown:
    """The whole record in words."""
    found = detected_of(row)
    return FindingShown(
        digest=row.digest,
        key=row.key,
        sentence=wording.sentence_of(found),
        state=row.state,
        state_in_words=str(Finding.State(row.state).label),
        grave=row.grave,
        seen=row.seen,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        silent_since=row.silent_since,
        cause_in_words=wording.cause_in_words(found.cause),
        level_in_words=wording.level_in_words(found.level),
        first_step_in_words=wording.first_step_in_words(found),
        together=tuple(wording.together_in_words(one) for one in found.together),
        owner=row.owner,
        next_step=row.next_step,
        due=row.due,
        expected_gain=row.expected_gain,
        measured=msgspec.convert(row.measured, Measured) if row.measured else None,
        declined_because=row.declined_because,
        review_on=row.review_on,
        may=VERBS[State(row.state)],
        found=found,
        steps=tuple(
            LifeStep(step.at, step.state, str(Finding.State(step.state).label), step.by, step.note)
            for step in row.steps.all()
        ),
    )
