"""Figures of calls in words."""

from __future__ import annotations

from django import template

from towpath.desk.schemas.calls import CallFigures
from towpath.foundation.ui.figures import interval, percent

register = template.Library()


@register.filter
def given_up_between(figures: CallFigures) -> str:
    """The interval of the share given up."""
    return interval(percent(figures.given_up_low), percent(figures.given_up_high))
