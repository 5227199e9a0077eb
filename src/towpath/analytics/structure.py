"""How items hang together: what falls with what, single points, and how often that happens.

An item works while it works itself and every group of items that it needs has enough working members (k of
n). Circles are allowed: what only holds itself up in a circle stands until something in it falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.kernels.compiling import Int8, Int32, Int64, read_only
from towpath.analytics.kernels.falling import FALLEN, UP, WEAKENED, fell_each, spread, walk_down

__all__ = [
    "FALLEN",
    "UP",
    "WEAKENED",
    "Fallen",
    "Needs",
    "Structure",
    "beneath",
    "cascades",
    "fall",
    "single_points",
    "structure_of",
    "topped",
]

MOST_STEPS = 400_000_000
"""Of the walks that look for single points: some seconds."""


@dataclass(frozen=True, eq=False)
class Needs:
    """A row for each need: `item` needs `member`. Rows of one item with the same `group` (0 or more) stand in
    for each other, `needed` of them must work; with group -1 the row stands alone. `common`: share of the
    members' failures that hit the whole group. The same row twice counts once."""

    item: Int64
    member: Int64
    group: Int64
    needed: Int64
    common: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Structure:
    """Items 0 to `size` - 1 and groups. `owner[g]` needs all but `spare[g]` of `members[starts[g] :
    starts[g + 1]]`; `common[g]` as in `Needs`. `of_*`: groups by their owner; `in_*`: groups by their
    member."""

    size: int
    owner: Int32
    spare: Int32
    common: npt.NDArray[np.float64]
    starts: Int64
    members: Int32
    of_starts: Int64
    of_groups: Int32
    in_starts: Int64
    in_groups: Int32


@dataclass(frozen=True, eq=False)
class Fallen:
    """By item: `state` (UP, WEAKENED: it lost some of its redundancy, FALLEN) and `distance`, in steps from
    what fell first, -1 where it stands. By group: members that were `lost`."""

    state: Int8
    distance: Int32
    lost: Int32


def structure_of(size: int, needs: Needs) -> Structure:
    """Raises ValueError for rows that name no item, or an item that needs itself."""
    ends = np.concatenate([needs.item, needs.member])
    if ends.size and (ends.min() < 0 or ends.max() >= size):
        raise ValueError(f"A structure of {size} items: a row names none of them.")
    if np.any(needs.item == needs.member):
        raise ValueError("A structure: an item cannot need itself.")
    alone = needs.group < 0
    label = np.where(alone, needs.member, needs.group)
    order = np.lexsort((needs.member, label, alone, needs.item))
    item, member, label, alone = needs.item[order], needs.member[order], label[order], alone[order]
    begins = np.ones(order.size, np.bool_)
    begins[1:] = (item[1:] != item[:-1]) | (label[1:] != label[:-1]) | (alone[1:] != alone[:-1])
    kept = begins.copy()
    kept[1:] |= member[1:] != member[:-1]
    group = np.cumsum(begins) - 1
    groups = int(group[-1]) + 1 if order.size else 0
    wanted, common = np.ones(groups, np.int64), np.zeros(groups)
    np.maximum.at(wanted, group[~alone], needs.needed[order][~alone])
    np.maximum.at(common, group[~alone], needs.common[order][~alone])
    sizes = np.bincount(group[kept], minlength=groups)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    owner = item[begins]
    return Structure(
        size=size,
        owner=read_only(owner, np.int32),
        spare=read_only(sizes - np.minimum(wanted, sizes), np.int32),
        common=read_only(common, np.float64),
        starts=read_only(starts, np.int64),
        members=read_only(member[kept], np.int32),
        of_starts=read_only(np.searchsorted(owner, np.arange(size + 1)), np.int64),
        of_groups=read_only(np.arange(groups), np.int32),
        in_starts=read_only(np.searchsorted(np.sort(member[kept]), np.arange(size + 1)), np.int64),
        in_groups=read_only(group[kept][np.argsort(member[kept], kind="stable")], np.int32),
    )


