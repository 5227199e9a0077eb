"""A trouble of the estate told as the record that home, pages and `--json` show."""

from __future__ import annotations

from towpath.analytics.normal import Z90
from towpath.improvement.measures.estates.choosing import expected
from towpath.improvement.measures.estates.seen import EstateTrouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.first_steps import FirstStep
from towpath.improvement.schemas.findings import Detected, EstateEvidence, Estimate, Where

FIRST: dict[Family, FirstStep] = {
    Family.SINGLE: "give_stand_in",
    Family.EXPOSURE: "mend_library",
    Family.UNMANAGED: "find_owner",
}


def told_of_estate(trouble: EstateTrouble) -> Detected:
    """Nobody met it yet. A ruined day is one on which a customer would meet it failing: the share of time in
    which it does not work, times who comes in a week. Where nobody measured that share no days are made up:
    it is a risk, and ranks by no number."""
    days = hit_of(trouble.evidence)
    return Detected(
        journey="",
        step="",
        culprit=trouble.culprit,
        family=trouble.family.value,
        kinds=(trouble.family.value,),
        where=Where("", "", "", "", component=trouble.component, item=trouble.item),
        last_day=trouble.last_day,
        met=0,
        beyond=days,
        touched=0.0,
        share=0.0,
        alone=0.0,
        ruined_days=days,
        cost=None,
        since=None,
        cause=None,
        level="remove_cause",
        first_step=FIRST[trouble.family],
        score=days.value,
        estate=trouble.evidence,
    )


def hit_of(evidence: EstateEvidence) -> Estimate:
    """Customers a week whom it is expected to hit; the interval is that of how many come, the share of time
    is taken as it was told."""
    value = expected(evidence)
    half = Z90 * (evidence.unavailable or 0.0) * float(evidence.customers or 0) ** 0.5
    return Estimate(value, max(value - half, 0.0), value + half)
