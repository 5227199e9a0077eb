"""Combinations of values, packed and unpacked."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.improvement.measures.culprits import _cells


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.tuples(*[st.integers(-1, 900) for _column in range(width)]), min_size=1, max_size=40
        )
    )
)
def test_every_row_finds_its_own_combination(rows: list[tuple[int, ...]]) -> None:
    table = np.array(rows, np.int64)
    cells, place = _cells(list(table.T))
    assert (cells[place] == table).all()
    assert len(cells) == len(set(rows))
