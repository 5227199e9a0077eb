"""Findings in words, as home and the account list them."""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.ui.figures import day
from towpath.improvement.models import Finding
from towpath.improvement.rules import wording
from towpath.improvement.rules.causes import OF_ESTATE
from towpath.improvement.rules.life import State
from towpath.improvement.schemas.records import Measured
from towpath.visibility.schemas.home import Mended, Ranked
from towpath.visibility.schemas.known import Known


def state_in_words(state: str) -> str:
    """The state as people say it."""
    return str(Finding.State(state).label)


def ranked(place: int, known: Known) -> Ranked:
    """One finding with its place among those to mend first."""
    found = known.detected
    where, cost = found.where, found.cost
    return Ranked(
        place=place,
        digest=known.digest,
        sentence=wording.sentence_of(found),
        journey=found.journey,
        journey_name=where.journey_name,
        step=found.step,
        step_name=where.step_name,
        moment_of_truth=where.moment_of_truth,
        component=where.component,
        desk=where.desk,
        estate=found.family in OF_ESTATE,
        risk=found.is_risk,
        carries=found.estate.customers if found.estate else None,
        together=tuple(wording.together_in_words(one) for one in found.together if one.kind == "release"),
        state=known.state,
        state_in_words=state_in_words(known.state),
        owner=known.owner,
        due=known.due,
        grave=known.grave,
        met=found.met,
        beyond=found.beyond,
        ruined_days=found.ruined_days,
        cost=cost,
        cost_per_week=cost.total if cost is not None else None,
        since=found.since.day if found.since else None,
        silent_since=known.silent_since,
        weeks=found.weeks,
        level_in_words=wording.level_in_words(found.level),
        first_step=wording.first_step_in_words(found),
    )


def mended(known: Known) -> Mended:
    """What became of a finding that somebody took on."""
    measured = msgspec.convert(known.measured, Measured) if known.measured else None
    return Mended(
        digest=known.digest,
        sentence=wording.sentence_of(known.detected),
        state=known.state,
        state_in_words=state_in_words(known.state),
        gained=measured.gain if measured else None,
        expected=known.expected_gain,
        note=_note(known),
    )


def _note(known: Known) -> str:
    """What stands where nothing is measured."""
    if known.state == State.GONE:
        return _("gone; what it brought: too little data")
    if known.due is not None:
        return _("%(state)s, due %(day)s") % {"state": state_in_words(known.state), "day": day(known.due)}
    return state_in_words(known.state)
