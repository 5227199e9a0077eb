"""Shares of what comes in clusters: against Wilson's interval, and by how often the truth is covered."""

from __future__ import annotations

import numpy as np

from towpath.analytics.clustered import clustered_shares
from towpath.analytics.intervals import wilson


def test_clusters_that_are_all_alike_give_wilson_of_all() -> None:
    zero = np.zeros(10, np.int64)
    found = clustered_shares(zero, np.arange(10), np.full(10, 3.0), np.full(10, 30.0), 1)
    told = wilson(30, 300)
    assert np.allclose([found.share[0], found.low[0], found.high[0]], [0.1, told.low, told.high])


def test_clusters_that_are_wholly_one_or_the_other_count_once() -> None:
    hits = np.array([50.0, 0.0] * 10)
    found = clustered_shares(np.zeros(20, np.int64), np.arange(20), hits, np.full(20, 50.0), 1)
    told = wilson(9.5, 19)
    assert np.allclose([found.low[0], found.high[0]], [told.low, told.high])


def test_too_few_clusters_have_no_interval_and_empty_ones_do_not_count() -> None:
    sizes = np.array([10.0] * 4 + [0.0] * 3)
    found = clustered_shares(np.zeros(7, np.int64), np.arange(7), sizes / 5, sizes, 2)
    assert found.clusters.tolist() == [4, 0]
    assert found.share[0] == 0.2
    assert np.isnan([found.low[0], found.high[0], found.share[1], found.low[1]]).all()


def test_the_interval_covers_the_truth_where_days_differ() -> None:
    rng = np.random.default_rng(3)
    held, naive = 0, 0
    for _round in range(400):
        sizes = rng.integers(50, 150, 40).astype(float)
        hits = rng.binomial(sizes.astype(int), rng.beta(4, 36, 40)).astype(float)
        found = clustered_shares(np.zeros(40, np.int64), np.arange(40), hits, sizes, 1)
        held += bool(found.low[0] <= 0.1 <= found.high[0])
        alone = wilson(hits.sum(), sizes.sum())
        naive += bool(alone.low <= 0.1 <= alone.high)
    assert 0.91 <= held / 400 <= 0.985
    assert naive / 400 < 0.85, "calls are not independent, and an interval that says so misses"
