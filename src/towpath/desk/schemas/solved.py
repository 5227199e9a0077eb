"""What is solved at once and stays solved, part by part; and how old the backlog is."""

from __future__ import annotations

import msgspec

from towpath.desk.schemas.flow_parts import Solved


class StillOpen(msgspec.Struct, frozen=True):
    """Share of tickets still open after so many days, with its 95 % interval (Kaplan-Meier)."""

    days: int
    share: float
    low: float
    high: float


class BacklogAge(msgspec.Struct, frozen=True):
    """Tickets opened in a month (YYYY-MM; empty: all). `open`: of them still open, taken as censored.
    `half_days`: after so many days half of them were done, None where fewer were, or for too few tickets.
    `still`: only what enough tickets were followed for."""

    month: str
    tickets: int
    open: int
    half_days: float | None
    still: tuple[StillOpen, ...]


class ShiftMonth(msgspec.Struct, frozen=True):
    """The shift index of tickets opened in a month, at the mix of topics of the whole period; None for too
    few tickets. `covered`: share of that mix whose topics occur in the month."""

    month: str
    tickets: int
    index: float | None
    covered: float


class SolvedPart(msgspec.Struct, frozen=True):
    """The tickets of one value. `came_back` of `followed` were repeated or reopened within the days."""

    name: str
    tickets: int
    first_contact: Solved
    first_level: Solved
    came_back: int
    followed: int


class SolvedBy(msgspec.Struct, frozen=True):
    """First contact and first level resolution, and what came back, by one thing that the data names.
    `choices`: what it can be asked by. `parts`: most tickets first, months in order; `left_out`: values
    beyond those shown."""

    desk: str
    by: str
    choices: tuple[str, ...]
    repeat_days: int
    parts: tuple[SolvedPart, ...]
    left_out: int
