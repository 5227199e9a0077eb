"""The Mantel-Haenszel risk difference is that of metafor; strata coarsen by exposure alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.strata import coarsened, mantel_haenszel, standardised_to_exposed

BCG = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ]
)
"""Tuberculosis with and without vaccination in 13 trials (Colditz et al. 1994, JAMA 271:698; dat.bcg in R):
vaccinated ill, vaccinated not ill, control ill, control not ill."""

SPARSE = {
    "a": [1, 0, 2, 5, 3, 0],
    "n1": [2, 1, 3, 9, 4, 2],
    "c": [0, 1, 1, 3, 0, 0],
    "n0": [3, 4, 2, 20, 1, 1],
}


def test_it_agrees_with_metafor_on_the_bcg_trials() -> None:
    """R metafor 3.8, rma.mh(measure="RD")."""
    a, well, c, other_well = BCG.T
    found = mantel_haenszel(a, a + well, c, c + other_well)
    assert found.estimate == pytest.approx(-0.0032881818, abs=1e-10)
    assert found.error == pytest.approx(0.0002866567, abs=1e-10)
    assert (found.low, found.high) == (
        pytest.approx(-0.0038500187, abs=1e-10),
        pytest.approx(-0.0027263449, abs=1e-10),
    )
    assert found.p < 1e-20


def test_it_agrees_with_metafor_on_sparse_strata() -> None:
    """R metafor 3.8, rma.mh(measure="RD", add=0, to="none")."""
    found = mantel_haenszel(**SPARSE)
    assert found.estimate == pytest.approx(0.3418604651, abs=1e-10)
    assert found.error == pytest.approx(0.1359702103, abs=1e-10)


def test_a_stratum_with_one_kind_only_changes_nothing() -> None:
    more = {
        key: [*counts, *extra]
        for (key, counts), extra in zip(SPARSE.items(), [(4, 0), (9, 0), (0, 3), (0, 8)], strict=True)
    }
    assert mantel_haenszel(**more) == mantel_haenszel(**SPARSE)
    with pytest.raises(ValueError, match="both exposed and unexposed"):
        mantel_haenszel([1], [2], [0], [0])


def test_no_difference_at_all_is_no_evidence() -> None:
    assert mantel_haenszel([0, 0], [5, 6], [0, 0], [7, 8]).p == 1


def test_the_lost_beyond_expectation_by_hand() -> None:
    """10 exposed of whom 6 were lost, where 2 of 8 unexposed were: 6 - 10 * 2 / 8."""
    lost = standardised_to_exposed(
        *(np.array(x, np.float64) for x in ([6, 3, 0], [10, 4, 0], [2, 0, 1], [8, 0, 5]))
    )
    assert lost.tolist() == [3.5, 0, 0]


def test_sparse_strata_meet_at_the_coarser_level_with_those_that_nobody_needs() -> None:
    #        fine stratum: exposed, unexposed
    layout = {0: (2, 5), 1: (1, 4), 2: (0, 6), 3: (3, 0), 4: (1, 9)}
    coarse_of = np.array([0, 0, 0, 1, 1])
    fine = np.repeat(list(layout), [sum(kinds) for kinds in layout.values()])
    exposed = np.concatenate([np.arange(sum(kinds)) < kinds[0] for kinds in layout.values()])
    stratum = coarsened([fine, coarse_of[fine]], exposed)
    together = [set(stratum[fine == code].tolist()) for code in layout]
    assert all(len(place) == 1 for place in together)
    assert together[1] == together[2]
    assert len({min(place) for place in together}) == 4


def test_it_refuses_levels_that_are_not_nested() -> None:
    exposed = np.array([True, False, False])
    with pytest.raises(ValueError, match="level 0 must each lie within one stratum of level 1"):
        coarsened([np.array([0, 0, 1]), np.array([0, 1, 1])], exposed)
    with pytest.raises(ValueError, match="as long as the units"):
        coarsened([np.array([0])], exposed)
    with pytest.raises(ValueError, match="as long as the units"):
        coarsened([], exposed)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.booleans()), max_size=120), st.permutations(range(12)))
def test_relabelled_strata_give_the_same_partition(units: list[tuple[int, bool]], names: list[int]) -> None:
    fine = np.array([code for code, _ in units], np.int64)
    exposed = np.array([hit for _, hit in units], np.bool_)
    one = coarsened([fine, fine // 3, fine // 6], exposed)
    relabelled = np.array(names)[fine] if len(fine) else fine
    two = coarsened([relabelled * 7 - 40, -(fine // 3), fine // 6], exposed)
    pairs = {*zip(one.tolist(), two.tolist(), strict=True)}
    assert len(pairs) == len({left for left, _ in pairs}) == len({right for _, right in pairs})
    assert set(one.tolist()) == set(range(len(pairs)))
