"""Reviews after incidents in words."""

from __future__ import annotations

from django import template

from towpath.improvement.models import ReviewAction
from towpath.improvement.rules.review_wording import SPAN_WORDS, VERDICT_WORDS

register = template.Library()


@register.filter
def span_words(end: str) -> str:
    """From which moment to which a time counts."""
    return str(SPAN_WORDS[end])


@register.filter
def verdict_words(verdict: str) -> str:
    """Whether the trouble came back."""
    return str(VERDICT_WORDS[verdict])


@register.filter
def action_kind(kind: str) -> str:
    """What an action is for."""
    return str(ReviewAction.Kind(kind).label)


@register.filter
def action_state(state: str) -> str:
    """What became of it."""
    return str(ReviewAction.State(state).label)
