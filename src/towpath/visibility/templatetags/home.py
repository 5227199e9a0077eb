"""How home and the account word their figures."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from towpath.foundation.ui.bars import spark
from towpath.foundation.ui.figures import (
    NOTHING,
    duration,
    interval,
    moment,
    number,
    percent,
    points,
    signed,
)
from towpath.improvement.schemas.days import Days
from towpath.improvement.schemas.findings import Estimate
from towpath.visibility.pages.pictures import short_day
from towpath.visibility.schemas.home import Mended, Pace, Ranked

register = template.Library()
UP, DOWN = "▲", "▼"


@register.filter
def day_of_year(value: date | None) -> str:
    """A date of this year: "12 Nov"."""
    return NOTHING if value is None else short_day(value)


@register.filter
def percent_number(share: float) -> str:
    """A share as the number that stands before the sign: 0.941 -> "94.1"; never all but 100 as 100."""
    shown = percent(share)
    return number(share * 100, 1) if shown[:1].isdigit() else number(share * 100, 2)


@register.filter
def ago(value: datetime) -> SafeString:
    """How long ago, as a <time> that `home.js` keeps true while the page stands."""
    seconds = max(0.0, (timezone.now() - value).total_seconds())
    said = _("%(duration)s ago") % {"duration": duration(round(seconds) if seconds < 10 else seconds)}
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        value.isoformat(),
        moment(value, seconds=True),
        said,
    )


@register.filter
def rate_interval(days: Days) -> str:
    return interval(percent(days.good_low), percent(days.good_high))


@register.filter
def spread_of(estimate: Estimate) -> str:
    """The interval of a count: "2,080 to 2,540"."""
    return interval(number(estimate.low), number(estimate.high))


@register.simple_tag
def spread(estimate: Estimate) -> str:
    return spread_of(estimate)


@register.simple_tag
def moved(now: float, before: float) -> SafeString:
    """The change in points with its direction, against the four weeks before."""
    change = round(now - before, 3)
    tone, arrow = ("harm", DOWN) if change < 0 else ("good", UP) if change > 0 else ("muted", "")
    told = _("against the four weeks before")
    return format_html(
        '<span class="delta {}">{} <span data-figure="moved">{}</span></span> <span class="muted">{}</span>',
        tone,
        arrow,
        points(change),
        told,
    )


@register.simple_tag
def pace_of(pace: Pace) -> SafeString:
    """A journey's change in words; one that chance could bring is said to be so."""
    if pace.direction == "same":
        told = _("%(change)s, within chance") % {"change": points(pace.change)}
        return format_html('<span class="muted">{}</span>', told)
    told = _("%(change)s good days (%(low)s to %(high)s)") % {
        "change": points(pace.change),
        "low": signed(pace.low * 100, 1),
        "high": signed(pace.high * 100, 1),
    }
    return format_html('<span class="{}">{}</span>', "good" if pace.direction == "better" else "harm", told)


@register.simple_tag
def gained(one: Mended) -> SafeString:
    """What was measured beside what was expected; as long as there is too little data, that."""
    if one.gained is None:
        return format_html('<span class="muted">{}</span>', one.note or one.state_in_words)
    tone = "good" if one.gained > 0 else "harm"
    told = _("%(gained)s ruined days a week") % {"gained": signed(-one.gained)}
    if one.expected is not None:
        beside = _("expected %(expected)s") % {"expected": signed(-one.expected)}
        return format_html('<span class="{}">{}</span> <span class="muted">{}</span>', tone, told, beside)
    return format_html('<span class="{}">{}</span>', tone, told)


@register.simple_tag
def weeks_spark(finding: Ranked) -> SafeString:
    """Ruined days a week as a line, and in words."""
    if len(finding.weeks) < 2:
        return SafeString("")
    told = _("Ruined days a week, from %(first)s to %(last)s over %(count)s weeks") % {
        "first": number(finding.weeks[0]),
        "last": number(finding.weeks[-1]),
        "count": number(len(finding.weeks)),
    }
    return spark(finding.weeks, told)
