"""Records about a customer's story."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class StoryEvent(msgspec.Struct, frozen=True):
    """One thing that the customer met, as the envelope holds it; None where the source does not say."""

    time: datetime
    source: str
    id: str
    type: str
    identifier: str | None
    session: str | None
    channel: str | None
    service: str | None
    component: str | None
    version: str | None
    outcome: str | None
    latency_ms: float | None
    value: float | None
    currency: str | None
    team: str | None
    tier: str | None
    case: str | None
    ticket: str | None
    change: str | None
    data: dict[str, Any]


class Story(msgspec.Struct, frozen=True):
    """Everything that one customer or case met, in the order of events.

    `key`: 64-bit key as text (JSON numbers are not exact beyond 2**53). `total`: events in all, of which
    `events`
    holds those of one page.
    """

    key: str
    name: str
    identifiers: tuple[str, ...]
    cases: tuple[str, ...]
    sources: tuple[str, ...]
    first: datetime
    last: datetime
    total: int
    events: tuple[StoryEvent, ...]


class RulesApplied(msgspec.Struct, frozen=True):
    """The rules' number of version; `new` is False where they were in force already."""

    version: int
    new: bool


class Why(msgspec.Struct, frozen=True):
    """An identifier was seen together with another one: how sure that is (0 to 1), and when."""

    other: str
    confidence: float
    source: str
    first_seen: datetime
    last_seen: datetime


class KnownIdentifier(msgspec.Struct, frozen=True):
    """One identifier of a customer. `proxy`: "", "rule", "person" or "cleared"; `shared` says whether it is
    one. `why`: what ties it to the customer's other identifiers, the surest first."""

    key: str
    kind: str
    value: str
    written: str
    source: str
    first_seen: datetime
    last_seen: datetime
    proxy: str
    shared: bool
    why: tuple[Why, ...]


class OpenQuestion(msgspec.Struct, frozen=True):
    """It is not clear whether these are one customer. `candidates`: key and identifier of each."""

    id: int
    subject: str
    subject_name: str
    candidates: tuple[tuple[str, str], ...]
    reason: str
    reason_in_words: str
    confidence: float
    at: datetime


class Told(msgspec.Struct, frozen=True):
    """What a person said: all of `left` are one (together), or none of them is one of `right` (apart)."""

    id: int
    verdict: str
    verdict_in_words: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    why: str
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None


class Moved(msgspec.Struct, frozen=True):
    """An identifier went from one customer to another; `by` is empty where the rules (of that version) did
    it."""

    identifier: str
    before: str
    after: str
    at: datetime
    by: str
    rules: int


class Related(msgspec.Struct, frozen=True):
    """`member` stands to `of` in a role."""

    id: int
    member: str
    member_key: str
    of: str
    of_key: str
    role: str
    role_in_words: str


class Identity(msgspec.Struct, frozen=True):
    """Who a customer is. `name`: what a person called them, else the identifier that names them best;
    `left_out`: identifiers beyond those listed."""

    key: str
    name: str
    given_name: str
    kind: str
    identifiers: tuple[KnownIdentifier, ...]
    left_out: int
    questions: tuple[OpenQuestion, ...]
    decisions: tuple[Told, ...]
    moves: tuple[Moved, ...]
    relationships: tuple[Related, ...]


class CustomerFound(msgspec.Struct, frozen=True):
    """A customer that a search found, by which identifiers; `shared`: one of those is a proxy."""

    key: str
    name: str
    matched: tuple[str, ...]
    identifiers: int
    last_seen: datetime
    shared: bool


class Held(msgspec.Struct, frozen=True):
    """Two identifiers were seen together."""

    one: str
    other: str
    source: str
    first_seen: datetime
    last_seen: datetime


class Look(msgspec.Struct, frozen=True):
    """Somebody looked at the customer under this key."""

    at: datetime
    actor_kind: str
    actor: str
    verb: str
    key: str


class CustomerExport(msgspec.Struct, frozen=True):
    """Everything that is held about a customer. `events`: as the envelope holds them."""

    key: str
    made_at: datetime
    identity: Identity | None
    links: tuple[Held, ...]
    events: list[dict[str, Any]]
    story: Story | None
    looks: tuple[Look, ...]


class Resolved(msgspec.Struct, frozen=True):
    """What came of finding out who is who: see `joining.applying.Outcome`."""

    looked_at: int
    placed: int
    joined: int
    parted: int
    asked: int
