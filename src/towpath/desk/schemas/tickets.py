"""Tickets as lists and their pages show them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Which = Literal["all", "open", "overdue", "missed", "reopened", "ping_pong"]


class WantedTickets(msgspec.Struct, frozen=True):
    """Which tickets; empty fields let everything through. `q`: begun words of number and title, or a whole
    customer. `after`: where the page before ended, as its `next` says."""

    q: str = ""
    which: Which = "all"
    state: str = ""
    team: str = ""
    tier: str = ""
    topic: str = ""
    priority: str = ""
    after: str = ""


class TicketRow(msgspec.Struct, frozen=True):
    """A ticket as it stands. `state`: class of states, `written_state` as the source writes it. `clock`: what
    its resolution clock does, "" where nothing is agreed; `due`: until when, or since when it is missed."""

    number: str
    kind: str
    title: str
    opened: datetime
    state: str
    written_state: str
    priority: str
    team: str
    tier: int | None
    topic: str
    service: str
    hand_overs: int
    reopened: int
    ping_pong: bool
    repeat_of: str
    clock: str
    due: datetime | None
    overdue: bool


class TicketList(msgspec.Struct, frozen=True):
    """One page of a desk's tickets, the newest first. `next`: for `after` of the next page, "" at the end."""

    desk: str
    tickets: tuple[TicketRow, ...]
    next: str


class Stay(msgspec.Struct, frozen=True):
    """How long a ticket stood in one state with one team. `until` is None while it stands there."""

    begin: datetime
    until: datetime | None
    team: str
    tier: int | None
    state: str
    written_state: str
    agent: str
    seconds: float


class ClockPart(msgspec.Struct, frozen=True):
    """A part of a clock's life: whether it counted, and why or why not ("running", "closed", "holiday",
    "paused", "stopped", "reset")."""

    begin: datetime
    until: datetime
    counted: bool
    why: str
    because: str


class TicketClock(msgspec.Struct, frozen=True):
    """One clock of a ticket. `target`, `counted`, `paused`: seconds of working time. `left_out`: older parts
    that are not listed."""

    agreement: str
    metric: str
    state: str
    target: float
    counted: float
    paused: float
    due: datetime | None
    missed_at: datetime | None
    left_out: int
    parts: tuple[ClockPart, ...]


class TicketLinkShown(msgspec.Struct, frozen=True):
    """Another ticket that this one is bound to: "part_of", "caused_by", "solved_through", "duplicate_of",
    "affects", "repeats", "repeated_by". `desk`: where that ticket is; empty where none of that number is.
    """

    kind: str
    number: str
    desk: str = ""


class TicketShown(msgspec.Struct, frozen=True):
    """A ticket's whole way. `customer_key`: leads to the customer's story, for those who may read it.
    `disordered`: ends before it begins, by the source's own times; it has no clock."""

    desk: str
    ticket: TicketRow
    customer: str
    customer_key: str
    resolved: datetime | None
    closed: datetime | None
    disordered: bool
    link: str
    stays: tuple[Stay, ...]
    clocks: tuple[TicketClock, ...]
    links: tuple[TicketLinkShown, ...]
