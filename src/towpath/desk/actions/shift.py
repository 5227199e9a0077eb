"""What people say of topics, and decide about where work is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.desk.models import Desk, ShiftDecision, TopicWord
from towpath.desk.queries.shift import assumed_now, candidate
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.rules.shift_wording import ANSWERS, NEEDS
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing

LED = timedelta(weeks=8)
"""The weeks before a decision that led to it, and are no part of its baseline."""
LONGEST_NAME, LONGEST_TEXT, MOST_COST_HOURS = 300, 200, 1_000_000


def say(
    actor: Actor, name: str, topic: str, *, containing: str = "", called: str = "", demand: str = ""
) -> TopicWord | None:
    """Name, merge, split or move a topic, or say which demand it is; None where what was said is taken back.

    Raises ValidationError, Http404, PermissionDenied.
    """
    topic, containing, called = topic.strip(), containing.strip(), called.strip()
    if not topic or len(topic) > LONGEST_NAME or len(called) > LONGEST_NAME:
        raise ValidationError(_("Name a topic, with at most 300 characters."))
    if len(containing) > LONGEST_TEXT:
        raise ValidationError(_("A text to split by has at most 200 characters."))
    if containing and not called:
        raise ValidationError(_("Give the part that contains this text a name."))
    if demand not in TopicWord.Demand.values:
        raise ValidationError(_("Demand is failure or value."))
    with writing(actor, "topic.said", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        row = TopicWord.objects.select_for_update().filter(
            desk=desk, topic=topic, containing=containing
        ).first() or TopicWord(desk=desk, topic=topic, containing=containing)
        before = {"called": row.called, "demand": row.demand} if row.pk else None
        after = None
        if called or demand:
            row.called, row.demand = called, demand
            row.said_by = actor.name or actor.kind
            row.save()
            after = {"called": called, "demand": demand}
        write.about(row, before=before, after=after)
        if after is None and row.pk:
            row.delete()
    return row if after else None


def decide(
    actor: Actor, name: str, topic: str, *, moves_on: date, gate: Mapping[str, str], cost_hours: float | None
) -> ShiftDecision:
    """Move a topic's work to the level recommended, from a day. What the level needs must each be answered.

    Raises ValidationError where it is not, or the topic is to stay; Http404, PermissionDenied.
    """
    if cost_hours is not None and not 0 <= cost_hours <= MOST_COST_HOURS:
        raise ValidationError(_("The cost of the change is a number of hours that is not negative."))
    with writing(actor, "shift.decided", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        found = candidate(actor, name, topic)
        if found.level == "stay":
            why = " ".join(found.reasons)
            raise ValidationError(_("This topic is not to be moved: %(why)s") % {"why": why})
        if found.freed_hours is None or found.freed_low is None or found.freed_high is None:
            raise ValidationError(_("There is too little data for a forecast."))
        if missing := [need for need in found.needs if gate.get(need) not in ANSWERS]:
            needed = ", ".join(str(NEEDS[need]) for need in missing)
            raise ValidationError(_("Answer first what the level needs: %(needs)s.") % {"needs": needed})
        assumed = assumed_now()
        row = ShiftDecision.objects.create(
            desk=desk,
            topic=topic,
            level=found.level,
            led_from=moves_on - LED,
            moves_on=moves_on,
            gate={need: gate[need] for need in found.needs},
            used=assumed.used,
            success=assumed.success,
            forecast_hours=found.freed_hours,
            forecast_low=found.freed_low,
            forecast_high=found.freed_high,
            cost_hours=cost_hours,
            decided_by=actor.name or actor.kind,
        )
        after = {"topic": topic, "level": row.level, "moves_on": str(moves_on), "gate": row.gate}
        write.about(row, after=after)
    return row
