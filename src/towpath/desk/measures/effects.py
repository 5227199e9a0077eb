"""Did it work: what a decision did to its topic, against the topics of the desk about which nothing was
decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from towpath.analytics.kernels.compiling import Bool
from towpath.analytics.placebo import Effect, When, measure
from towpath.desk.measures.candidates import FLOOR, WEEK_US, Desked

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """A topic whose work went to a level on a day, and the first day that led to this."""

    topic: str
    level: str
    led_from: date
    moves_on: date


@dataclass(frozen=True)
class Measured:
    """`of`: "tickets", their number a week, or "above": the share solved above the level. `guard_back`: by
    how much the share that came back changed (0.01: one point), None without tickets on both sides."""

    of: str
    effect: Effect
    guard_back: float | None


def effect_of(desk: Desked, moved: Moved, decided: Collection[str]) -> Measured | None:
    """None where the topic is no longer there. `decided`: topics that moved, which are no comparison."""
    names = desk.topics.topic.texts()
    if moved.topic not in names:
        return None
    kept = [moved.topic, *(name for name in names if name != moved.topic and name not in decided)]
    tickets = _weekly(desk, kept, np.ones(len(desk.week), np.bool_))
    when = _when(desk, moved, tickets.shape[1])
    floor = FLOOR.get(moved.level)
    guard = _guard(desk, moved.topic, when)
    if floor is None:
        return Measured("tickets", measure(tickets, 1.0, 0, when), guard)
    above = np.asarray(desk.history.facts.resolved_tier > floor)
    return Measured("above", measure(_weekly(desk, kept, above), tickets, 0, when), guard)


def _weekly(desk: Desked, names: list[str], mask: Bool) -> Floats:
    """Tickets of topics by week of opening, float64[topics, weeks]. The running week, not over yet, is left
    out."""
    order = {name: place for place, name in enumerate(names)}
    rows = np.array([*(order.get(name, -1) for name in desk.topics.topic.texts()), -1])
    row, begin = rows[desk.topics.topic.codes], int(desk.week.min())
    weeks = _whole(desk)
    column = desk.week - begin
    held = (row >= 0) & mask & (column < weeks)
    flat = np.bincount(row[held] * weeks + column[held], minlength=len(names) * weeks)
    return flat.reshape(len(names), weeks).astype(np.float64)


def _whole(desk: Desked) -> int:
    """Weeks that are over."""
    return max(1, desk.history.as_of // WEEK_US - int(desk.week.min()))


def _when(desk: Desked, moved: Moved, weeks: int) -> When:
    """In columns. The week in which it moved is neither before nor after: what follows begins with the
    next."""
    led, on = (_week(day) - int(desk.week.min()) for day in (moved.led_from, moved.moves_on))
    after = min(max(on + 1, 0), weeks)
    return When(min(max(led, 0), after), after)


def _week(day: date) -> int:
    return (day - date(1970, 1, 1)).days // 7


def _guard(desk: Desked, topic: str, when: When) -> float | None:
    rows = desk.rows(topic)
    column = desk.week[rows] - int(desk.week.min())
    before, after = desk.back[rows[column < when.led]], desk.back[rows[column >= when.moved]]
    return float(after.mean() - before.mean()) if len(before) and len(after) else None
