"""A desk's topics that emerge, and what changed shortly before."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
from django.utils.translation import gettext as _

from towpath.analytics.emerging import ENOUGH, LEAST_WEEKS, WEEK_US, WITHIN, Surge, closed_weeks, emerging
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.desk.measures.changes import changes_between
from towpath.desk.measures.flow import moment
from towpath.desk.measures.history import History
from towpath.desk.schemas.emerging import ChangeSeen, EmergingTopic, EmergingTopics, TopicChange

BEFORE = timedelta(days=14)
"""How long before the week a change is taken as shortly before."""
SHOWN_WEEKS = 26
MOST_CHANGES = 5


def emerging_of(history: History, desk: str) -> EmergingTopics:
    """Of all topics of a desk."""
    topics = history.topic
    if not (topics.codes >= 0).any():
        return EmergingTopics(desk, None, 0, 0, (), _("The source names no topics."))
    opened, codes = history.facts.opened, topics.codes.astype(np.int64)
    counts, first = closed_weeks(opened, codes, len(topics.names), history.as_of)
    weeks = counts.shape[1]
    if weeks <= WITHIN:
        return EmergingTopics(desk, None, weeks, 0, (), _("Too little data: fewer than five whole weeks."))
    week = first + (weeks - 1) * WEEK_US
    surges = emerging(counts)
    changes = _changes(history, week) if surges else ()
    told = tuple(_told(history, each, counts[each.topic], week, changes) for each in surges)
    short = weeks <= LEAST_WEEKS
    reason = (
        _("Too little data: fewer than 21 whole weeks, so that only new topics are told.") if short else ""
    )
    tested = 0 if short else int((counts[:, -WITHIN:].sum(axis=1) >= ENOUGH).sum())
    return EmergingTopics(desk, f"{moment(week):%Y-%m-%d}", weeks, tested, told, reason)


def tickets_behind(history: History, topic: str) -> Bool:
    """The topic's tickets opened in the last four whole weeks: bool[t]."""
    code = {name: place for place, name in enumerate(history.topic.texts())}.get(topic, -2)
    opened = history.facts.opened
    counts, first = closed_weeks(opened, np.zeros(len(opened), np.int64), 1, history.as_of)
    end = first + counts.shape[1] * WEEK_US
    recent = (opened >= end - WITHIN * WEEK_US) & (opened < end)
    return np.asarray((history.topic.codes == code) & recent)


def _changes(history: History, week: int) -> tuple[ChangeSeen, ...]:
    return changes_between(moment(week) - BEFORE, moment(week + WEEK_US), history.source)


def _told(
    history: History, surge: Surge, series: Int64, week: int, changes: tuple[ChangeSeen, ...]
) -> EmergingTopic:
    known = surge.method != "first seen"
    recent = history.facts.opened >= week - (WITHIN - 1) * WEEK_US
    mask = (history.topic.codes == surge.topic) & recent
    named = _named(history, np.asarray(mask))
    near = [TopicChange(each, bool(named & {each.service, each.component})) for each in changes]
    near.sort(key=lambda each: not each.near)
    return EmergingTopic(
        topic=history.topic.texts()[surge.topic],
        observed=surge.observed,
        in_four_weeks=surge.in_four_weeks,
        expected=surge.expected if known else None,
        upper=surge.upper if known else None,
        q=surge.q if not math.isnan(surge.q) else None,
        method=surge.method,
        weeks=tuple(series[-SHOWN_WEEKS:].tolist()),
        together_with=tuple(near[:MOST_CHANGES]),
    )


def _named(history: History, mask: Bool) -> set[str]:
    """Services and components that these tickets name."""
    found: set[str] = set()
    for column in (history.of_ticket["service"], history.of_ticket["component"]):
        texts = column.texts()
        found |= {texts[code] for code in np.unique(column.codes[mask]) if code >= 0}
    return found - {""}
