"""One item with all that is known of it, and what discoveries found."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.estate.schemas.items import ItemRow


class SaidShown(msgspec.Struct, frozen=True):
    """What one source says of a field, and from when to when it said so; `until` None where it stands."""

    source: str
    value: str
    first_seen: datetime
    last_seen: datetime
    until: datetime | None


class FieldShown(msgspec.Struct, frozen=True):
    """A field with the value that holds. `conflict`: sources disagree and nobody has decided. `decided`: a
    person's word holds."""

    field: str
    value: str
    conflict: bool
    decided: bool
    said: tuple[SaidShown, ...]


class KeyShown(msgspec.Struct, frozen=True):
    """A key by which the item is known."""

    scheme: str
    value: str
    source: str
    last_seen: datetime


class SightingShown(msgspec.Struct, frozen=True):
    """Who sees the item; `missing_since`: who did."""

    source: str
    form: str
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None


class LinkShown(msgspec.Struct, frozen=True):
    """A link to or from another item. `outward`: it begins at the item that is shown. `group`, `needed`: of
    those in the group so many must work."""

    kind: str
    kind_in_words: str
    outward: bool
    id: int
    name: str
    other_kind: str
    group: str
    needed: int | None
    sources: tuple[str, ...]


class ChangeShown(msgspec.Struct, frozen=True):
    """What a discovery found different."""

    discovery: int
    at: datetime
    source: str
    item: int
    name: str
    what: str
    what_in_words: str
    field: str
    before: str
    after: str


class ClashShown(msgspec.Struct, frozen=True):
    """Another item that this one may be one with, since a source knows both by the key."""

    id: int
    name: str
    scheme: str
    value: str
    source: str


class DecisionShown(msgspec.Struct, frozen=True):
    """What a person decided: a field's value, or that `other` is the same thing."""

    id: int
    field: str
    value: str
    other: int | None
    because: str
    decided_at: datetime
    decided_by: str
    undone_at: datetime | None


class ItemShown(msgspec.Struct, frozen=True):
    """One item; with `on`, as it was then. `links`: the first MOST_LINKS, of `links_in_all`."""

    item: ItemRow
    on: datetime | None
    keys: tuple[KeyShown, ...]
    fields: tuple[FieldShown, ...]
    links: tuple[LinkShown, ...]
    links_in_all: int
    sightings: tuple[SightingShown, ...]
    changes: tuple[ChangeShown, ...]
    clashes: tuple[ClashShown, ...]
    decisions: tuple[DecisionShown, ...]


class DiscoveryShown(msgspec.Struct, frozen=True):
    """What one source told at one time, and what had changed. `doubts`: what was left out, in words.
    `finished_at` None: it is being taken in, or was cut off."""

    id: int
    source: str
    form: str
    at: datetime
    items: int
    links: int
    new: int
    gone: int
    changed: int
    doubts: tuple[str, ...]
    by: str
    finished_at: datetime | None


class DiscoveryDetail(msgspec.Struct, frozen=True):
    """One discovery with the first changes, of `changes_in_all`."""

    discovery: DiscoveryShown
    changes: tuple[ChangeShown, ...]
    changes_in_all: int
