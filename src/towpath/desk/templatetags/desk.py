"""The desk's figures in words."""

from __future__ import annotations

from django import template

from towpath.desk.rules.insight_wording import WAITS
from towpath.desk.rules.shift_wording import GUARDRAILS, LACKING, LEVELS, NEEDS, VERDICTS
from towpath.desk.schemas.insights import Insight
from towpath.foundation.ui.figures import duration, interval, percent

register = template.Library()


@register.filter
def share_interval(insight: Insight) -> str:
    """The interval of its share."""
    return interval(percent(insight.low), percent(insight.high))


@register.filter
def waiting_for(state: str) -> str:
    """What tickets in a class of states wait for."""
    return str(WAITS[state])


@register.filter
def hours_long(hours: float) -> str:
    """Hours as a duration."""
    return duration(hours * 3600)


WORDS = {**LEVELS, **NEEDS, **GUARDRAILS, **VERDICTS, **LACKING}


@register.filter
def in_words(code: str) -> str:
    """A level, a need, a guardrail, a verdict or what is lacking."""
    return str(WORDS[code])
