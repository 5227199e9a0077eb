"""The desk's figures in words."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from towpath.desk.rules.insight_wording import WAITS
from towpath.desk.rules.link_wording import ABOUT_WORDS, BY_WORDS, NAMED_BY_WORDS
from towpath.desk.rules.shift_wording import GUARDRAILS, LACKING, LEVELS, NEEDS, VERDICTS
from towpath.desk.rules.state_wording import (
    CLOCK_WORDS,
    LINK_WORDS,
    METRIC_WORDS,
    STATE_WORDS,
    WHY_WORDS,
)
from towpath.desk.schemas.insights import Insight
from towpath.desk.schemas.linking import LinkCoverage, LinkReliability
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


@register.filter
def about_words(about: str) -> str:
    """What a ticket is about."""
    return str(ABOUT_WORDS[about])


@register.filter
def coverage_bar(each: LinkCoverage) -> SafeString:
    """The four shares of a coverage as one bar."""
    counts = {name: getattr(each, name) for name in ("source", "confirmed", "proposed", "none")}
    total, begin, parts = max(1, sum(counts.values())), 0, []
    for name, count in counts.items():
        end = begin + count
        left, right = round(1000 * begin / total), round(1000 * end / total)
        parts.append((name, left, right - left))
        begin = end
    bars = format_html_join("", '<rect class="{}" x="{}" width="{}" height="10"/>', parts)
    return format_html(
        '<svg class="links-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        bars,
    )


@register.simple_tag
def share_right(each: LinkReliability) -> str:
    """The share of held-out proposals that were right."""
    return percent(each.right / each.tickets)


@register.simple_tag
def right_between(each: LinkReliability) -> str:
    """Its 95 % interval."""
    return interval(percent(each.low), percent(each.high))


@register.filter
def named_by_words(kind: str) -> str:
    """What other tickets say of this one."""
    return str(NAMED_BY_WORDS[kind])


@register.filter
def proposed_words(by: str) -> str:
    """How a link was proposed."""
    return str(BY_WORDS[by])


@register.filter
def state_words(state: str) -> str:
    """What people call a class of states."""
    return str(STATE_WORDS.get(state, state))


@register.filter
def clock_words(state: str) -> str:
    """What a clock does."""
    return str(CLOCK_WORDS.get(state, state))


@register.filter
def why_words(why: str) -> str:
    """Why a part of a clock's life counted, or did not."""
    return str(WHY_WORDS.get(why, why))


@register.filter
def metric_words(metric: str) -> str:
    """What a clock measures."""
    return str(METRIC_WORDS.get(metric, metric))


@register.filter
def link_words(kind: str) -> str:
    """How a ticket is bound to another."""
    return str(LINK_WORDS.get(kind, kind))


@register.simple_tag
def team_tickets(desk: str, team: str, part: str, name: str = "") -> str:
    """Where the tickets behind a figure of a team's page are."""
    asked = {"team": team, "part": part, **({"name": name} if name else {})}
    return f"{reverse('desk:team-tickets', args=[desk])}?{urlencode(asked)}"


@register.simple_tag
def solved_tickets(desk: str, by: str, name: str, what: str) -> str:
    """Where the tickets behind a figure of what was solved are."""
    asked = {"by": by, "value": name, "what": what}
    return f"{reverse('desk:solved-tickets', args=[desk])}?{urlencode(asked)}"


WORDS = {**LEVELS, **NEEDS, **GUARDRAILS, **VERDICTS, **LACKING}


@register.filter
def in_words(code: str) -> str:
    """A level, a need, a guardrail, a verdict or what is lacking."""
    return str(WORDS[code])
