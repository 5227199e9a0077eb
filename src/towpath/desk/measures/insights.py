"""What stands out in a desk's history, without any model of it: counted per ticket, ranked by tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import wilson
from towpath.analytics.ticket_paths import NEVER, Repeats, repeats_of
from towpath.desk.measures.columns import Coded, Int64
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.rules.states import (
    NEW,
    QUEUED,
    WAITING,
    WAITING_CUSTOMER,
    WAITING_SUPPLIER,
    WORKING,
)
from towpath.desk.schemas.insights import Kind, Part

Bool = npt.NDArray[np.bool_]

HOUR_US = 3_600_000_000
MOST_PARTS = 5
FEWEST = 20
"""Tickets below which a part, or an insight, says nothing: "too little data"."""
STUCK_DAYS = 90
SAME_WAY, SHORT_HOURS, ALIKE = 0.8, 24.0, 4.0
"""A topic looks as if it could move where so much of it is solved by one code, half of it is in work no
longer than so many hours, and the upper quartile of that is at most so many times the median."""
IDLE = (NEW, QUEUED, WAITING_CUSTOMER, WAITING_SUPPLIER, WAITING)


@dataclass(frozen=True)
class Found:
    """An insight in numbers: which tickets it is about (`mask`) of which (`among`), and where most of them
    are. `settled`: a share that later events cannot change has no interval."""

    kind: Kind
    mask: Bool
    among: Bool
    parts: tuple[Part, ...] = ()
    hours: float | None = None
    ratio: float | None = None
    settled: bool = False

    @property
    def tickets(self) -> int:
        return int(self.mask.sum())

    @property
    def of(self) -> int:
        return int(self.among.sum())

    def interval(self) -> tuple[float | None, float | None]:
        """Wilson's 95 % interval of the share."""
        if self.settled or not self.of:
            return None, None
        found = wilson(self.tickets, self.of)
        return float(found.low), float(found.high)


