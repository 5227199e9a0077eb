"""Items as lists show them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Which = Literal["all", "here", "gone", "unowned", "unmanaged", "conflicts"]


class WantedItems(msgspec.Struct, frozen=True):
    """Which items; empty fields let everything through. `q`: begun words of name or identity. `after`: where
    the page before ended, as its `next` says."""

    q: str = ""
    kind: str = ""
    owner: str = ""
    source: str = ""
    which: Which = "here"
    after: str = ""


class ItemRow(msgspec.Struct, frozen=True):
    """An item as it stands. `sources`: who sees it now."""

    id: int
    kind: str
    kind_in_words: str
    name: str
    owner: str
    lifecycle: str
    sources: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    gone_since: datetime | None


class ItemList(msgspec.Struct, frozen=True):
    """One page of items, by name. `next`: for `after` of the next page, "" at the end."""

    items: tuple[ItemRow, ...]
    next: str