def topped(structure: Structure, members: npt.ArrayLike) -> Structure:
    """The same with one item more, the last, which needs every one of `members`."""
    chosen = np.unique(np.asarray(members, np.int64))
    size, groups = structure.size, structure.owner.size
    fresh = groups + np.arange(chosen.size)
    more = np.zeros(size + 1, np.int64)
    more[chosen + 1] = 1
    in_starts = np.append(structure.in_starts + np.cumsum(more), structure.members.size + chosen.size)
    return Structure(
        size=size + 1,
        owner=read_only(np.append(structure.owner, np.full(chosen.size, size)), np.int32),
        spare=read_only(np.append(structure.spare, np.zeros(chosen.size)), np.int32),
        common=read_only(np.append(structure.common, np.zeros(chosen.size)), np.float64),
        starts=read_only(
            np.append(structure.starts, structure.members.size + 1 + np.arange(chosen.size)), np.int64
        ),
        members=read_only(np.append(structure.members, chosen), np.int32),
        of_starts=read_only(np.append(structure.of_starts, groups + chosen.size), np.int64),
        of_groups=read_only(np.arange(groups + chosen.size), np.int32),
        in_starts=read_only(in_starts, np.int64),
        in_groups=read_only(np.insert(structure.in_groups, structure.in_starts[chosen + 1], fresh), np.int32),
    )


def fall(structure: Structure, failed: npt.ArrayLike) -> Fallen:
    """What happens when these items fail at once."""
    size = structure.size
    found = Fallen(
        np.zeros(size, np.int8), np.full(size, -1, np.int32), np.zeros(structure.owner.size, np.int32)
    )
    spread(
        read_only(failed, np.int64),
        structure.owner,
        structure.spare,
        structure.in_starts,
        structure.in_groups,
        found.state,
        found.lost,
        found.distance,
        np.empty(size, np.int32),
    )
    return found


def beneath(structure: Structure, item: int) -> Int32:
    """int32[size]: how many steps below the item each one lies that it needs, itself 0; -1 for the others."""
    distance = np.full(structure.size, -1, np.int32)
    walk_down(
        item,
        structure.of_starts,
        structure.of_groups,
        structure.starts,
        structure.members,
        distance,
        np.empty(structure.size, np.int32),
    )
    return distance


def single_points(structure: Structure, item: int, most: int = MOST_STEPS) -> tuple[Int64, bool]:
    """The items, in order, any of which takes `item` down by failing alone, itself among them; and whether
    all were tried: those nearest to it are tried first, until `most` steps are spent."""
    distance = beneath(structure, item)
    tried = np.flatnonzero(distance >= 0)
    tried = tried[np.argsort(distance[tried], kind="stable")]
    fell = np.zeros(tried.size, np.int64)
    whole = _try_each(structure, tried, fell, top=item, inside=distance >= 0, most=most)
    return np.sort(tried[fell == 1]), whole


def cascades(structure: Structure, items: npt.ArrayLike, most: int = MOST_STEPS) -> tuple[Int64, bool]:
    """int64[items]: how many fall when each of them fails alone, itself counted (0 where it was not tried);
    and whether all were tried within `most` steps."""
    tried = np.asarray(items, np.int64)
    fell = np.zeros(tried.size, np.int64)
    return fell, _try_each(
        structure, tried, fell, top=-1, inside=np.ones(structure.size, np.bool_), most=most
    )


def _try_each(
    structure: Structure, tried: Int64, fell: Int64, *, top: int, inside: npt.NDArray[np.bool_], most: int
) -> bool:
    return bool(
        fell_each(
            read_only(tried, np.int32),
            top,
            read_only(inside, np.bool_),
            structure.owner,
            structure.spare,
            structure.in_starts,
            structure.in_groups,
            most,
            fell,
        )
    )
