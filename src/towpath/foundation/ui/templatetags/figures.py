"""The filters of `towpath.foundation.ui.figures` for templates: {{ entered|number }}, {{ share|percent }}."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from towpath.foundation.ui import figures

register = template.Library()

for reading in (
    figures.number,
    figures.signed,
    figures.percent,
    figures.points,
    figures.duration,
    figures.milliseconds,
    figures.about,
    figures.out_of,
    figures.money,
    figures.interval,
    figures.day,
    figures.clock,
):
    register.filter(reading.__name__, reading)


@register.filter
def moment(value: dt.datetime | None) -> str | SafeString:
    """Date and time in the person's time zone, in a <time> that says the zone and the instant."""
    return _marked(value, seconds=False)


@register.filter
def moment_exact(value: dt.datetime | None) -> str | SafeString:
    """As `moment`, to the second."""
    return _marked(value, seconds=True)


def _marked(value: dt.datetime | None, *, seconds: bool) -> str | SafeString:
    if value is None:
        return figures.NOTHING
    text = figures.moment(value, seconds=seconds)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        timezone.get_current_timezone_name(),
        text,
    )
