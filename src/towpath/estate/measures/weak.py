"""Single points beneath several items at once, each with what it takes down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.structure import FALLEN, MOST_STEPS, fall, single_points
from towpath.estate.measures.graph import Graph

MOST_TOPS = 2_000
MOST_ALIKE = 100
"""Single points of the same tops among which we look who falls with whom."""


@dataclass(frozen=True)
class Alone:
    """`place` takes down `tops` by failing alone; `between` fall with it and take down the same tops."""

    place: int
    tops: tuple[int, ...]
    between: tuple[int, ...]


def standing_alone(graph: Graph, tops: Sequence[int], kinds: Collection[str]) -> tuple[list[Alone], bool]:
    """Items of these kinds that take one of the items at `tops` (places) down alone; and whether all were
    tried."""
    wanted = np.isin(graph.kinds, [at for at, kind in enumerate(graph.kind_names) if kind in kinds])
    under: dict[int, list[int]] = defaultdict(list)
    whole = len(tops) <= MOST_TOPS
    chosen = tops[:MOST_TOPS]
    for top in chosen:
        single, tried = single_points(graph.structure, top, MOST_STEPS // len(chosen))
        whole &= tried
        for place in single[wanted[single]].tolist():
            if place != top:
                under[place].append(top)
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, mine in sorted(under.items()):
        groups[tuple(mine)].append(place)
    return [each for mine, places in groups.items() for each in _roots(graph, mine, places)], whole


def _roots(graph: Graph, tops: tuple[int, ...], places: Sequence[int]) -> list[Alone]:
    """Those that fall with none of the others; in a circle, the first."""
    tried = np.asarray(places[:MOST_ALIKE], np.int64)
    takes = [fall(graph.structure, [place]).state[tried] == FALLEN for place in tried]
    found: list[Alone] = []
    inside: set[int] = set()
    order = sorted(range(tried.size), key=lambda at: (-int(takes[at].sum()), at))
    for at in order:
        if at not in inside:
            beside = [n for n in np.flatnonzero(takes[at]).tolist() if n != at]
            inside.update(beside)
            found.append(Alone(int(tried[at]), tops, tuple(tried[beside].tolist())))
    return [*found, *(Alone(place, tops, ()) for place in places[MOST_ALIKE:])]
