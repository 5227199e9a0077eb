"""Exact quantiles against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.kernels.quantiles import durations
from towpath.analytics.kernels.selection import at_ranks

NUMBERS = st.one_of(
    st.integers(0, 5), st.integers(-(1 << 60), 1 << 60), st.integers(1 << 40, (1 << 40) + 99_999)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=60), st.data())
def test_the_value_at_a_rank_is_the_sorted_one(numbers: list[int], data: st.DataObject) -> None:
    ranks = sorted(data.draw(st.sets(st.integers(0, len(numbers) - 1), min_size=1, max_size=9)))
    assert at_ranks(np.asarray(numbers), ranks) == {rank: sorted(numbers)[rank] for rank in ranks}


@pytest.mark.parametrize("scale", [0, 1, 1e3, 1e12])
def test_quantiles_agree_with_numpy(scale: float) -> None:
    values = np.random.default_rng(4).exponential(scale or 1, 9_999).astype(np.int64) * bool(scale)
    shares = (0.0, 0.01, 0.1, 0.5, 0.77, 0.999, 1.0)
    found = durations(values, shares)
    assert [seconds for _, seconds in found.quantiles] == pytest.approx(np.quantile(values, shares) / 1e6)
    assert found.median_seconds == pytest.approx(np.median(values) / 1e6)
    assert found.count == 9_999


def test_no_durations_have_no_quantiles() -> None:
    assert durations(np.empty(0, np.int64), (0.5,)).quantiles == ()
