"""A layered picture of a graph: nodes in rows by how far along they are, edges downward between them.

After Sugiyama, Tagawa and Toda (1981): edges that would close a circle are turned round, every edge gets
a place of its own in each row that it crosses, and rows are ordered so that few edges cross. Between two rows
of nodes lies a row of labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Edge = tuple[str, str]
SWEEPS = 16
ALIGNMENTS = 24
LOOSE = 1e-6
"""How weakly everything is held at one place, so that parts that do not hang together rest too."""


@dataclass(frozen=True)
class Point:
    """A place: the middle of a node or label across, and its row from 0 (nodes in even rows)."""

    x: float
    row: int


@dataclass(frozen=True)
class Layout:
    """`nodes` and `edges` hold places, those of an edge from its upper node to its lower one, both left out.

    `labels`: the place of each edge's label. `back`: edges that lead upward. `width`: of the whole; `rows`:
    how many there are.
    """

    nodes: dict[str, Point]
    edges: dict[Edge, list[Point]]
    labels: dict[Edge, Point]
    back: frozenset[Edge]
    width: float
    rows: int


@dataclass
class _Item:
    """A node or an edge's place in a row. `weight`: how much it pulls its neighbours into line."""

    name: str
    row: int
    width: float
    x: float = 0.0


def lay_out(
    nodes: Sequence[str],
    edges: Mapping[Edge, float],
    *,
    widths: Mapping[str, float],
    label_width: float,
    gap: float = 14.0,
) -> Layout:
    """Places for all nodes and edges; loops (from a node to itself) get none.

    `nodes`: in the order in which they come; edges that lead to an earlier one lead upward. `edges`: how
    heavy each is. `widths`: of the nodes.
    """
    wanted = {edge: weight for edge, weight in edges.items() if edge[0] != edge[1]}
    place = {node: index for index, node in enumerate(nodes)}
    back = frozenset(edge for edge in wanted if place[edge[0]] > place[edge[1]])
    downward = {edge: (edge[::-1] if edge in back else edge) for edge in wanted}
    rows_of = _rows(nodes, list(downward.values()))
    items, chains, labels = _items(nodes, downward, rows_of, widths, label_width)
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    rows = _ordered_rows(items, links)
    _align(rows, links, gap)
    _mirror(rows)
    left = min((item.x - item.width / 2 for item in items.values()), default=0.0)
    right = max((item.x + item.width / 2 for item in items.values()), default=0.0)
    places = {name: Point(item.x - left, item.row) for name, item in items.items()}
    return Layout(
        nodes={node: places[node] for node in nodes},
        edges={edge: [places[name] for name in chain[1:-1]] for edge, chain in chains.items()},
        labels={edge: places[name] for edge, name in labels.items()},
        back=back,
        width=right - left,
        rows=len(rows),
    )


def in_order(nodes: Sequence[str], edges: Mapping[Edge, float], starts: Mapping[str, float]) -> list[str]:
    """Nodes by how far along they lie, where nothing else says it. `starts`: how many begin at a node.

    Every edge is a spring that wants its end one place after its start, as strong as it is heavy; the places
    are where all springs rest (SpringRank: De Bacco, Larremore and Moore, 2018).
    """
    place = {node: index for index, node in enumerate(nodes)}
    pull = np.zeros((len(nodes) + 1, len(nodes) + 1))
    for (start, end), weight in edges.items():
        if start != end:
            pull[place[start], place[end]] += weight
    for node, weight in starts.items():
        if node in place:
            pull[-1, place[node]] += weight
    both = pull + pull.T
    springs = np.diag(both.sum(axis=1)) - both + np.eye(len(both)) * both.max(initial=1.0) * LOOSE
    rest = np.linalg.solve(springs, pull.sum(axis=0) - pull.sum(axis=1))
    return sorted(nodes, key=lambda node: (round(float(rest[place[node]]), 9), place[node]))


