"""Segments against the rest: counts, selection as one family, intervals adjusted for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.intervals import newcombe
from towpath.analytics.segments import (
    SegmentRow,
    bin_numeric,
    compare,
    finish,
    merge,
    partial,
    select,
)

NAMES = ("web", "phone", "app", "shop")
entities = st.lists(st.tuples(st.integers(-1, 3), st.booleans()), max_size=200)


def arrays(people: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([code for code, _ in people], np.int64), np.array([hit for _, hit in people], np.bool_)


def population(counts: dict[int, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Entities of segments given as code: (converted, size)."""
    codes = np.repeat(list(counts), [size for _, size in counts.values()])
    hits = np.concatenate([np.arange(size) < converted for converted, size in counts.values()])
    return codes, hits


def by_name(rows: list[SegmentRow]) -> dict[str, SegmentRow]:
    return {row.name: row for row in rows}


def test_a_segment_that_converts_worse_is_found_with_its_interval() -> None:
    rows = by_name(compare(*population({0: (600, 1000), 1: (120, 300), 2: (240, 400)}), NAMES))
    phone = rows["phone"]
    assert (phone.size, phone.converted, phone.rest_size, phone.rest_converted) == (300, 120, 1400, 840)
    assert phone.rate == pytest.approx(0.4)
    assert phone.difference == pytest.approx(0.4 - 0.6)
    assert (phone.low, phone.high) == newcombe(120, 300, 840, 1400)
    assert phone.selected
    assert "shop" not in rows


def test_the_adjusted_interval_has_the_level_of_the_false_coverage_rate() -> None:
    rows = compare(*population({0: (2500, 5000), 1: (500, 1000), 2: (500, 1000), 3: (430, 1000)}), NAMES)
    chosen = [row for row in rows if row.selected]
    assert [row.name for row in chosen] == ["shop"]
    expected = newcombe(430, 1000, 3500, 7000, 1 - 0.05 / 4)
    shop = chosen[0]
    assert (shop.adjusted_low, shop.adjusted_high) == expected
    assert shop.low is not None
    assert expected.low < shop.low


def test_what_is_not_selected_has_no_adjusted_interval() -> None:
    rows = compare(*population({0: (500, 1000), 1: (501, 1000)}), NAMES)
    assert [(row.selected, row.adjusted_low, row.adjusted_high) for row in rows] == [(False, None, None)] * 2


@pytest.mark.parametrize(
    ("counts", "little"),
    [
        ({0: (15, 29), 1: (500, 1000)}, [True, True]),
        ({0: (15, 30), 1: (500, 1000)}, [False, False]),
        ({0: (0, 100), 1: (40, 900)}, [True, True]),
        ({0: (0, 100), 1: (50, 900)}, [False, False]),
        ({0: (0, 400), 1: (0, 400)}, [True, True]),
        ({0: (400, 400)}, [True]),
    ],
)
def test_it_says_too_little_data_instead_of_a_number(
    counts: dict[int, tuple[int, int]], little: list[bool]
) -> None:
    rows = compare(*population(counts), NAMES)
    assert [row.too_little_data for row in rows] == little
    assert [row.rate is None and row.p is None and row.q is None for row in rows] == little


def test_too_little_data_does_not_enlarge_the_family() -> None:
    with_tiny = compare(*population({0: (500, 1000), 1: (440, 1000), 2: (4, 8), 3: (3, 6)}), NAMES)
    tested = [row for row in with_tiny if row.p is not None]
    assert len(tested) == 2
    assert [row.q for row in tested] == pytest.approx([max(row.p for row in tested if row.p is not None)] * 2)


def test_several_segmentations_are_selected_as_one_family() -> None:
    one = compare(*population({0: (500, 1000), 1: (455, 1000)}), NAMES)
    assert [row.selected for row in one] == [True, True]
    dull = compare(*population({0: (500, 1000), 1: (500, 1000), 2: (501, 1000), 3: (499, 1000)}), NAMES)
    together = select([*one, *dull, *dull], 0.05)
    assert not any(row.selected for row in together)
    assert all(row.adjusted_low is None for row in together)
    assert select(together[:2]) == one


def test_unknown_segments_are_left_out_of_the_rest_too() -> None:
    codes, hits = population({-1: (0, 500), 0: (60, 100), 1: (50, 100)})
    assert [row.rest_size for row in compare(codes, hits, NAMES)] == [100, 100]


@settings(max_examples=60, deadline=None)
@given(st.lists(entities, max_size=4))
def test_partials_add_whatever_the_order_of_their_names(parts: list[list[tuple[int, bool]]]) -> None:
    whole = partial(*arrays([person for part in parts for person in part]), NAMES)
    turned = [
        partial(*arrays([(3 - c if c >= 0 else c, hit) for c, hit in part]), NAMES[::-1]) for part in parts
    ]
    assert by_name(finish(merge(turned))) == by_name(finish(whole))


def test_it_refuses_codes_and_names_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="code 4 has no name"):
        compare(np.array([4]), np.array([True]), NAMES)
    with pytest.raises(ValueError, match="names repeat"):
        compare(np.array([0]), np.array([True]), ("a", "a"))
    with pytest.raises(ValueError, match="one length"):
        compare(np.array([0]), np.array([True, False]), NAMES)


def test_numbers_fall_into_groups_with_readable_labels() -> None:
    bins = bin_numeric(np.random.default_rng(1).gamma(2, 300, 10_000))
    assert bins.names == ("up to 300", "over 300 up to 500", "over 500 up to 800", "over 800")
    assert np.bincount(bins.codes).min() > 2000


def test_equal_values_stay_together_and_nan_is_in_no_group() -> None:
    bins = bin_numeric([0, 0, 0, 0, 0, 0, 1, 2, float("nan")])
    assert bins.codes.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, -1]
    assert bins.names == ("up to 0", "over 0")
    assert bin_numeric([7, 7]).names == ("7",)
    assert bin_numeric([]).codes.tolist() == []
    with pytest.raises(ValueError, match="two groups"):
        bin_numeric([1, 2], 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9) | st.integers(-5, 5).map(float), max_size=50), st.integers(2, 6))
def test_groups_ascend_with_the_values_and_each_has_a_name(values: list[float], groups: int) -> None:
    bins = bin_numeric(values, groups)
    assert len(bins.names) == len(bins.edges) + 1 <= groups
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(bins.codes[order]) >= 0)
    if values:
        assert set(bins.codes.tolist()) >= {len(bins.names) - 1}
        assert len(set(bins.names)) == len(bins.names)
