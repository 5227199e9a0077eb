"""A graph in layers: what comes first stands above, nothing overlaps, and circles do not matter."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.ui.layers import Layout, in_order, lay_out

NODES = tuple("abcdefg")
WIDE, LABEL, GAP = 100.0, 60.0, 10.0
edges = st.dictionaries(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), st.floats(1, 1000), max_size=24
)


def laid(found: dict[tuple[str, str], float], nodes: tuple[str, ...] = NODES) -> Layout:
    return lay_out(nodes, found, widths=dict.fromkeys(nodes, WIDE), label_width=LABEL, gap=GAP)


@given(edges)
@settings(max_examples=60, deadline=None)
def test_edges_lead_down_but_those_to_an_earlier_node(found: dict[tuple[str, str], float]) -> None:
    layout = laid(found)
    for start, end in layout.edges:
        down = layout.nodes[start].row < layout.nodes[end].row
        assert down == ((start, end) not in layout.back) == (start < end)
    assert set(layout.edges) == {edge for edge in found if edge[0] != edge[1]}


@given(edges)
@settings(max_examples=60, deadline=None)
def test_nothing_overlaps_and_all_is_inside(found: dict[tuple[str, str], float]) -> None:
    layout = laid(found)
    boxes = [(point.row, point.x, WIDE) for point in layout.nodes.values()]
    boxes += [(point.row, point.x, LABEL) for point in layout.labels.values()]
    for row, x, wide in boxes:
        assert 0 <= row < layout.rows
        assert wide / 2 - 1e-6 <= x <= layout.width - wide / 2 + 1e-6
    for row in {box[0] for box in boxes}:
        there = sorted((x, wide) for at, x, wide in boxes if at == row)
        for (x, wide), (after, other) in pairwise(there):
            assert after - x >= (wide + other) / 2 + GAP - 1e-6


@given(edges)
@settings(max_examples=60, deadline=None)
def test_an_edge_has_a_place_in_each_row_between(found: dict[tuple[str, str], float]) -> None:
    layout = laid(found)
    for (start, end), points in layout.edges.items():
        first, last = sorted((layout.nodes[start].row, layout.nodes[end].row))
        assert [point.row for point in points] == list(range(first + 1, last))
        assert layout.labels[start, end] in points
        assert layout.labels[start, end].row % 2 == 1


def test_a_way_with_a_step_back_stands_in_its_order() -> None:
    found = {("d", "b"): 90.0, ("b", "c"): 80.0, ("c", "b"): 30.0, ("c", "a"): 50.0, ("d", "a"): 10.0}
    assert in_order(tuple("abcd"), found, {"d": 100.0}) == ["d", "b", "c", "a"]


def test_parts_that_do_not_hang_together_and_loops_have_an_order_too() -> None:
    found = {("b", "a"): 5.0, ("d", "c"): 5.0, ("c", "c"): 99.0}
    order = in_order(tuple("abcd"), found, {})
    assert order.index("b") < order.index("a")
    assert order.index("d") < order.index("c")


def test_a_straight_way_is_drawn_straight() -> None:
    layout = laid({("a", "b"): 1.0, ("b", "c"): 1.0}, tuple("abc"))
    assert len({round(point.x, 6) for point in layout.nodes.values()}) == 1
    assert laid({}, ()).rows == 0
