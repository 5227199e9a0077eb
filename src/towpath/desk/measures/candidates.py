"""Each topic of a desk, with the level its work should go to and what that frees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from towpath.analytics import shifting
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.analytics.shifting import Assumed, Choice, Evidence, Freed, Tickets
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.measures.returns import returns_of
from towpath.desk.measures.topics import Assigned, Word, assigned
from towpath.desk.rules.states import WORKING

HOUR_US, WEEK_US = 3_600_000_000, 7 * DAY_US
FLOOR = {"tier_1": 1, "tier_2": 2}
"""The tier of levels that are one."""
MOST = 200
"""Topics that are shown, those with most tickets."""


@dataclass(frozen=True, eq=False)
class Desked:
    """A desk's tickets by topic. `weeks`: that the history has."""

    history: History
    topics: Assigned
    back: Bool
    week: Int64
    weeks: int

    def rows(self, topic: str) -> Int64:
        """The tickets of a topic."""
        names = self.topics.topic.texts()
        code = names.index(topic) if topic in names else -2
        return np.flatnonzero(self.topics.topic.codes == code)


@dataclass(frozen=True)
class Candidate:
    """`freed` None for what stays, and where even weeks have too few tickets."""

    topic: str
    tickets: int
    a_year: float
    choice: Choice
    evidence: Evidence
    freed: Freed | None


def desked(history: History, words: Sequence[Word]) -> Desked:
    """Topics and weeks of a desk's tickets."""
    returns = returns_of(history)
    week = history.facts.opened // WEEK_US
    weeks = int(week.max() - week.min()) + 1 if len(week) else 0
    topics = assigned(history, words, returns.repeats.of >= 0)
    return Desked(history, topics, np.asarray(returns.back), week, weeks)


def candidates_of(desk: Desked, assumed: Assumed) -> list[Candidate]:
    """Of every topic, best first: what frees most at least, then what stays."""
    codes = desk.topics.topic.codes
    order = np.argsort(codes, kind="stable")
    bounds = np.flatnonzero(np.diff(codes[order], prepend=-2, append=-3))
    columns = _columns(desk)
    groups = [order[begin:end] for begin, end in pairwise(bounds) if codes[order[begin]] >= 0]
    groups = sorted(groups, key=len, reverse=True)[:MOST]
    found = [_candidate(desk, rows, columns, assumed) for rows in groups]
    return sorted(found, key=lambda each: (each.choice.level == "stay", -_worth(each), each.topic))


def _worth(each: Candidate) -> float:
    return each.freed.low if each.freed else 0.0


def _columns(desk: Desked) -> Tickets:
    """All tickets of a desk, as topics are judged by."""
    history, facts = desk.history, desk.history.facts
    worked = bool((history.state == WORKING).any())
    hours = facts.by_state[:, WORKING] / HOUR_US
    known = facts.is_resolved & worked
    parent = history.of_ticket["parent"].codes
    return Tickets(
        week=desk.week,
        hours=np.where(known, hours, np.nan),
        tier=np.where(facts.is_resolved, np.maximum(facts.resolved_tier, -1), -1).astype(np.int64),
        way=history.of_ticket["solved_by"].codes.astype(np.int64),
        variant=desk.topics.variant.astype(np.int64),
        parent=parent.astype(np.int64),
        back=desk.back,
        failure=desk.topics.failure,
    )


def _candidate(desk: Desked, rows: Int64, columns: Tickets, assumed: Assumed) -> Candidate:
    mine = columns.only(rows)
    odd, even = shifting.halves(mine)
    found = shifting.evidence_of(odd)
    choice = shifting.recommend(found)
    weeks = np.arange(desk.week.min(), desk.week.max() + 1)
    held = int(np.count_nonzero(weeks % 2 == 0))
    freed = None
    if choice.level != "stay" and len(even.week) >= shifting.FEWEST:
        freed = shifting.freed(_moving(even, choice.level), held, assumed_of(choice.level, found, assumed))
    topic = desk.topics.topic
    name = str(topic.names[int(topic.codes[rows[0]])])
    return Candidate(name, len(rows), len(rows) * shifting.WEEKS_A_YEAR / desk.weeks, choice, found, freed)


def assumed_of(level: str, found: Evidence, assumed: Assumed) -> Assumed:
    """For a level: a removed cause leaves no work; a lower tier frees what was solved above it."""
    if level == "remove":
        return Assumed(found.failure, 1.0, 0.0, 0.0)
    if level == "self_service":
        return assumed
    # All that is solved above moves. Hours freed are the higher tier's; the lower one's are load (`what_if`).
    return Assumed(1.0, assumed.success, assumed.induced, 0.0)


def _moving(tickets: Tickets, level: str) -> Tickets:
    """The tickets that a move to the level takes: to a tier those that were solved above it."""
    floor = FLOOR.get(level)
    return tickets if floor is None else tickets.only(np.asarray(tickets.tier > floor))


def hours_of(desk: Desked, each: Candidate) -> tuple[float, float, float]:
    """Of what a move to its level takes: tickets a year, mean hours of each where it is done now, and there
    (those of the topic's tickets solved at that level already; as many as now where there are none)."""
    mine = _columns(desk).only(desk.rows(each.topic))
    moving = _moving(mine, each.choice.level)
    now = moving.hours[np.isfinite(moving.hours)]
    a_year = len(moving.week) * shifting.WEEKS_A_YEAR / desk.weeks
    mean = float(now.mean()) if len(now) else 0.0
    floor = FLOOR.get(each.choice.level)
    if floor is None:
        return a_year, mean, 0.0
    there = mine.hours[np.isfinite(mine.hours) & (mine.tier == floor)]
    return a_year, mean, float(there.mean()) if len(there) else mean


def behind(desk: Desked, topic: str) -> Int64:
    """The tickets of a topic, newest first."""
    rows = desk.rows(topic)
    return rows[np.argsort(-desk.history.facts.opened[rows], kind="stable")]
