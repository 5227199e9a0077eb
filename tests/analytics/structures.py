"""Small structures for tests, and what falls in them by brute force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
from hypothesis import strategies as st

from towpath.analytics.structure import Needs, Structure, structure_of

Group = tuple[int, int, tuple[int, ...]]
"""Owner, how many must work, members."""


def built(size: int, groups: Iterable[Group], common: Mapping[int, float] | None = None) -> Structure:
    """`common`: by the group's place."""
    rows = [
        (owner, member, place, needed, (common or {}).get(place, 0.0))
        for place, (owner, needed, members) in enumerate(groups)
        for member in members
    ]
    columns = [np.asarray([row[at] for row in rows], np.int64) for at in range(4)]
    return structure_of(size, Needs(*columns, common=np.asarray([row[4] for row in rows], np.float64)))


def fallen_by_hand(size: int, groups: Iterable[Group], failed: Iterable[int]) -> set[int]:
    """The smallest set that holds `failed` and every item of which a group has too few members left."""
    groups, down = list(groups), set(failed)
    while True:
        more = {
            owner
            for owner, needed, members in groups
            if len([m for m in members if m not in down]) < min(needed, len(members))
        }
        if more <= down:
            return down
        down |= more


def unavailable_by_hand(size: int, groups: list[Group], own: list[float], item: int) -> float:
    """Over all 2 ** size states of the world."""
    share = 0.0
    for state in product((False, True), repeat=size):
        if item in fallen_by_hand(size, groups, [each for each in range(size) if state[each]]):
            share += float(np.prod([own[i] if state[i] else 1 - own[i] for i in range(size)]))
    return share


@st.composite
def structures(draw: st.DrawFn, most: int = 7) -> tuple[int, list[Group]]:
    """Up to `most` items with up to ten groups, circles among them."""
    size = draw(st.integers(2, most))
    groups = []
    for _ in range(draw(st.integers(0, 10))):
        owner = draw(st.integers(0, size - 1))
        others = [each for each in range(size) if each != owner]
        members = draw(st.lists(st.sampled_from(others), min_size=1, max_size=4, unique=True))
        groups.append((owner, draw(st.integers(1, len(members))), tuple(members)))
    return size, groups
