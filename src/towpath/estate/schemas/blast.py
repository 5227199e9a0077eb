"""What hangs on an item, and what it hangs on."""

from __future__ import annotations

import msgspec

from towpath.estate.schemas.carrying import Carrying


class ItemPlace(msgspec.Struct, frozen=True):
    """An item, so many steps away. `by_itself`: its own share of time in which it does not work; `assumed`:
    that is its kind's in the rules, nobody measured it."""

    id: int
    kind: str
    kind_in_words: str
    name: str
    owner: str
    distance: int
    by_itself: float
    assumed: bool


class Weakened(msgspec.Struct, frozen=True):
    """An item that still works, but with less redundancy: of `members` that stand in for each other `left`
    work, and `needed` must."""

    id: int
    kind: str
    kind_in_words: str
    name: str
    members: int
    left: int
    needed: int


class KindCount(msgspec.Struct, frozen=True):
    """How many items of a kind."""

    kind: str
    kind_in_words: str
    count: int


class Unavailable(msgspec.Struct, frozen=True):
    """Share of time in which the item does not work, all that it needs considered; a part used twice counts
    once. `exact`: computed; else drawn, with a 95 % interval. `assumed`: of how many parts the share is an
    assumption of the rules."""

    estimate: float
    low: float
    high: float
    exact: bool
    parts: int
    assumed: int


class BlastShown(msgspec.Struct, frozen=True):
    """If `item` fails: `falls` others fall with it, the nearest in `fallen`; `weakens` lose redundancy, some
    in `weakened`; `carried`: what customers meet through all that falls, None where that is not known.
    It hangs itself on `needs` others, the nearest in `beneath`; each of `single_points` takes it down alone;
    `all_tried`: whether there was time to try them all."""

    item: ItemPlace
    falls: int
    falls_by_kind: tuple[KindCount, ...]
    fallen: tuple[ItemPlace, ...]
    weakens: int
    weakened: tuple[Weakened, ...]
    needs: int
    beneath: tuple[ItemPlace, ...]
    single_points: tuple[ItemPlace, ...]
    all_tried: bool
    unavailable: Unavailable
    carried: Carrying | None
