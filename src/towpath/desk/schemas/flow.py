"""How tickets flow: the record that page, API and `towpath desk flow --json` show."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.desk.schemas.flow_parts import Solved
from towpath.desk.schemas.solved import BacklogAge, ShiftMonth


class TierFlow(msgspec.Struct, frozen=True):
    """One tier. `started`: tickets that began there; `resolved`: that were solved for good there.
    `elapsed_hours`: all time in which tickets stood open there; `handling_hours`: the part in a working
    state. `cost`: of all stays there, None without a rate. `tickets`: that saw it; `stays`: how often
    tickets came. `path_cost`: mean cost of the whole path of those it resolved."""

    tier: int
    started: int
    resolved: int
    elapsed_hours: float
    handling_hours: float
    cost: float | None
    tickets: int
    stays: int
    path_cost: float | None


class Costs(msgspec.Struct, frozen=True):
    """Cost of the paths that tickets took. `per_ticket`: mean. `loops`: of the stays that repeat a tier.
    `unpriced`: tickets with a tier that is not known, or has no rate; they are left out."""

    currency: str
    total: float
    per_ticket: float | None
    loops: float
    unpriced: int
    source: str
    year: int | None
    includes_earlier: bool


class Waits(msgspec.Struct, frozen=True):
    """Hours in which open tickets stood in each class of states."""

    new: float
    queued: float
    working: float
    waiting_customer: float
    waiting_supplier: float
    waiting: float
    unknown: float


class TierMove(msgspec.Struct, frozen=True):
    """So many times a ticket went from one tier to another."""

    from_tier: int
    to_tier: int
    moves: int
    tickets: int


class TicketFlow(msgspec.Struct, frozen=True):
    """The first eight fields are what every desk is asked for. Where no tier is known `tiers` is empty, the
    figures of tiers are None and `tiers_refused` says why. `sla_missed`: None where the source does not say.
    `unknown_states`: movements by a state that the reading does not name. `repeats`: None where no ticket
    has both customer and topic (`repeats_judged`). `green_but_red`: met their SLA and
    came back all the same. `shift_trend`: by month of opening, at one mix of topics. `backlog`: how long
    tickets stay open, all and by month of opening."""

    tickets: int
    tiers: tuple[TierFlow, ...]
    never_left_tier_1: int | None
    escalated: int | None
    ping_pong_tickets: int
    reassigned: int
    reopened: int
    sla_missed: int | None
    desk: str
    source: str
    as_of: datetime | None
    movements: int
    hand_overs: int
    resolved: int
    cancelled: int
    open: int
    unknown_tier: int
    tiers_refused: str
    unknown_states: dict[str, int]
    sla_known: int
    repeat_days: int
    repeats: int | None
    repeats_judged: int
    came_back: int
    green_but_red: int | None
    first_contact: Solved
    first_level: Solved
    closed_before_opened: int
    moves: tuple[TierMove, ...]
    waits: Waits
    costs: Costs | None
    shift_index: float | None
    shift_trend: tuple[ShiftMonth, ...]
    backlog: tuple[BacklogAge, ...]
