"""Weak spots of the estate: what has no stand-in, and what nobody looks after."""

from __future__ import annotations

import msgspec

from towpath.estate.schemas.blast import ItemPlace


class StandsAlone(msgspec.Struct, frozen=True):
    """`item` takes down each of `falls` by failing alone. `between`: other single things that fall with it
    and take down just the same: they need no finding of their own."""

    item: ItemPlace
    falls: tuple[str, ...]
    between: tuple[str, ...]


class StandingAlone(msgspec.Struct, frozen=True):
    """`all_tried`: whether there was time to try everything."""

    items: tuple[StandsAlone, ...]
    all_tried: bool


class Unmanaged(msgspec.Struct, frozen=True):
    """`count` items are seen and managed by nobody, the latest found in `items`; `falls`: names of what falls
    with these."""

    count: int
    items: tuple[ItemPlace, ...]
    falls: tuple[str, ...]
