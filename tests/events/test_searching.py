"""Places among hashes are those that halving finds, however the hashes are spread."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.events.lake.searching import LONG_ROWS, first_places, reckoned_places

HASH = st.integers(0, 2**64 - 1)
CLUMPED = st.one_of(HASH, st.integers(2**63, 2**63 + 99), st.sampled_from([0, 1, 2**64 - 1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(CLUMPED, min_size=1, max_size=200), st.lists(CLUMPED, max_size=20))
def test_reckoning_finds_the_place_that_halving_finds(held: list[int], sought: list[int]) -> None:
    ascending = np.sort(np.array(held, np.uint64))
    wanted = np.array([*sought, *held], np.uint64)

    assert reckoned_places(ascending, wanted).tolist() == np.searchsorted(ascending, wanted).tolist()


def test_in_a_long_run_known_and_new_hashes_find_their_places() -> None:
    chance = np.random.default_rng(7)
    ascending = np.sort(chance.integers(0, 2**64 - 1, LONG_ROWS, np.uint64))
    wanted = np.concatenate([ascending[:: LONG_ROWS // 1000], chance.integers(0, 2**64 - 1, 1000, np.uint64)])

    assert np.array_equal(first_places(ascending, wanted), np.searchsorted(ascending, wanted))
