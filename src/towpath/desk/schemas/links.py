"""Links that tickets lack: the record that page, API and `towpath desk links --json` show."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

LinkField = Literal["service", "component"]
LinkEvidence = Literal["alike", "named", "met", "said"]


class LinkCoverage(msgspec.Struct, frozen=True):
    """How many tickets are bound to a service or component: `named` by the source, `confirmed` by a person,
    `proposed` only, and `unknown`: nothing tells."""

    field: LinkField
    tickets: int
    named: int
    confirmed: int
    proposed: int
    unknown: int


class LinkProposal(msgspec.Struct, frozen=True):
    """What `tickets` that do not name it may belong to.

    `how`: alike: others of the topic and team (with team "": of the topic) name it; named: their text holds
    its name; met: the customer met a fault there within a day before. Measured on tickets that do name one:
    `right` of `of` agree, `share` with its 95 % interval; None below 10, which is too few. `examples`:
    numbers of tickets.
    """

    field: LinkField
    how: LinkEvidence
    topic: str
    team: str
    value: str
    tickets: int
    right: int
    of: int
    share: float | None
    low: float | None
    high: float | None
    examples: tuple[str, ...]


class LinkSaid(msgspec.Struct, frozen=True):
    """What a person said: confirmed or refused; `tickets`: said of so many by number (0: of all of the topic
    and team)."""

    field: LinkField
    how: LinkEvidence
    topic: str
    team: str
    value: str
    refused: bool
    tickets: int
    said_by: str
    said_at: datetime


class MissingLinks(msgspec.Struct, frozen=True):
    desk: str
    coverage: tuple[LinkCoverage, ...]
    proposals: tuple[LinkProposal, ...]
    said: tuple[LinkSaid, ...]


class TicketLinkValue(msgspec.Struct, frozen=True):
    """A ticket's service or component: `by` source, person, or nobody (then `value` is empty)."""

    field: LinkField
    value: str
    by: Literal["source", "person", "nobody"]
