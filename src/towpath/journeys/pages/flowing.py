"""The flow as one picture: what follows what, downward, each connection with its count and its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from towpath.foundation.ui.drawing import Drawing, text_width, wrap
from towpath.foundation.ui.figures import duration, number
from towpath.foundation.ui.layers import Layout, Point, lay_out
from towpath.journeys.schemas.paths import Edge

Place = tuple[float, float]
NODE_WIDTH, NODE_HEIGHT = 196.0, 46.0
LABEL_WIDTH, BETWEEN = 84.0, 74.0
MARGIN = 16.0
LOOP = 92.0
"""Room beside a node for a connection to itself, with its label."""
THINNEST, THICKEST = 1.4, 7.0
TOUCH = 14.0
"""Width of the line that can be pointed at."""


@dataclass(frozen=True)
class Picture:
    """What is drawn: activities in their order, the edges shown, and where the people behind each are.

    `visits`: how often each activity was come to, by edges that are not shown too. `inside`: activities of
    our side.
    """

    activities: Sequence[str]
    names: Mapping[str, str]
    edges: Sequence[Edge]
    visits: Mapping[str, int]
    ends: Mapping[str, int]
    inside: frozenset[str]
    address: Callable[[Edge], str]


@dataclass(frozen=True)
class _Placed:
    """The layout, and the middle of each node in it."""

    layout: Layout
    at: Mapping[str, Place]


def draw_flow(picture: Picture) -> str:
    """The picture as SVG text; colours follow the page."""
    shown = {key for edge in picture.edges for key in (edge.from_, edge.to)}
    nodes = [key for key in picture.activities if key in shown]
    loops = {edge.to for edge in picture.edges if edge.from_ == edge.to}
    layout = lay_out(
        nodes,
        {(edge.from_, edge.to): float(edge.count) for edge in picture.edges},
        widths={node: NODE_WIDTH + (LOOP if node in loops else 0.0) for node in nodes},
        label_width=LABEL_WIDTH,
    )
    at = {key: _place(point, LOOP if key in loops else 0.0) for key, point in layout.nodes.items()}
    placed = _Placed(layout, at)
    drawing = Drawing(standalone=False)
    most = max((edge.count for edge in picture.edges), default=1)
    for edge in sorted(picture.edges, key=lambda edge: edge.count):
        wide = THINNEST + (THICKEST - THINNEST) * (edge.count / most) ** 0.5
        _edge(drawing, picture, placed, edge, wide)
    for node in nodes:
        _node(drawing, picture, at[node], node)
    height = 2 * MARGIN + _top(layout.rows - 1) + NODE_HEIGHT
    return drawing.svg(layout.width + 2 * MARGIN, height, _("What follows what"))


def told(picture: Picture, edge: Edge) -> str:
    """An edge in words."""
    return _("%(source)s → %(target)s: %(count)s times, median %(time)s") % {
        "source": picture.names.get(edge.from_, edge.from_),
        "target": picture.names.get(edge.to, edge.to),
        "count": number(edge.count),
        "time": duration(edge.median_seconds),
    }


def _top(row: int) -> float:
    """The upper edge of a row: nodes in even rows, labels between."""
    return row // 2 * (NODE_HEIGHT + BETWEEN) + (NODE_HEIGHT if row % 2 else 0.0)


def _place(point: Point, beside: float = 0.0) -> Place:
    """The middle of a node or label, with so much room left free to its right."""
    height = BETWEEN if point.row % 2 else NODE_HEIGHT
    return MARGIN + point.x - beside / 2, MARGIN + _top(point.row) + height / 2


def _node(drawing: Drawing, picture: Picture, place: Place, key: str) -> None:
    x, y = place
    left, top = x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2
    name = picture.names.get(key, key)
    ground = "chip" if key in picture.inside else "card"
    arrived = picture.visits.get(key, 0)
    ended = picture.ends.get(key, 0)
    drawing.rect(left, top, NODE_WIDTH, NODE_HEIGHT, name, rx=10, fill=ground, stroke="edge")
    for line in wrap(name, NODE_WIDTH - 16, 12, lines=1, bold=True):
        drawing.text(x, top + 19, line, size=12, font_weight=600, text_anchor="middle")
    under = _("%(count)s times") % {"count": number(arrived)}
    if ended:
        under = _("%(times)s · %(ended)s end here") % {"times": number(arrived), "ended": number(ended)}
    for line in wrap(under, NODE_WIDTH - 14, 11, lines=1):
        drawing.text(x, top + 36, line, size=11, fill="mute", text_anchor="middle")


def _edge(drawing: Drawing, picture: Picture, placed: _Placed, edge: Edge, wide: float) -> None:
    pair = (edge.from_, edge.to)
    address = picture.address(edge)
    drawing.link(address, told(picture, edge))
    if pair[0] == pair[1]:
        path, label, head = _loop(placed.at[pair[0]])
        colour = "warn"
    else:
        path, head = _curve(placed, pair)
        label = _place(placed.layout.labels[pair])
        colour = "warn" if pair in placed.layout.back else "canal-water"
    dashes = "6 4" if colour == "warn" else None
    drawing.add(
        "path", "", told(picture, edge), d=path, fill="none", stroke=colour, stroke_width=wide,
        stroke_dasharray=dashes, class_="edge",
    )  # fmt: skip
    drawing.add(
        "path", d=path, fill="none", stroke="ink", stroke_opacity=0.0, stroke_width=TOUCH, class_="touch"
    )
    drawing.add("path", d=head, fill=colour, class_="head")
    x, y = label
    anchor = "start" if pair[0] == pair[1] else "middle"
    _label(drawing, (x, y), (number(edge.count), duration(edge.median_seconds)), anchor)
    drawing.close_link(address)


def _label(drawing: Drawing, place: Place, lines: tuple[str, str], anchor: str) -> None:
    """Count and time on a ground of their own, so that they stay readable on a line."""
    x, y = place
    wide = max(text_width(lines[0], 12, bold=True), text_width(lines[1], 11)) + 6
    drawing.rect(
        x - (3 if anchor == "start" else wide / 2), y - 14, wide, 30, rx=4, fill="card", opacity=0.88
    )
    drawing.text(x, y - 2, lines[0], size=12, font_weight=600, text_anchor=anchor)
    drawing.text(x, y + 12, lines[1], size=11, fill="mute", text_anchor=anchor)


def _curve(placed: _Placed, pair: tuple[str, str]) -> tuple[str, str]:
    """The line of an edge between two nodes, and its head: at the lower node, or for one that leads back at
    the upper."""
    layout, at = placed.layout, placed.at
    back = pair in layout.back
    upper, lower = (pair[1], pair[0]) if back else pair
    start, end = at[upper], at[lower]
    between = [place for point in layout.edges[pair] for place in _through(point)]
    nudge = _nudged(start[0], between[0][0]), _nudged(end[0], between[-1][0])
    points = [(nudge[0], start[1] + NODE_HEIGHT / 2), *between, (nudge[1], end[1] - NODE_HEIGHT / 2)]
    line = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (nx, ny) in pairwise(points):
        half = (ny - y) / 2
        line += f" C{x:.1f} {y + half:.1f} {nx:.1f} {ny - half:.1f} {nx:.1f} {ny:.1f}"
    x, y = points[0] if back else points[-1]
    tip = 8 if back else -8
    return line, f"M{x:.1f} {y:.1f} l-4.5 {tip} h9 Z"


def _through(point: Point) -> list[Place]:
    """Straight past a row of nodes, so that no line runs behind one that it does not belong to."""
    x, y = _place(point)
    if point.row % 2:
        return [(x, y)]
    return [(x, y - NODE_HEIGHT / 2), (x, y + NODE_HEIGHT / 2)]


def _nudged(node: float, towards: float) -> float:
    """Where an edge meets its node: a little towards where it comes from."""
    most = NODE_WIDTH / 2 - 14
    return node + max(-most, min(most, (towards - node) * 0.45))


def _loop(place: Place) -> tuple[str, Place, str]:
    """A circle beside the node, the place of its label, and its head."""
    x, y = place
    right = x + NODE_WIDTH / 2
    out = right + 34
    line = (
        f"M{right:.1f} {y - 11:.1f} C{out:.1f} {y - 24:.1f} {out:.1f} {y + 24:.1f} {right:.1f} {y + 11:.1f}"
    )
    return line, (right + 28, y), f"M{right:.1f} {y + 11:.1f} l9 -6 v9 Z"
