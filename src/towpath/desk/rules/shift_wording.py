"""Levels, reasons and gates of a shift in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

LEVELS: dict[str, Promise] = {
    "remove": gettext_lazy("remove the cause"),
    "self_service": gettext_lazy("self-service"),
    "tier_1": gettext_lazy("tier 1"),
    "tier_2": gettext_lazy("tier 2"),
    "stay": gettext_lazy("stay"),
}
REASONS: dict[str, Promise] = {
    "failure_demand": gettext_lazy("Most come since something was not done, or not done right."),
    "short": gettext_lazy("Each takes little work."),
    "alike": gettext_lazy("They take about the same work."),
    "same_way": gettext_lazy("They are solved the same way."),
    "narrow": gettext_lazy("It is one request with few variants."),
    "solved_above": gettext_lazy("Many are solved above tier 1 today."),
    "too_few": gettext_lazy("Too little data."),
    "way_unknown": gettext_lazy("The source does not say how they were solved."),
    "many_ways": gettext_lazy("They are solved in too many ways: it only looks repetitive."),
    "broad": gettext_lazy("It is too broad for self-service: split the topic first."),
    "intent_unknown": gettext_lazy("Without texts it is not known whether it is one request."),
    "long": gettext_lazy("They take long work."),
    "unlike": gettext_lazy("The work on them differs too much."),
    "comes_back": gettext_lazy("Too many come back: solve them for good first."),
    "tiers_unknown": gettext_lazy("No tier is named, so none can be recommended."),
    "handling_unknown": gettext_lazy("The time in work is not known."),
    "already_there": gettext_lazy("It is done at the lowest level already."),
}
NEEDS: dict[str, Promise] = {
    "knowledge": gettext_lazy("Knowledge"),
    "right": gettext_lazy("Right"),
    "tool": gettext_lazy("Tool"),
    "training": gettext_lazy("Training"),
}
"""What a level must be given before it starts."""
ANSWERS: dict[str, Promise] = {
    "there": gettext_lazy("is there"),
    "not_needed": gettext_lazy("is not needed"),
}
GUARDRAILS: dict[str, Promise] = {
    "repeats": gettext_lazy("repeats"),
    "time_to_outcome": gettext_lazy("time to the outcome"),
    "satisfaction": gettext_lazy("satisfaction"),
    "load": gettext_lazy("load of the staff"),
}
FAILS_IF: dict[str, Promise] = {
    "remove": gettext_lazy("The cause belongs to nobody, or what is mended once is not kept."),
    "self_service": gettext_lazy("It cannot be found, or those who cannot use it find no human."),
    "tier_1": gettext_lazy("Tier 1 lacks time or the right, and hands it on as before."),
    "tier_2": gettext_lazy("Tier 2 lacks time or knowledge, and hands it on as before."),
    "stay": gettext_lazy("Moved all the same, it would be skipped and come back."),
}
VERDICTS: dict[str, Promise] = {
    "fewer": gettext_lazy("It worked: fewer"),
    "more": gettext_lazy("It went wrong: more"),
    "not shown": gettext_lazy("No effect is shown: this much also changes by chance"),
    "too little data": gettext_lazy("Too little data"),
}
LACKING: dict[str, Promise] = {
    "weeks before": gettext_lazy("fewer than 26 weeks before what led to the choice"),
    "weeks after": gettext_lazy("fewer than 8 weeks since the move"),
    "comparison topics": gettext_lazy("fewer than 19 topics to compare with"),
    "tickets": gettext_lazy("too few tickets of the topic"),
    "topic": gettext_lazy("the topic is no longer there"),
}


def needs_of(level: str) -> tuple[str, ...]:
    """What must be answered before work goes to a level; nothing where it stays or its cause is removed."""
    return () if level in ("stay", "remove") else tuple(NEEDS)
