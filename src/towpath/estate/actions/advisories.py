"""Advisories are taken in."""

from __future__ import annotations

from pathlib import Path

from towpath.estate.advisories.bringing import Brought, bring_in
from towpath.estate.advisories.keeping import rewriting
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.events.store import in_turn
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home

WAITS_S = 600.0


def bring_in_advisories(actor: Actor, place: Path) -> Brought:
    """Take in what lies at a path, all of it at once. Raises AdvisoriesRefused, PermissionDenied."""
    require(actor, WRITE_ESTATE)
    with in_turn("advisories", WAITS_S), rewriting(home().root) as file:
        found = bring_in(place, file)
    with writing(actor, "estate.advisories_taken_in", WRITE_ESTATE) as write:
        write.target_type, write.target = "advisories", place.name[:200]
        write.after = {
            "advisories": found.advisories,
            "exploited": found.exploited,
            "likelihoods": found.likelihoods,
            "cycles": found.cycles,
            "refused": found.refused,
        }
    return found