class Looking:
    """One look at a history. Every method gives what it found, None where there is nothing to find."""

    def __init__(self, history: History) -> None:
        self.history, self.facts = history, history.facts
        within = history.reading.repeat_days * DAY_US
        self.repeats: Repeats = repeats_of(
            history.of_ticket["customer"].codes,
            history.topic.codes,
            self.facts.opened,
            self.facts.resolved,
            within,
        )
        followed = np.where(self.facts.is_resolved, self.facts.first_resolved, NEVER)
        self.followed: Bool = self.facts.is_resolved & (followed + within <= history.as_of)
        self.back: Bool = self.followed & (self.facts.reopened_soon | self.repeats.came_back)
        self.open_us: Int64 = self.facts.by_state[:, : WAITING + 1].sum(axis=1)

    def all(self) -> list[Found]:
        """What stands out, by how many tickets it concerns."""
        asked = (
            self.comes_back(), self.green_but_red(), self.loops(), self.handed_on(), self.waits(),
            self.late(), self.one_way(), self.stuck(),
        )  # fmt: skip
        found = [each for each in asked if each is not None and each.tickets >= FEWEST]
        return sorted(found, key=lambda each: -each.tickets)

    def of_kind(self, kind: str) -> Found | None:
        return next((each for each in self.all() if each.kind == kind), None)

    def comes_back(self) -> Found | None:
        parts = self.by(self.history.topic, self.back, self.followed)
        again = self.repeats.of >= 0
        hours = float(self.facts.by_state[again, WORKING].sum() / HOUR_US)
        return Found("comes_back", self.back, self.followed, parts, hours if again.any() else None)

    def green_but_red(self) -> Found | None:
        met = self.followed & (self.history.made_sla == 1)
        if not met.any():
            return None
        red = met & self.back
        return Found("green_but_red", red, met, self.by(self.history.topic, red, met))

    def loops(self) -> Found | None:
        teams = self.facts.first_team >= 0
        if not teams.any():
            return None
        looped = self.facts.ping_pong
        return Found(
            "loops", looped, teams, self.pairs(looped), ratio=self.ratio(looped, teams), settled=True
        )

    def handed_on(self) -> Found | None:
        teams = self.facts.first_team >= 0
        if not teams.any():
            return None
        handed = self.facts.hand_overs > 0
        first = Coded(self.facts.first_team, self.history.team.names)
        parts, ratio = self.by(first, handed, teams), self.ratio(handed, teams)
        return Found("handed_on", handed, teams, parts, ratio=ratio, settled=True)

    def waits(self) -> Found | None:
        """Tickets that waited for longer than they were worked on."""
        idle = self.facts.by_state[:, list(IDLE)].sum(axis=1)
        known = self.open_us > 0
        if not (self.facts.by_state[:, WORKING] > 0).any():
            return None
        mask = known & (idle > self.facts.by_state[:, WORKING])
        return Found("waits", mask, known, self.waiting_for(known), float(idle.sum() / HOUR_US), settled=True)

    def late(self) -> Found | None:
        said = self.history.made_sla >= 0
        missed = self.history.made_sla == 0
        if not said.any():
            return None
        priority = self.history.moving["priority"].last_of(self.history.starts)
        return Found("late", missed, said, self.by(priority, missed, said), settled=True)

    def one_way(self) -> Found | None:
        """Topics that look as if they could move to a cheaper level: short, alike, solved one way."""
        topic, way = self.history.topic, self.history.of_ticket["solved_by"]
        done = self.facts.is_resolved & (topic.codes >= 0) & (way.codes >= 0)
        if not done.any() or not (self.facts.by_state[:, WORKING] > 0).any():
            return None
        mask, parts = np.zeros(len(done), np.bool_), []
        order = np.flatnonzero(done)[np.argsort(topic.codes[done], kind="stable")]
        bounds = np.flatnonzero(np.diff(topic.codes[order], prepend=-1, append=-2))
        for begin, end in pairwise(bounds):
            rows = order[begin:end]
            if len(rows) < FEWEST or not self.narrow(rows, way):
                continue
            mask[rows] = True
            parts.append(Part(str(topic.names[int(topic.codes[rows[0]])]), len(rows), len(rows)))
        if not parts:
            return None
        most = tuple(sorted(parts, key=lambda part: -part.tickets)[:MOST_PARTS])
        return Found("one_way", mask, done, most, settled=True)

    def narrow(self, rows: Int64, way: Coded) -> bool:
        """Whether these tickets of one topic are in work for short, alike, and solved by one code."""
        hours = self.facts.by_state[rows, WORKING] / HOUR_US
        _first, middle, third = np.quantile(hours, [0.25, 0.5, 0.75])
        same = np.bincount(way.codes[rows]).max() / len(rows)
        back = self.back[rows].mean()
        return bool(same >= SAME_WAY and 0 < middle <= SHORT_HOURS and third <= ALIKE * middle and back < 0.1)

    def stuck(self) -> Found | None:
        still = ~self.facts.is_resolved & (self.facts.closed == NEVER) & (self.open_us > 0)
        old = still & (self.history.as_of - self.facts.opened > STUCK_DAYS * DAY_US)
        if not still.any():
            return None
        last = Coded(self.facts.last_team, self.history.team.names)
        return Found("stuck", old, still, self.by(last, old, still), settled=True)

    def by(self, names: Coded, mask: Bool, among: Bool) -> tuple[Part, ...]:
        """Where most of the masked tickets are."""
        if not len(names.names):
            return ()
        known = names.codes >= 0
        hits = np.bincount(names.codes[mask & known], minlength=len(names.names))
        size = np.bincount(names.codes[among & known], minlength=len(names.names))
        most = [int(code) for code in np.argsort(-hits, kind="stable")[:MOST_PARTS] if hits[code]]
        return tuple(Part(str(names.names[code]), int(hits[code]), int(size[code])) for code in most)

    def pairs(self, mask: Bool) -> tuple[Part, ...]:
        """The pairs of teams between which most of these tickets went."""
        team, before = self.history.team.codes, self.facts.team_before
        rows = np.flatnonzero((team >= 0) & (before >= 0) & (team != before) & mask[self.history.ticket_of])
        one, other = np.minimum(team[rows], before[rows]), np.maximum(team[rows], before[rows])
        keys = np.stack([one, other, self.history.ticket_of[rows]], axis=1)
        pairs, counts = np.unique(np.unique(keys, axis=0)[:, :2], axis=0, return_counts=True)
        names = self.history.team.names
        most = np.argsort(-counts, kind="stable")[:MOST_PARTS]
        total = int(mask.sum())
        return tuple(
            Part(f"{names[int(pairs[place, 0])]} ⇄ {names[int(pairs[place, 1])]}", int(counts[place]), total)
            for place in most
        )

    def waiting_for(self, known: Bool) -> tuple[Part, ...]:
        """For whom or what tickets waited, most hours first; `name` is the class of states."""
        total = int(known.sum())
        found = [
            Part(name, int((self.facts.by_state[:, state] > 0).sum()), total, float(hours))
            for name, state in _IDLE_NAMES
            if (hours := self.facts.by_state[:, state].sum() / HOUR_US) > 0
        ]
        return tuple(sorted(found, key=lambda part: -(part.hours or 0)))

    def ratio(self, mask: Bool, among: Bool) -> float | None:
        """Median time open of resolved tickets in the mask over that of the others; None for too few."""
        done = self.facts.is_resolved & among
        ours, theirs = self.open_us[done & mask], self.open_us[done & ~mask]
        if min(len(ours), len(theirs)) < FEWEST or not np.median(theirs):
            return None
        return float(np.median(ours) / np.median(theirs))


_IDLE_NAMES: Sequence[tuple[str, int]] = (
    ("new", NEW),
    ("queued", QUEUED),
    ("waiting_customer", WAITING_CUSTOMER),
    ("waiting_supplier", WAITING_SUPPLIER),
    ("waiting", WAITING),
)
