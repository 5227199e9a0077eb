"""What several items hang on together."""

from __future__ import annotations

import msgspec

from towpath.estate.schemas.blast import ItemPlace, Unavailable


class Beneath(msgspec.Struct, frozen=True):
    """Of `named` items: `needs`, how many they hang on, themselves counted; the nearest in `beneath`. Of
    those that are all needed: `single_points`, each of which takes one of them down alone, and `unavailable`,
    the share of time in which they do not all work."""

    named: tuple[ItemPlace, ...]
    needs: int
    beneath: tuple[ItemPlace, ...]
    single_points: tuple[ItemPlace, ...]
    all_tried: bool
    unavailable: Unavailable | None