def _rows(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Each node's row: two below the lowest of those that lead to it."""
    before = defaultdict(list)
    for start, end in edges:
        before[end].append(start)
    rows: dict[str, int] = {}

    def row(node: str) -> int:
        if node not in rows:
            rows[node] = max((row(each) + 2 for each in before[node]), default=0)
        return rows[node]

    for node in nodes:
        row(node)
    return rows


def _items(
    nodes: Sequence[str],
    downward: Mapping[Edge, Edge],
    rows_of: Mapping[str, int],
    widths: Mapping[str, float],
    label_width: float,
) -> tuple[dict[str, _Item], dict[Edge, list[str]], dict[Edge, str]]:
    """Items by name, those along each edge from its upper to its lower node, and which one is its label."""
    items = {node: _Item(node, rows_of[node], widths[node]) for node in nodes}
    chains, labels = {}, {}
    for number, (edge, (upper, lower)) in enumerate(downward.items()):
        between = range(rows_of[upper] + 1, rows_of[lower])
        middle = between[len(between) // 2 // 2 * 2]
        names = []
        for row in between:
            name = f"{number}\0{row}"
            items[name] = _Item(name, row, label_width if row == middle else label_width / 6)
            names.append(name)
        chains[edge] = [upper, *names, lower]
        labels[edge] = f"{number}\0{middle}"
    return items, chains, labels


def _ordered_rows(items: Mapping[str, _Item], links: Sequence[tuple[str, str]]) -> list[list[_Item]]:
    """Rows ordered by the mean place of their neighbours, sweeping down and up; the best order is kept."""
    rows: list[list[_Item]] = [[] for _row in range(1 + max((i.row for i in items.values()), default=-1))]
    for item in items.values():
        rows[item.row].append(item)
    above, below = _neighbours(links)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(SWEEPS):
        near = below if sweep % 2 else above
        for row in reversed(rows) if sweep % 2 else rows:
            place = {item.name: index for each in rows for index, item in enumerate(each)}
            row.sort(key=lambda item: _mean([place[n] for n in near[item.name]], place[item.name]))
        found = _crossings(rows, below)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _neighbours(links: Sequence[tuple[str, str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(rows: Sequence[Sequence[_Item]], below: Mapping[str, list[str]]) -> int:
    count = 0
    for row, under in pairwise(rows):
        place = {item.name: index for index, item in enumerate(under)}
        ends = [sorted(place[n] for n in below.get(item.name, ())) for item in row]
        flat = [end for group in ends for end in group]
        count += sum(one > other for i, one in enumerate(flat) for other in flat[i + 1 :])
    return count


def _align(rows: Sequence[Sequence[_Item]], links: Sequence[tuple[str, str]], gap: float) -> None:
    """Move every item towards the mean of its neighbours, as near as its row's order and room allow."""
    for row in rows:
        at = 0.0
        for item in row:
            item.x = at + item.width / 2
            at += item.width + gap
        for item in row:
            item.x -= at / 2
    above, below = _neighbours(links)
    by_name = {item.name: item for row in rows for item in row}
    for turn in range(ALIGNMENTS):
        last = turn >= ALIGNMENTS / 2
        for row in reversed(rows) if turn % 2 else rows:
            for_row: Callable[[str], list[str]] = lambda name: (  # noqa: E731
                above[name] + below[name] if last else (below if turn % 2 else above)[name]  # noqa: B023
            )
            wanted = [_mean([by_name[n].x for n in for_row(item.name)], item.x) for item in row]
            for item, x in zip(row, _spaced(wanted, [item.width for item in row], gap), strict=True):
                item.x = x


def _mirror(rows: Sequence[Sequence[_Item]]) -> None:
    """Begin on the left half, where reading begins and narrow screens look first."""
    everything = [item.x for row in rows for item in row]
    if everything and _mean([item.x for item in rows[0]], 0.0) > (min(everything) + max(everything)) / 2:
        for row in rows:
            for item in row:
                item.x = -item.x


def _spaced(wanted: Sequence[float], widths: Sequence[float], gap: float) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep order and distance."""
    offsets, at = [], 0.0
    for index, width in enumerate(widths):
        at += (widths[index - 1] + width) / 2 + gap if index else 0.0
        offsets.append(at)
    blocks: list[tuple[float, int]] = []
    for x, offset in zip(wanted, offsets, strict=True):
        mean, size = x - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        blocks.append((mean, size))
    flat = [mean for mean, size in blocks for _each in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]
