"""Shrinking: estimates of many findings, drawn towards what effects of their kind are usually like.

The largest of many noisy estimates is too large (the winner's curse). Ranking is by the posterior mean
instead: an estimate with a wide error is drawn far, a precise one hardly.

Model: estimate_i ~ Normal(effect_i, error_i^2), errors known. Prior of the effects: a share of exact zeros,
the rest a mixture of half-normals (of normals where effects may have either sign) over a fixed grid of
scales; the weights are estimated from all estimates together (Stephens 2017, Biostatistics 18:275, "adaptive
shrinkage", with normals). The default is one-sided: what can be avoided is not below zero. Zeros and many
scales let one finding be large without moving all the others.

The weights are estimated, and intervals take them as known: with fewer than some ten estimates intervals are
a little too narrow. The estimates must come from one family of like figures (ruined days a week), in one
unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Side = Literal["not below zero", "either side"]

_ROUNDS = 1000
_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Posterior of n effects, in the unit of the estimates. `mean`, `low`, `high` float64[n]: posterior mean
    and interval, equal-tailed or from 0 upward, whichever is shorter. `zero` float64[n]: posterior chance
    that there is no effect at all. `order` int64[n]: indices by falling posterior mean, equal ones in the
    order given. `zero_share`: share of zeros in the prior."""

    mean: Floats
    low: Floats
    high: Floats
    zero: Floats
    order: Ints
    zero_share: float


def shrink(
    estimate: npt.ArrayLike,
    error: npt.ArrayLike,
    *,
    level: float = 0.95,
    side: Side = "not below zero",
) -> Shrunk:
    """Shrink float[n] estimates by their standard errors float[n].

    Raises ValueError for lists of different lengths, numbers that are not finite, errors not above 0 and a
    level outside (0, 1).
    """
    x, s = np.asarray(estimate, np.float64), np.asarray(error, np.float64)
    if x.ndim != 1 or x.shape != s.shape:
        raise ValueError("Estimates and their standard errors must be lists of one length.")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(s)) and np.all(s > 0)):
        raise ValueError("Estimates must be finite and standard errors finite and above 0.")
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, not {level}.")
    if not len(x):
        none = np.zeros(0)
        return Shrunk(none, none, none, none, np.zeros(0, np.int64), 0.0)
    parts = _Components.of(x, s, side)
    prior, posterior = _weights(parts.log_marginal)
    mean = np.sum(posterior * parts.means(), axis=1)
    low, high = _interval(parts, posterior, level)
    order = np.argsort(-mean, kind="stable")
    return Shrunk(mean, low, high, posterior[:, 0], order, float(prior[0]))


@dataclass(frozen=True, eq=False)
class _Components:
    """Each estimate under each part of the prior: float64[n, parts]; part 0 is zero itself (`spread` 0). The
    posterior under a part is Normal(middle, spread^2), cut off below 0 where `one_sided`."""

    log_marginal: Floats
    middle: Floats
    spread: Floats
    one_sided: bool

    @classmethod
    def of(cls, x: Floats, s: Floats, side: Side) -> _Components:
        from scipy.special import log_ndtr  # here, as loading it takes longer than most commands

        scale = _scales(x, s)
        variance = scale**2 + s[:, None] ** 2
        middle = x[:, None] * scale**2 / variance
        spread = s[:, None] * scale / np.sqrt(variance)
        log_marginal = -0.5 * (np.log(2 * np.pi * variance) + x[:, None] ** 2 / variance)
        one_sided = side == "not below zero"
        if one_sided:
            log_marginal[:, 1:] += np.log(2) + log_ndtr(middle[:, 1:] / spread[:, 1:])
        return cls(log_marginal, middle, spread, one_sided)

    def means(self) -> Floats:
        """The posterior mean under each part."""
        if not self.one_sided:
            return self.middle
        from scipy.special import log_ndtr

        middle, spread = self.middle[:, 1:], self.spread[:, 1:]
        z = middle / spread
        hazard = np.exp(-0.5 * z * z - 0.5 * np.log(2 * np.pi) - log_ndtr(z))
        cut = np.maximum(middle + spread * hazard, 0.0)
        return np.concatenate([self.middle[:, :1], cut], axis=1)

    def below(self, bound: Floats) -> Floats:
        """P(effect <= bound_i) under each part, float64[n, parts]."""
        from scipy.special import log_ndtr

        zero = (bound >= 0).astype(np.float64)[:, None]
        z = (self.middle[:, 1:] - bound[:, None]) / self.spread[:, 1:]
        above = log_ndtr(z)
        if self.one_sided:
            above = np.where(
                bound[:, None] < 0, 0.0, above - log_ndtr(self.middle[:, 1:] / self.spread[:, 1:])
            )
        return np.concatenate([zero, -np.expm1(np.minimum(above, 0.0))], axis=1)


def _scales(x: Floats, s: Floats) -> Floats:
    """Zero, then scales from a tenth of the smallest error to twice the largest excess, by steps of sqrt
    2."""
    least = float(s.min()) / 10
    most = 2 * float(np.sqrt(max(np.max(x * x - s * s), float(s.min()) ** 2)))
    steps = int(np.ceil(2 * np.log2(most / least)))
    return np.concatenate([[0.0], least * 2 ** (np.arange(steps + 1) / 2)])


def _weights(log_marginal: Floats) -> tuple[Floats, Floats]:
    """Weights of the prior's parts and of each estimate's posterior, by expectation maximisation.

    One pseudo-estimate, spread over the parts, keeps few estimates from a prior without any width.
    """
    likelihood = np.exp(log_marginal - log_marginal.max(axis=1, keepdims=True))
    n, parts = likelihood.shape
    prior = np.full(parts, 1 / parts)
    for _ in range(_ROUNDS):
        joint = likelihood * prior
        posterior = joint / joint.sum(axis=1, keepdims=True)
        update = (posterior.sum(axis=0) + 1 / parts) / (n + 1)
        done = float(np.abs(update - prior).max()) < 1e-7
        prior = update
        if done:
            break
    joint = likelihood * prior
    return prior, joint / joint.sum(axis=1, keepdims=True)


def _interval(parts: _Components, posterior: Floats, level: float) -> tuple[Floats, Floats]:
    """Equal-tailed, or one-sided from 0 where that is shorter.

    Very small effects and none at all look the same: an equal-tailed interval would begin just above 0 and
    miss every true zero.
    """
    tail = (1 - level) / 2
    low, high = (_quantile(parts, posterior, chance) for chance in (tail, 1 - tail))
    if not parts.one_sided:
        return low, high
    alone = _quantile(parts, posterior, level)
    from_zero = alone <= high - low
    return np.where(from_zero, 0.0, low), np.where(from_zero, alone, high)


def _quantile(parts: _Components, posterior: Floats, chance: float) -> Floats:
    """The least bound with P(effect <= bound) of at least `chance`, by halving."""
    reach = 10 * parts.spread.max(axis=1) + np.abs(parts.middle).max(axis=1)
    low, high = (np.zeros_like(reach) if parts.one_sided else -reach), reach.copy()
    at_zero = np.sum(posterior * parts.below(np.zeros_like(reach)), axis=1) >= chance
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = np.sum(posterior * parts.below(middle), axis=1) >= chance
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(at_zero & parts.one_sided, 0.0, high)
