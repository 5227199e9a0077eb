"""Quasi-Poisson regression with a log link, by iteratively reweighted least squares.

Weeks that were outbreaks themselves are weighed down by their Anscombe residuals (Farrington et al. 1996,
JRSS A 159:547; threshold 2.58 as in Noufaily et al. 2013, Statistics in Medicine 32:1206).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ROUNDS, _CLOSE = 60, 1e-10
_SMALLEST_ETA = -30.0
_OUTLIER = 2.58


@dataclass(frozen=True, eq=False)
class Fit:
    """`beta` float64[k], its `covariance` float64[k, k] (times the dispersion already), `mu` float64[n], the
    diagonal of the hat matrix `leverage` float64[n], dispersion `phi` of at least 1."""

    beta: Floats
    covariance: Floats
    mu: Floats
    leverage: Floats
    phi: float
    free: int

    def z_of(self, column: int) -> float:
        """A coefficient in its standard errors; 0 where it has none."""
        variance = float(self.covariance[column, column])
        return float(self.beta[column]) / variance**0.5 if variance > 0 else 0.0


def fit(design: Floats, counts: Floats, weights: Floats | None = None) -> Fit:
    """Of float64[n] counts on float64[n, k] columns; `weights` float64[n]. Raises ValueError with fewer rows
    than columns."""
    n, k = design.shape
    if n <= k:
        raise ValueError(f"{n} weeks are too few for {k} coefficients.")
    w = np.ones(n) if weights is None else weights
    eta: Floats = np.log(counts + 0.1)
    beta = np.zeros(k)
    before = np.inf
    for _ in range(_ROUNDS):
        mu = np.exp(eta)
        root = np.sqrt(w * mu)
        solved = np.linalg.lstsq(design * root[:, None], (eta + (counts - mu) / mu) * root, rcond=None)
        beta = np.asarray(solved[0], np.float64)
        eta = np.maximum(design @ beta, _SMALLEST_ETA)
        mu = np.exp(eta)
        deviance = _deviance(counts, w, eta)
        if abs(deviance - before) <= _CLOSE * (abs(deviance) + 0.1):
            break
        before = deviance
    return _fitted(design, counts, w, beta, mu)


def _deviance(counts: Floats, w: Floats, eta: Floats) -> float:
    logs = np.log(np.where(counts > 0, counts, 1.0))
    return 2 * float(np.sum(w * (counts * (logs - eta) - counts + np.exp(eta))))


def _fitted(design: Floats, counts: Floats, w: Floats, beta: Floats, mu: Floats) -> Fit:
    n, k = design.shape
    phi = max(float(np.sum(w * (counts - mu) ** 2 / mu)) / (n - k), 1.0)
    inverse = np.linalg.pinv((design * (w * mu)[:, None]).T @ design, hermitian=True)
    leverage = np.clip(np.einsum("ij,jk,ik->i", design, inverse, design) * w * mu, 0.0, 1 - 1e-9)
    return Fit(beta, inverse * phi, mu, leverage, phi, n - k)


def fit_without_outbreaks(design: Floats, counts: Floats) -> Fit:
    """The same, fitted again with weeks far above it weighed down."""
    first = fit(design, counts)
    anscombe = 1.5 * (np.cbrt(counts) ** 2 * first.mu ** (-1 / 6) - np.sqrt(first.mu))
    residual = anscombe / np.sqrt(first.phi * (1 - first.leverage))
    return fit(design, counts, _weights(residual))


def _weights(residual: Floats) -> Floats:
    """As many in all as there are weeks."""
    raw = np.where(residual > _OUTLIER, np.maximum(residual, _OUTLIER) ** -2.0, 1.0)
    weighed: Floats = raw * len(raw) / raw.sum()
    return weighed


def fit_with_trend(
    columns: Floats, weeks: Floats, counts: Floats, now: float, *, always: bool
) -> tuple[Fit, Floats]:
    """A fit with a linear trend over `weeks`; unless `always` the trend is left out where it is not
    significant (5 %, Student's t). Returns the fit and the row of week `now` without what `columns` say of
    it: (1, week) or (1,)."""
    from scipy.stats import t as student

    middle = float(weeks.mean())
    full = np.column_stack([np.ones(len(weeks)), weeks - middle, columns])
    ahead = np.array([1.0, now - middle])
    if len(weeks) > full.shape[1]:
        found = fit_without_outbreaks(full, counts)
        chance = 2 * float(student.sf(abs(found.z_of(1)), found.free))
        if always or chance < 0.05:
            return found, ahead
    return fit_without_outbreaks(np.delete(full, 1, axis=1), counts), ahead[:1]
