"""Tickets' paths told a second time, in plain Python: what figures are held to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

RESOLVED, CLOSED, CANCELLED, UNKNOWN, WORKING = 6, 7, 8, 9, 2
Snapshot = tuple[int, int, int, int]
"""Time, state, team (-1 none), tier (-1 unknown, -2 none)."""


@dataclass
class Plain:
    """What is told of one ticket."""

    teams: list[int]
    tiers: list[int]
    hand_overs: int = 0
    ping_pong: bool = False
    reopened: int = 0
    reopened_soon: bool = False
    resolved_at: int | None = None
    resolved_tier: int = -2
    elapsed: dict[int, int] = field(default_factory=dict)
    handling: dict[int, int] = field(default_factory=dict)
    by_state: dict[int, int] = field(default_factory=dict)

    @property
    def escalated(self) -> bool:
        return bool(self.tiers) and self.tiers[0] >= 0 and max(self.tiers) > self.tiers[0]

    @property
    def never_left_tier_1(self) -> bool:
        return bool(self.tiers) and set(self.tiers) == {1}


def merged(values: Iterable[int]) -> list[int]:
    """Without what stands twice in a row."""
    return [value for value, _same in groupby(values)]


def plain(snapshots: Sequence[Snapshot], as_of: int, soon: int) -> Plain:
    """Of one ticket, its snapshots in order."""
    teams = merged(team for _t, _s, team, _tier in snapshots if team >= 0)
    tiers = merged(tier for *_rest, tier in snapshots if tier != -2)
    told = Plain(teams, tiers, hand_overs=max(0, len(teams) - 1), ping_pong=len(set(teams)) < len(teams))
    _follow(told, snapshots, as_of, soon)
    return told


def _follow(told: Plain, snapshots: Sequence[Snapshot], as_of: int, soon: int) -> None:
    ends = [after[0] for _before, after in pairwise(snapshots)] + [max(as_of, snapshots[-1][0])]
    done_at: int | None = None
    done_by, held, solved = -2, -2, False
    for (time, state, _team, tier), end in zip(snapshots, ends, strict=True):
        held = tier if tier != -2 else held
        if state in (RESOLVED, CLOSED, CANCELLED):
            if done_at is None:
                done_at, done_by, solved = time, held, state != CANCELLED
        elif state != UNKNOWN and done_at is not None:
            told.reopened += 1
            told.reopened_soon |= time - done_at <= soon
            done_at = None
        if done_at is None:
            column = max(held, -1)
            told.elapsed[column] = told.elapsed.get(column, 0) + end - time
            told.by_state[state] = told.by_state.get(state, 0) + end - time
            if state == WORKING:
                told.handling[column] = told.handling.get(column, 0) + end - time
    if done_at is not None and solved:
        told.resolved_at, told.resolved_tier = done_at, done_by
