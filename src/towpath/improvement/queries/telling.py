"""Reads of who is told, and what was told."""

from __future__ import annotations

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.improvement.models import Delivery, TellingRule
from towpath.improvement.queries.findings import detected_of
from towpath.improvement.rules.wording import sentence_of
from towpath.improvement.schemas.telling import DeliveryShown, RuleShown

LATEST = 50


def rules(actor: Actor) -> list[RuleShown]:
    """Every rule, by name."""
    return [rule_of(row) for row in visible(TellingRule, actor)]


def deliveries(actor: Actor, limit: int = LATEST) -> list[DeliveryShown]:
    """What was told or is to be told, the latest first."""
    return [delivery_of(row) for row in visible(Delivery, actor).select_related("rule", "finding")[:limit]]


def rule_of(row: TellingRule) -> RuleShown:
    return RuleShown(
        id=row.pk,
        name=row.name,
        means=row.means,
        address=row.address,
        news=tuple(row.news),
        families=tuple(row.families),
        least_score=row.least_score,
        active=row.active,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def delivery_of(row: Delivery) -> DeliveryShown:
    return DeliveryShown(
        id=row.pk,
        rule=row.rule.name,
        digest=row.finding.digest if row.finding else "",
        sentence=sentence_of(detected_of(row.finding)) if row.finding else "",
        news=row.news,
        state=row.state,
        state_in_words=str(Delivery.State(row.state).label),
        tries=row.tries,
        said=row.said,
        made_at=row.made_at,
        done_at=row.done_at,
    )
