"""Which state of the records home shows: cheap to ask, so that a page may ask every few seconds."""

from __future__ import annotations

from django.db.models import Count, Max

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.improvement.models import Finding, FindingStep, StandingDays


def state_of_figures(actor: Actor) -> str:
    """A text that is another one as soon as a look was made, or somebody did something about a finding."""
    looks = visible(StandingDays, actor).aggregate(last=Max("made_at"), newest=Max("pk"))
    findings = visible(Finding, actor).aggregate(last=Max("last_seen"), many=Count("pk"))
    steps = visible(FindingStep, actor).aggregate(newest=Max("pk"))
    return f"{looks['newest']}:{looks['last']}:{findings['many']}:{findings['last']}:{steps['newest']}"
