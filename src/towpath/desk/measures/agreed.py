"""The SLA clocks of a history's tickets by the agreements in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int8, Int64
from towpath.analytics.sla_clocks import (
    CANCELLED,
    NEVER,
    OVER,
    PAUSED,
    RUNNING,
    SAME,
    Clocks,
    WorkingTime,
    clocks_of,
)
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.rules.agreements import InForce, Metric
from towpath.desk.rules.calendars import LAST, Calendar
from towpath.desk.rules.states import STATES

NONE = -1
"""Where no agreement fits."""
BY = ("kind", "service", "topic", "customer")
ENDS = {"resolved": OVER, "closed": OVER, "cancelled": CANCELLED, "unknown": SAME}


@dataclass(frozen=True, eq=False)
class Agreed:
    """A value a ticket: which agreement fits (`place`, NONE without), and its clock: `state` int8 as in
    `analytics.sla_clocks` (NONE without), `due` while it runs, `missed_at`, int64 (NEVER without)."""

    place: Int64
    state: Int8
    due: Int64
    missed_at: Int64
    missed: Bool


def priorities_of(history: History, terms: InForce) -> Coded:
    """Each ticket's priority: what the source says last, else by impact and urgency."""
    said = history.moving["priority"].last_of(history.starts)
    if terms.priority is None:
        return said
    impact, urgency = history.of_ticket["impact"], history.of_ticket["urgency"]
    width = len(urgency.names) + 1
    pairs = (impact.codes.astype(np.int64) + 1) * width + urgency.codes + 1
    found, at = np.unique(pairs, return_inverse=True)
    words, more = ["", *impact.texts()], ["", *urgency.texts()]
    named = [terms.priority.priority(words[pair // width], more[pair % width]) for pair in found]
    names = [*said.texts(), *named]
    joined = np.where(said.codes >= 0, said.codes, at + len(said.names)).astype(np.int32)
    return Coded(joined, said.names).renamed(names)


def agreed_of(history: History, terms: InForce, desk: str, metric: Metric, priority: Coded) -> Agreed:
    """The clocks of a metric, of all tickets."""
    count = len(history.tickets)
    place, target = _fitting(history, terms, desk, metric, priority)
    state = np.full(count, NONE, np.int8)
    due, missed_at = np.full(count, NEVER, np.int64), np.full(count, NEVER, np.int64)
    missed = np.zeros(count, np.bool_)
    for each in np.unique(place[place != NONE]).tolist():
        among = np.flatnonzero(place == each)
        found = _clocks(history, terms, each, among, target[among])
        state[among], due[among], missed_at[among] = found.state, found.due, found.missed_at
        missed[among] = found.missed
    return Agreed(place, state, due, missed_at, missed)


def _fitting(
    history: History, terms: InForce, desk: str, metric: Metric, priority: Coded
) -> tuple[Int64, Int64]:
    """The agreement of each ticket and its target: tickets with equal values share both."""
    count = len(history.tickets)
    columns = {name: history.of_ticket[name] for name in BY}
    columns["team"] = Coded(history.facts.last_team, history.team.names)
    used = {name for each in terms.agreements for name in (*BY, "team") if getattr(each.only, name)}
    columns = {name: columns[name] for name in sorted(used)} | {"priority": priority}
    group = np.zeros(count, np.int64)
    for column in columns.values():
        group = group * (len(column.names) + 1) + column.codes + 1
        group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    _groups, first = np.unique(group, return_index=True)
    places, targets = np.full(len(first), NONE, np.int64), np.zeros(len(first), np.int64)
    for number, ticket in enumerate(first.tolist()):
        values = {name: _text(column, ticket) for name, column in columns.items()} | {"desk": desk}
        found = terms.place(metric, values)
        if found is not None:
            places[number], targets[number] = found, terms.agreed(found, values["priority"]).target
    return (places[group], targets[group]) if count else (places, targets)


def _text(column: Coded, ticket: int) -> str:
    code = int(column.codes[ticket])
    return column.names[code].as_py() if code >= 0 else ""


def _clocks(history: History, terms: InForce, place: int, among: Int64, target: Int64) -> Clocks:
    agreement = terms.agreements[place]
    calendar = terms.calendars[agreement.calendar]
    if agreement.metric == "first_response":
        starts, time, act = _until_answered(history, among)
    else:
        starts, time, act = _until_resolved(history, among, frozenset(agreement.pauses))
    working = WorkingTime.of(_spans(calendar, time, history.as_of, int(target.max())))
    return clocks_of(starts, time, act, target, working, policy=agreement.reopened, as_of=history.as_of)


def _spans(calendar: Calendar, time: Int64, as_of: int, target: int) -> Iterator[tuple[int, int]]:
    begin, end = int(time.min()), max(int(time.max()), as_of)
    due = calendar.due(end, target)
    return calendar.spans(begin, LAST if due is None else due)


def _until_resolved(history: History, among: Int64, pauses: frozenset[str]) -> tuple[Int64, Int64, Int8]:
    acts = [ENDS.get(name, PAUSED if name in pauses else RUNNING) for name in STATES]
    lengths = np.diff(history.starts)[among]
    starts = np.append(0, np.cumsum(lengths))
    rows = np.repeat(history.starts[:-1][among] - starts[:-1], lengths) + np.arange(starts[-1])
    return starts, history.time[rows], np.array(acts, np.int8)[history.state[rows]]


def _until_answered(history: History, among: Int64) -> tuple[Int64, Int64, Int8]:
    """From the first movement to the first reply; one that ends without it has nothing left to answer."""
    facts = history.facts
    opened, reply = facts.opened[among], history.said["first_reply"][among]
    answered = (reply != NEVER) & (reply >= opened) & (reply <= history.as_of)
    ends = np.where(facts.is_resolved, facts.resolved, NEVER)[among]
    ended = ~answered & (ends != NEVER)
    until = np.where(answered, reply, np.where(ended, ends, opened))
    act = np.where(answered, OVER, np.where(ended, CANCELLED, RUNNING))
    times = np.stack([opened, until], axis=1).reshape(-1)
    acts = np.stack([np.full(len(among), RUNNING), act], axis=1).reshape(-1)
    return np.arange(len(among) + 1, dtype=np.int64) * 2, times, acts.astype(np.int8)
