"""What tickets that name no service or component may belong to, and how often such evidence is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from towpath.analytics.kernels.compiling import Bool, Int32, Int64
from towpath.analytics.topics import plain
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.measures.topics import Texts, texts_of
from towpath.events.lake import Snapshot

FIELDS = ("service", "component")
FEWEST = 10
"""Tickets that name one, below which a share says nothing."""
LIKELY = 0.5
"""A value that fewer of its kind bear is not proposed."""
SHORTEST_NAME = 4
"""Letters of a name that is looked for in texts: shorter ones are words of their own."""
MOST_NAMES = 5_000
MET = """
with ticket as (
  select coalesce(ticket, "case") as number, any_value(key) as key, min(time) as opened
  from events where source = $source and coalesce(ticket, "case") is not null group by 1
), fault as (
  select key, time, {field} as value from events
  where outcome = 'fault' and {field} is not null and {field} <> '' and source <> $source
)
select number, value from ticket asof join fault
  on ticket.key = fault.key and ticket.opened >= fault.time
where ticket.opened - fault.time <= interval 1 day
"""
"""The last fault that the customer of a ticket met within a day before it."""


@dataclass(frozen=True, eq=False)
class Proposed:
    """`places` int64: the tickets without a value that this would fill, ascending. Of `of` tickets that have
    one, and such evidence, `right` have this value (alike), or the one that the evidence tells (named, met).
    """

    field: str
    how: str
    topic: str
    team: str
    value: str
    places: Int64
    right: int
    of: int

    @property
    def tickets(self) -> int:
        return len(self.places)


def proposals(history: History, field: str, snapshot: Snapshot) -> list[Proposed]:
    """All of a field, those that would fill most tickets first."""
    column = history.of_ticket[field]
    found = [*_alike(history, field, column)]
    for how, told in (("named", _named(history, column)), ("met", _met(history, field, snapshot))):
        found += _told(field, how, column, told)
    return sorted(found, key=lambda each: (-each.tickets, each.how, each.topic, each.team, each.value))


def _alike(history: History, field: str, column: Coded) -> Iterator[Proposed]:
    """Of each topic and the team that had it last; where too few of these name one, what is known of the
    topic alone."""
    topic, team = history.topic.codes.astype(np.int64), history.facts.last_team.astype(np.int64)
    teams = len(history.team.names) + 1
    pair = np.where(topic >= 0, topic * teams + team + 1, -1)
    by_pair, by_topic = _most(pair, column.codes), _most(topic, column.codes)
    names, topics = column.texts(), history.topic.texts()
    team_names = ["", *history.team.texts()]
    for group, places in _groups(pair, (column.codes < 0) & (topic >= 0)):
        best = by_pair.get(group, (-1, 0, 0))
        code, right, of = best if best[2] >= FEWEST else by_topic.get(group // teams, (-1, 0, 0))
        if of >= FEWEST and right >= LIKELY * of:
            about = (topics[group // teams], team_names[group % teams])
            yield Proposed(field, "alike", *about, names[code], places, right, of)


def _groups(group: Int64 | Int32, chosen: Bool) -> Iterator[tuple[int, Int64]]:
    """Each group of the chosen, and where its members are."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(group[places], kind="stable")]
    kinds, begins = np.unique(group[places], return_index=True)
    yield from zip(kinds.tolist(), np.split(places, begins[1:]), strict=False)


def _most(group: Int64, codes: Int32) -> dict[int, tuple[int, int, int]]:
    """Of each group the code that most of its tickets bear, how many do, and how many bear any."""
    known = (group >= 0) & (codes >= 0)
    width = int(codes.max(initial=0)) + 1
    pairs, counts = np.unique(group[known] * width + codes[known], return_counts=True)
    found: dict[int, tuple[int, int, int]] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        code, right, of = found.get(pair // width, (-1, 0, 0))
        best = (pair % width, count) if count > right else (code, right)
        found[pair // width] = (*best, of + count)
    return found


def _told(field: str, how: str, column: Coded, told: Coded) -> Iterator[Proposed]:
    """Evidence that tells a value of each ticket by itself: how often it is right is measured on all."""
    mine, theirs = [*column.texts(), ""], told.texts()
    both = (column.codes >= 0) & (told.codes >= 0)
    agree = [mine[a] == theirs[b] for a, b in zip(column.codes[both], told.codes[both], strict=True)]
    if len(agree) >= FEWEST and sum(agree) < LIKELY * len(agree):
        return
    for code, places in _groups(told.codes, (column.codes < 0) & (told.codes >= 0)):
        yield Proposed(field, how, "", "", theirs[code], places, sum(agree), len(agree))


def _named(history: History, column: Coded) -> Coded:
    """The one name that a ticket's title or text holds as whole words; several tell nothing."""
    nothing = Coded.nothing(len(history.tickets))
    used = np.unique(column.codes[column.codes >= 0])
    names = {plain(name): name for name in column.names.take(pa.array(used)).to_pylist()}
    names = {low: name for low, name in names.items() if len(low) >= SHORTEST_NAME}
    texted = any((history.of_ticket[name].codes >= 0).any() for name in ("title", "text"))
    if not names or len(names) > MOST_NAMES or not texted:
        return nothing
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    texts = Texts.of(texts_of(history))
    held = [set(pattern.findall(text)) for text in texts.each]
    each = [names[found.pop()] if len(found) == 1 else "" for found in held]
    return Coded(np.arange(len(each), dtype=np.int32)[texts.codes], pa.array(each)).renamed(each)


def _met(history: History, field: str, snapshot: Snapshot) -> Coded:
    found = snapshot.query(MET.format(field=field), {"source": history.source})
    places = np.array([history.number_of(number) for number in found["number"].to_pylist()], object)
    told = Coded.of(found["value"])
    codes = np.full(len(history.tickets), -1, np.int32)
    there = np.array([place is not None for place in places], np.bool_)
    codes[places[there].astype(np.int64)] = told.codes[there]
    return Coded(codes, told.names)
