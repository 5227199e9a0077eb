"""What falls with an item and what it hangs on, as places in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.availability import Unavailability, unavailability
from towpath.analytics.structure import FALLEN, WEAKENED, beneath, fall, single_points, topped
from towpath.estate.measures.graph import Graph

Int = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Blast:
    """Places in the graph, the nearest first, with how many steps away each lies. `weak`: (place, members,
    left, needed) of the group of it that lost most. `single`: of those beneath, who take it down alone."""

    fallen: Int
    fallen_distance: Int
    weak: list[tuple[int, int, int, int]]
    beneath: Int
    beneath_distance: Int
    single: Int
    all_tried: bool
    share: Unavailability


def blast_of(graph: Graph, place: int) -> Blast:
    """Both ways from the item at that place."""
    structure = graph.structure
    found = fall(structure, [place])
    fallen = np.flatnonzero(found.state == FALLEN)
    down = beneath(structure, place)
    under = np.flatnonzero(down > 0)
    single, whole = single_points(structure, place)
    fallen = fallen[np.argsort(found.distance[fallen], kind="stable")]
    under = under[np.argsort(down[under], kind="stable")]
    return Blast(
        fallen=fallen[fallen != place],
        fallen_distance=found.distance.astype(np.int64),
        weak=_weak(graph, found.state == WEAKENED, found.lost),
        beneath=under,
        beneath_distance=down.astype(np.int64),
        single=single[single != place],
        all_tried=whole,
        share=unavailability(structure, place, graph.own),
    )


def _weak(
    graph: Graph, weakened: npt.NDArray[np.bool_], lost: npt.NDArray[np.int32]
) -> list[tuple[int, int, int, int]]:
    structure = graph.structure
    groups = np.flatnonzero((lost > 0) & weakened[structure.owner])
    sizes = np.diff(structure.starts)[groups]
    needed, left = sizes - structure.spare[groups], sizes - lost[groups]
    found: dict[int, tuple[int, int, int, int]] = {}
    for at in np.argsort(left - needed, kind="stable").tolist():
        owner = int(structure.owner[groups[at]])
        found.setdefault(owner, (owner, int(sizes[at]), int(left[at]), int(needed[at])))
    return list(found.values())


def falls_and_points(graph: Graph, item: int, among: Int) -> tuple[set[int], set[int]]:
    """Of these items (by id): who falls with `item`, and who takes it down alone."""
    place = graph.place_of(item)
    places = np.searchsorted(graph.ids, among)
    known = (places < graph.ids.size) & (graph.ids[np.minimum(places, graph.ids.size - 1)] == among)
    if place is None or not known.any():
        return set(), set()
    state = fall(graph.structure, [place]).state
    falls = among[known][state[places[known]] == FALLEN]
    single = {
        int(each)
        for each, at in zip(among[known], places[known], strict=True)
        if at != place and fall(graph.structure, [int(at)]).state[place] == FALLEN
    }
    return {int(each) for each in falls if each != item}, single


@dataclass(frozen=True, eq=False)
class Together:
    """What several items hang on. `under`: places, the nearest first, the items themselves among them;
    `distance`: by place. Of those that are all needed: `parts`, all that they hang on; `single`, who takes
    one of them down alone; `share`, how often they do not all work, None where none is needed."""

    under: Int
    distance: Int
    parts: Int
    single: Int
    all_tried: bool
    share: Unavailability | None


def together(graph: Graph, needed: Sequence[int], others: Sequence[int]) -> Together:
    """Of the items at these places: all of `needed` must work; `others` only some need."""
    top = graph.structure.size
    distance = beneath(topped(graph.structure, [*needed, *others]), top)[:-1].astype(np.int64)
    under = np.flatnonzero(distance >= 0)
    under = under[np.argsort(distance[under], kind="stable")]
    none = np.zeros(0, np.int64)
    if not needed:
        return Together(under, distance, none, none, all_tried=True, share=None)
    over = topped(graph.structure, needed)
    single, tried = single_points(over, top)
    share = unavailability(over, top, np.append(graph.own, 0.0))
    parts = np.flatnonzero(beneath(over, top)[:-1] >= 0)
    return Together(under, distance, parts, single[single != top], tried, share)
