"""The part of the graph around an item as SVG: who needs stands above whom it needs."""

from __future__ import annotations

from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext as _

from towpath.estate.schemas.around import Around, AroundItem, AroundLink
from towpath.foundation.ui.drawing import Drawing, wrap
from towpath.foundation.ui.layers import Layout, lay_out

BOX, HIGH, APART, MARGIN = 148, 46, 40, 12


def draw_around(around: Around, depth: int = 1) -> str:
    """The picture; each box leads to its item's own page."""
    by_id = {str(each.id): each for each in around.items}
    order = [str(each.id) for each in sorted(around.items, key=lambda one: (one.layer, one.name))]
    edges = {(str(each.upper), str(each.lower)): each for each in around.links}
    layout = lay_out(
        order,
        dict.fromkeys(edges, 1.0),
        widths=dict.fromkeys(order, BOX),
        label_width=18,
        gap=16,
    )
    drawing = Drawing(standalone=False)
    for pair, link in edges.items():
        if pair in layout.edges:
            _line(drawing, layout, pair, link, by_id)
    for name in order:
        _box(drawing, layout, name, by_id[name], middle=by_id[name].id == around.item, depth=depth)
    rows = (layout.rows + 1) // 2
    wide, high = layout.width + 2 * MARGIN, rows * HIGH + (rows - 1) * APART + 2 * MARGIN
    return drawing.svg(wide, high, _("What is linked with it: who needs stands above whom it needs"))


def _top(row: int) -> float:
    return MARGIN + row / 2 * (HIGH + APART)


def _box(drawing: Drawing, layout: Layout, name: str, item: AroundItem, *, middle: bool, depth: int) -> None:
    place = layout.nodes[name]
    x, y = MARGIN + place.x - BOX / 2, _top(place.row)
    address = reverse("estate:graph", args=[item.id]) + f"?depth={depth}"
    edge = "canal" if middle else "harm" if item.falls else "warn" if item.single else "edge"
    told = _told(item)
    drawing.link(address, f"{item.name}, {item.kind_in_words}")
    drawing.rect(
        x, y, BOX, HIGH, told, rx=8, fill="canal-soft" if middle else "card", stroke=edge,
        stroke_width=2 if middle or item.falls or item.single else 1,
    )  # fmt: skip
    line = wrap(item.name, BOX - 18, 13, lines=1, bold=True)[0]
    drawing.text(x + 9, y + 19, line, font_weight=600)
    more = f" · +{item.more}" if item.more else ""
    drawing.text(
        x + 9, y + 36, wrap(item.kind_in_words, BOX - 44, 12, lines=1)[0] + more, fill="mute", size=12
    )
    drawing.close_link(address)


def _told(item: AroundItem) -> str:
    parts = [item.name, item.kind_in_words]
    parts += [_("falls with it")] if item.falls else []
    parts += [_("takes it down alone")] if item.single else []
    return " · ".join(parts)


def _line(
    drawing: Drawing, layout: Layout, pair: tuple[str, str], link: AroundLink, by_id: dict[str, AroundItem]
) -> None:
    """From the lower edge of who needs to the upper edge of what it needs."""
    start, end = layout.nodes[pair[0]], layout.nodes[pair[1]]
    back = pair in layout.back
    via = layout.edges[pair][:: -1 if back else 1]
    points = [(MARGIN + start.x, _top(start.row) + (0 if back else HIGH))]
    points += [(MARGIN + each.x, _top(each.row) + HIGH / 2) for each in via]
    points += [(MARGIN + end.x, _top(end.row) + (HIGH if back else 0))]
    way = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (y0 + y1) / 2
        way += f" C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}"
    told = f"{by_id[pair[0]].name} → {by_id[pair[1]].name}: {link.kind_in_words}"
    if link.group and link.needed:
        told += " · " + _("%(needed)s of the group %(group)s needed") % {
            "needed": link.needed,
            "group": link.group,
        }
    dashes = "5 4" if link.group else None
    drawing.add(
        "path", "", told, d=way, fill="none", stroke="edge", stroke_width=1.4, stroke_dasharray=dashes
    )
