"""Loss together with a bad experience at a step: how many customers, how much money.

Unit: a customer's first attempt per journey instance. Exposed: that attempt was a fault or frustrated.
Observed together is not caused by: an exposed customer may differ from an unexposed one in ways that the
strata do not hold.

Lost beyond = sum over strata with both kinds of (a - n1 c / n0), with a of n1 exposed and c of n0 unexposed
lost: standardised to the exposed. Money = the same, each stratum times the mean final value of its unexposed
arrivals.

Interval: 95 %, bootstrap by hour block and customer with the strata and the number of exposed held fixed.
Weights are exponential (Rubin's Bayesian bootstrap: no stratum empties). Blocks, customers, and pairs of both
are resampled separately, and variances combine as V(block) + V(customer) - V(pair) (Cameron, Gelbach and
Miller 2011): weights that are products of both would count each unit's own noise three times. The interval
has the shape of the wider of the two, stretched to that variance and by Student's t for the number of hour
blocks or customers with exposed units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from towpath.analytics.normal import Z95
from towpath.analytics.strata import (
    Bools,
    Floats,
    Ints,
    RiskDifference,
    coarsened,
    mantel_haenszel,
    standardised_to_exposed,
)

MIN_UNITS = 30
"""Fewer exposed, or fewer unexposed, units are too little data."""

MIN_BLOCKS = 5
"""Exposed units from fewer hour blocks are too little data: one bad hour may be bad for another reason."""

MIN_COVERAGE = 0.8
"""Where strata with both kinds hold a smaller share of the exposed, we cannot tell."""

REPLICATES = 400
_MAX_CLUSTERS = 2000


@dataclass(frozen=True)
class Units:
    """First attempts at a step, one a journey instance: `exposed`, `lost` bool[n]; `strata` int64[n] each,
    codes from fine to coarse, each level within the next; `block` int64[n], the hour; `customer` int64[n];
    `value` float64[n], what the journey brought in the end (0 without a conversion), in one currency, or None
    where values are unknown."""

    exposed: Bools
    lost: Bools
    strata: Sequence[Ints]
    block: Ints
    customer: Ints
    value: Floats | None = None


@dataclass(frozen=True)
class Range:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Loss:
    """Counts of units, and what can be said. "together with": the interval of `lost_beyond` lies above 0 and
    the Mantel-Haenszel test has p <= 0.05. "cannot tell": one of the two fails, or coverage is below 80 %.
    "too little data": see MIN_UNITS and MIN_BLOCKS. Estimates are None for too little data and too little
    coverage, money also without values. `coverage`: share of the exposed in strata with both kinds;
    `lost_beyond` speaks of those only.
    """

    exposed: int
    lost_among_exposed: int
    unexposed: int
    lost_among_unexposed: int
    coverage: float
    verdict: Literal["together with", "cannot tell", "too little data"]
    difference: RiskDifference | None = None
    lost_beyond: Range | None = None
    money: Range | None = None


def loss_together_with(units: Units, seed: int = 0) -> Loss:
    """Lost beyond what would have been, for units exposed to a bad experience. The same seed gives the same
    interval.

    Raises ValueError for arrays of different lengths, values that are not finite, and strata that are not
    nested.
    """
    exposed, lost = _checked(units)
    stratum = coarsened(units.strata, exposed)
    n1 = np.bincount(stratum[exposed], minlength=int(stratum.max(initial=-1)) + 1)
    n0 = np.bincount(stratum[~exposed], minlength=len(n1))
    used = ((n1 > 0) & (n0 > 0))[stratum]
    hit = int(exposed.sum())
    counts = (hit, int(lost[exposed].sum()), len(exposed) - hit, int(lost[~exposed].sum()))
    coverage = float((used & exposed).sum() / hit) if hit else 0.0
    blocks = len(np.unique(units.block[exposed]))
    if min(hit, len(exposed) - hit) < MIN_UNITS or blocks < MIN_BLOCKS:
        return Loss(*counts, coverage, "too little data")
    if coverage < MIN_COVERAGE:
        return Loss(*counts, coverage, "cannot tell")
    cells = _Cells.of(units, stratum, used)
    difference = mantel_haenszel(*cells.totals()[:4])
    beyond, money = _ranges(cells, min(blocks, len(np.unique(units.customer[exposed]))), seed)
    together = beyond.low > 0 and difference.estimate > 0 and difference.p <= 0.05
    verdict: Literal["together with", "cannot tell"] = "together with" if together else "cannot tell"
    return Loss(*counts, coverage, verdict, difference, beyond, None if units.value is None else money)


@dataclass(frozen=True)
class _Cells:
    """What a unit adds to its stratum, float64[n, 5]: exposed lost, exposed, unexposed lost, unexposed, and
    the value of an unexposed; and the clusters it belongs to."""

    stratum: Ints
    parts: Floats
    block: Ints
    customer: Ints

    @classmethod
    def of(cls, units: Units, stratum: Ints, used: Bools) -> _Cells:
        exposed, lost = units.exposed[used].astype(np.float64), units.lost[used].astype(np.float64)
        value = np.zeros(len(exposed)) if units.value is None else np.asarray(units.value, np.float64)[used]
        parts = [exposed * lost, exposed, (1 - exposed) * lost, 1 - exposed, (1 - exposed) * value]
        parts.append(parts[2] * value)
        numbered = [
            np.unique(codes[used], return_inverse=True)[1] for codes in (stratum, units.block, units.customer)
        ]
        return cls(numbered[0], np.stack(parts, axis=1), numbered[1], numbered[2])

    def totals(self) -> Floats:
        """The six parts by stratum, float64[6, strata]."""
        return np.stack([np.bincount(self.stratum, weights=part) for part in self.parts.T])

    def resampled(self, cluster: Ints, rng: np.random.Generator) -> Floats:
        """Replicates of (lost beyond, money), float64[REPLICATES, 2], with a random weight for each cluster.

        The number of exposed is observed, not estimated: each replicate is scaled to it. More than 2,000
        clusters are put into 2,000 random groups, which leaves the variance as it is.
        """
        size = int(cluster.max()) + 1
        if size > _MAX_CLUSTERS:
            size, cluster = _MAX_CLUSTERS, rng.integers(0, _MAX_CLUSTERS, size)[cluster]
        from scipy import sparse  # here, as loading it takes longer than most commands

        shape = (int(self.stratum.max()) + 1, size)
        sums = [
            sparse.coo_array((part, (self.stratum, cluster)), shape=shape).tocsr()
            for part in self.parts.T[:5]
        ]
        found = []
        for _ in range(0, REPLICATES, 50):
            weight = rng.standard_exponential((size, 50))
            drawn = np.stack([total @ weight for total in sums])
            found.append((_figures(drawn) * self.parts[:, 1].sum() / drawn[1].sum(axis=0)).T)
        return np.concatenate(found)


def _figures(sums: Floats) -> Floats:
    """(lost beyond, money) from the parts by stratum (first two axes); a further axis holds replicates."""
    a, n1, c, n0, value = sums[:5]
    lost = standardised_to_exposed(a, n1, c, n0)
    worth = np.divide(value, n0, out=np.zeros_like(value), where=n0 > 0)
    return np.stack([lost.sum(axis=0), (lost * worth).sum(axis=0)])


def _centre(sums: Floats) -> Floats:
    """(lost beyond, money without its lean). In place of share times mean value stands the mean of loss_i
    value_j over all pairs of different unexposed units, (c V - sum of loss_i value_i) / (n0 (n0 - 1))."""
    _, n1, c, n0, value, lost_value = sums
    several = n0 > 1
    size = np.where(several, n0, 2.0)
    lean = np.where(several, (c * value - lost_value) / (size * (size - 1)) - c * value / size**2, 0.0)
    lost, money = _figures(sums)
    return np.array([lost, money - np.sum(n1 * lean)])


def _ranges(cells: _Cells, clusters: int, seed: int) -> tuple[Range, Range]:
    from scipy import special  # here, as loading it takes longer than most commands

    rng = np.random.default_rng(seed)
    totals = cells.totals()
    estimate, centre = _figures(totals), _centre(totals)
    pair = np.unique(cells.block * (int(cells.customer.max()) + 1) + cells.customer, return_inverse=True)[1]
    by_block, by_customer, by_pair = (
        cells.resampled(cluster, rng) for cluster in (cells.block, cells.customer, pair)
    )
    stretch = special.stdtrit(clusters - 1, 0.975) / Z95
    ranges = []
    for i in range(2):
        block, customer, both = (float(np.var(runs[:, i])) for runs in (by_block, by_customer, by_pair))
        wider, most = (by_block, block) if block >= customer else (by_customer, customer)
        scale = stretch * np.sqrt(max(block + customer - both, most) / most) if most > 0 else 0.0
        low, high = centre[i] + scale * np.quantile(wider[:, i] - wider[:, i].mean(), [0.025, 0.975])
        ranges.append(Range(float(estimate[i]), float(low), float(high)))
    return ranges[0], ranges[1]


def _checked(units: Units) -> tuple[Bools, Bools]:
    exposed, lost = np.asarray(units.exposed, np.bool_), np.asarray(units.lost, np.bool_)
    columns: list[npt.NDArray[np.generic]] = [lost, units.block, units.customer, *units.strata]
    if units.value is not None:
        columns.append(units.value)
        if not np.all(np.isfinite(units.value)):
            raise ValueError("A final value is a finite number: 0 for a journey that did not convert.")
    if any(column.shape != exposed.shape for column in columns):
        raise ValueError("Exposed, lost, strata, block, customer and value must be lists of one length.")
    return exposed, lost
