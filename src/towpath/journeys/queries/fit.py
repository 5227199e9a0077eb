"""Does the map still fit its events?"""

from __future__ import annotations

import difflib
import re

from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.fitting import Fitting, measure_fit
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.schemas.definitions import Fit, RuleFit, TypeCount

MOST_TYPES = 20
ALIKE = 0.8
"""How alike two types must be for one to be taken for a misspelt other (difflib's ratio)."""
_WORDS = re.compile(r"[^\W\d_]+|\d+")


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
        nameless=found.nameless,
    )


def _types_named(evidence: Evidence) -> list[str]:
    conditions = (c for rule in evidence.plan.rules for c in rule.conditions() if c.column == "type")
    return sorted({str(value) for condition in conditions for value in condition.values})


def _like(name: str, known: list[str]) -> str | None:
    """A type that a rule names and that this one may be meant to be."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=ALIKE)
    return next((folded[each] for each in near if _word_for_word(name.casefold(), each)), None)


def _word_for_word(one: str, other: str) -> bool:
    """Whether no word or number is quite another: O_SENT is not A_SENT misspelt, nor step2 step1."""
    words, others = _WORDS.findall(one), _WORDS.findall(other)
    return len(words) != len(others) or all(
        difflib.SequenceMatcher(None, a, b).ratio() >= ALIKE for a, b in zip(words, others, strict=True)
    )
