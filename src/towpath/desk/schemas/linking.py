"""What tickets are about: how many say it, what is proposed for the others, and what people said."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

About = Literal["service", "component", "step", "customer"]
ProposedBy = Literal["learned", "named", "together"]


class LinkReliability(msgspec.Struct, frozen=True):
    """Of the tickets held out that were proposed with a confidence from `least` to below `most`: how many,
    the confidence said on average, how many were right, and Wilson's 95 % interval of that."""

    least: float
    most: float
    tickets: int
    said: float
    right: int
    low: float
    high: float


class LinkCoverage(msgspec.Struct, frozen=True):
    """How tickets stand with one thing that they can be about. Each is in one of `source`, `confirmed`,
    `proposed`, `none`. `conflicts`: confirmed as something else than its source says by now.

    `reason`: why nothing is learned, "" where it is. `reliability`: of what is learned, counted on `held_out`
    tickets that say the answer and were not learned from; `guessed`: share of these for which anything was
    proposed. `named`: tickets that say it and whose text names one; `named_right`: the same one."""

    about: About
    tickets: int
    source: int
    confirmed: int
    proposed: int
    none: int
    conflicts: int
    reason: str = ""
    held_out: int = 0
    guessed: float | None = None
    reliability: tuple[LinkReliability, ...] = ()
    named: int = 0
    named_right: int = 0


class LinkGroupKey(msgspec.Struct, frozen=True):
    """Which proposal for which tickets: those of a topic and team ("" for none)."""

    about: str
    value: str
    topic: str = ""
    team: str = ""


class LinkGroup(msgspec.Struct, frozen=True):
    """Tickets of one topic and team of which the same is proposed. `share`: how many of such proposals are
    right; None where that is not measured yet. `examples`: some of the tickets."""

    about: About
    value: str
    topic: str
    team: str
    tickets: int
    share: float | None
    by: ProposedBy
    examples: tuple[str, ...]


class LinkSaid(msgspec.Struct, frozen=True):
    """What one click said; `batch` takes it back."""

    batch: str
    about: About
    value: str
    confirmed: bool
    tickets: int
    said_by: str
    said_at: datetime


class TicketLinks(msgspec.Struct, frozen=True):
    """A desk's links. `groups`: those that cover most first; `more_groups` are not listed. `said`: lately."""

    desk: str
    as_of: datetime | None
    tickets: int
    coverage: tuple[LinkCoverage, ...]
    groups: tuple[LinkGroup, ...]
    more_groups: int
    said: tuple[LinkSaid, ...]


class LinkOfTicket(msgspec.Struct, frozen=True):
    """How one ticket stands with one thing: what the `source` says, what a person `confirmed` (by `batch` it
    is taken back, of all its `tickets`), or what is `proposed`; "" for none. The source's word holds."""

    about: About
    source: str
    confirmed: str
    said_by: str
    batch: str
    proposed: str
    share: float | None
    by: ProposedBy | None
    tickets: int = 0

    @property
    def conflict(self) -> bool:
        return bool(self.source and self.confirmed and self.source != self.confirmed)


class TicketsNaming(msgspec.Struct, frozen=True):
    """Tickets that name this one: `kind` is what they say of it ("part_of", "caused_by", "solved_through",
    "duplicate_of", "affects"). `numbers`: the first of `tickets`, by number, at `desk`."""

    kind: str
    desk: str
    tickets: int
    numbers: tuple[str, ...]


class LinksOfTicket(msgspec.Struct, frozen=True):
    """What one ticket is about, and which others name it."""

    desk: str
    number: str
    links: tuple[LinkOfTicket, ...]
    named_by: tuple[TicketsNaming, ...]
