"""A part of the graph around one item, as pictures and tables show it."""

from __future__ import annotations

import msgspec


class AroundItem(msgspec.Struct, frozen=True):
    """`distance` from the item in the middle. `layer`: its row. `more`: how many linked items are not shown.
    `falls`: it falls with the item in the middle; `single`: it takes that one down alone."""

    id: int
    kind: str
    kind_in_words: str
    name: str
    layer: int
    distance: int
    more: int
    falls: bool
    single: bool


class AroundLink(msgspec.Struct, frozen=True):
    """`upper` needs `lower`."""

    upper: int
    lower: int
    kind: str
    kind_in_words: str
    group: str
    needed: int | None


class Around(msgspec.Struct, frozen=True):
    """What lies within `depth` steps of an item, at most `most` items, the nearest first. `left_out`: whether
    there are more. `kinds`: which are shown, all where empty."""

    item: int
    depth: int
    most: int
    left_out: bool
    kinds: tuple[str, ...]
    items: tuple[AroundItem, ...]
    links: tuple[AroundLink, ...]
