"""Does the map still fit its events?"""

from __future__ import annotations

import difflib

from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.fitting import Fitting, measure_fit
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.schemas.definitions import Fit, RuleFit, TypeCount

MOST_TYPES = 20
ALIKE = 0.8
"""How alike two types must be for one to be taken for a misspelt other (difflib's ratio)."""


def check_fit(actor: Actor, key: str) -> Fit:
    """Rules that match nothing, and types that no rule knows. Raises NoSuchJourney."""
    evidence = evidence_of(actor, key)
    return fit_of(evidence, measure_fit(evidence))


def fit_of(evidence: Evidence, found: Fitting) -> Fit:
    """The record of what was measured."""
    plan = evidence.plan
    rules = tuple(
        RuleFit(activity.key, activity.name, activity.kind, found.by_activity[bit])
        for bit, activity in enumerate(plan.activities)
        if activity.kind != "turn"
    )
    silent = tuple(rule.key for rule in rules if not rule.events) if found.events else ()
    named = _types_named(evidence)
    unrecognised = tuple(
        TypeCount(name, events, _like(name, named)) for name, events in found.unrecognised[:MOST_TYPES]
    )
    return Fit(
        journey=plan.name,
        version=plan.version,
        as_of=evidence.as_of,
        fits=not silent and not any(each.like for each in unrecognised),
        events=found.events,
        recognised=found.recognised,
        share=found.recognised / found.events if found.events else None,
        silent=silent,
        rules=rules,
        unrecognised=unrecognised,
    )


def _types_named(evidence: Evidence) -> list[str]:
    conditions = (c for rule in evidence.plan.rules for c in rule.conditions() if c.column == "type")
    return sorted({str(value) for condition in conditions for value in condition.values})


def _like(name: str, known: list[str]) -> str | None:
    """A type that a rule names and that this one may be meant to be."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=ALIKE)
    return folded[near[0]] if near else None
