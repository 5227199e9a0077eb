"""What falls with what: against brute force, and NetworkX where nothing is redundant."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structures import Group, built, fallen_by_hand, structures

from towpath.analytics.structure import (
    FALLEN,
    WEAKENED,
    Needs,
    beneath,
    cascades,
    fall,
    single_points,
    structure_of,
    topped,
)

SOME = settings(deadline=None, max_examples=150)


@SOME
@given(structures(), st.data())
def test_what_falls_is_what_falls_by_hand(given_one: tuple[int, list[Group]], data: st.DataObject) -> None:
    size, groups = given_one
    failed = data.draw(st.lists(st.integers(0, size - 1), max_size=3, unique=True))
    found = fall(built(size, groups), failed)
    assert set(np.flatnonzero(found.state == FALLEN).tolist()) == fallen_by_hand(size, groups, failed)
    assert ((found.distance >= 0) == (found.state == FALLEN)).all()


@SOME
@given(structures())
def test_single_points_are_those_whose_fall_takes_it_down(given_one: tuple[int, list[Group]]) -> None:
    size, groups = given_one
    points, whole = single_points(built(size, groups), 0)
    assert whole
    assert points.tolist() == [each for each in range(size) if 0 in fallen_by_hand(size, groups, [each])]


@SOME
@given(structures())
def test_cascades_count_what_falls_with_each(given_one: tuple[int, list[Group]]) -> None:
    size, groups = given_one
    fell, whole = cascades(built(size, groups), np.arange(size))
    assert whole
    assert fell.tolist() == [len(fallen_by_hand(size, groups, [each])) for each in range(size)]


@SOME
@given(st.integers(2, 30), st.data())
def test_without_redundancy_it_is_reachability(size: int, data: st.DataObject) -> None:
    pair = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(
        lambda each: each[0] != each[1]
    )
    edges = data.draw(st.lists(pair, min_size=1, max_size=60))
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(range(size))
    rows = np.asarray(edges, np.int64).T
    alone = np.full(len(edges), -1)
    found = structure_of(size, Needs(rows[0], rows[1], alone, alone, np.zeros(len(edges))))
    up = np.flatnonzero(fall(found, [0]).state == FALLEN)
    assert set(up.tolist()) == {0} | nx.ancestors(graph, 0)
    lengths = nx.single_source_shortest_path_length(graph, 0)
    assert beneath(found, 0).tolist() == [lengths.get(each, -1) for each in range(size)]


@SOME
@given(structures(), st.data())
def test_an_item_on_top_needs_each_of_its_members(
    given_one: tuple[int, list[Group]], data: st.DataObject
) -> None:
    size, groups = given_one
    place = st.integers(0, size - 1)
    members = data.draw(st.lists(place, max_size=4, unique=True))
    failed = data.draw(st.lists(place, max_size=2, unique=True))
    more = [*groups, *((size, 1, (each,)) for each in members)]
    found = fall(topped(built(size, groups), members), failed)
    assert set(np.flatnonzero(found.state == FALLEN).tolist()) == fallen_by_hand(size + 1, more, failed)
    down = beneath(topped(built(size, groups), members), size)
    assert down.tolist() == beneath(built(size + 1, more), size).tolist()


def test_redundancy_holds_until_too_few_are_left() -> None:
    both = built(4, [(0, 2, (1, 2, 3))])
    one = fall(both, [1])
    assert (one.state[0], one.lost.tolist()) == (WEAKENED, [1])
    assert fall(both, [1, 2]).state[0] == FALLEN
    assert single_points(both, 0)[0].tolist() == [0]


def test_two_sources_that_tell_the_same_need_count_once() -> None:
    twice = [np.asarray(each, np.int64) for each in ([0, 0, 0], [1, 1, 2], [5, 5, 5], [1, 1, 1])]
    found = structure_of(3, Needs(*twice, common=np.zeros(3)))
    assert found.spare.tolist() == [1]
    assert fall(found, [1]).state[0] == WEAKENED


def test_a_circle_stands_until_something_in_it_falls() -> None:
    circle = built(4, [(0, 1, (1,)), (1, 1, (2,)), (2, 1, (0,))])
    assert (fall(circle, []).state == 0).all()
    assert fall(circle, [1]).state.tolist() == [FALLEN, FALLEN, FALLEN, 0]


def test_work_that_would_take_too_long_is_said_to_be_unfinished() -> None:
    chain = built(50, [(each, 1, (each + 1,)) for each in range(49)])
    points, whole = single_points(chain, 0, most=20)
    assert not whole
    assert points.tolist() == list(range(points.size))


@pytest.mark.parametrize(("item", "member"), [(0, 3), (-1, 0), (1, 1)])
def test_rows_that_name_nothing_are_refused(item: int, member: int) -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="structure"):
        structure_of(3, Needs(one * item, one * member, one, one, np.zeros(1)))


def test_a_structure_of_nothing_is_one() -> None:
    none = np.zeros(0, np.int64)
    empty = structure_of(2, Needs(none, none, none, none, np.zeros(0)))
    assert fall(empty, [1]).state.tolist() == [0, FALLEN]
