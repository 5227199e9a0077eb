"""By what a journey's customers can be compared: the attributes that its events carry."""

from __future__ import annotations

from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.carrying import attributes_of
from towpath.journeys.queries.journeys import evidence_of_any


def attributes(actor: Actor, name: str) -> tuple[str, ...]:
    """What `Selection.by` may name for this journey or source. Raises NoSuchJourney."""
    evidence = evidence_of_any(actor, name)
    return attributes_of(evidence.snapshot, evidence.plan.sources, evidence.plan.definition is not None)
