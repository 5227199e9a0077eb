"""The normal distribution, held against SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import special

from towpath.analytics.normal import Z95, half_width, two_sided


def test_half_widths_are_scipys() -> None:
    levels = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 2_001), 1 - np.logspace(-15, -1, 100)])
    np.testing.assert_allclose(half_width(levels), -special.ndtri((1 - levels) / 2), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose([Z95, half_width(0.95)], special.ndtri(0.975), rtol=1e-15)


def test_the_closest_level_to_one_has_a_finite_width() -> None:
    assert 8 < half_width(np.nextafter(1.0, 0.0)) < 9


def test_tails_are_scipys_and_nan_stays_nan() -> None:
    z = np.concatenate([np.linspace(-9, 9, 1_001), [30.0, np.inf]])
    np.testing.assert_allclose(two_sided(z), special.erfc(np.abs(z) / np.sqrt(2)), rtol=1e-12, atol=0)
    assert np.isnan(two_sided(np.nan))
    assert two_sided(np.empty(0)).shape == half_width(np.empty(0)).shape == (0,)
    assert two_sided(np.zeros((2, 3))).shape == (2, 3)
