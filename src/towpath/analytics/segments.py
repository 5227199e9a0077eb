"""Segments: where does a journey convert worse (or better) than everywhere else?

Each segment is compared with the rest: the difference of the shares with Newcombe's interval, a score test,
and the Benjamini-Hochberg q-value in one family. Those that are selected are shown with intervals adjusted
for having been selected (false coverage rate); unadjusted intervals of the selected would miss too often.

Too little data: the segment or the rest has fewer than `MIN_SIZE` entities, or a cell of the 2 x 2 table is
expected to hold fewer than `MIN_EXPECTED` were both alike. Such a segment shows its counts, no estimate, and
is no member of the family: a test that cannot reject would only dilute it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import false_discovery_q, newcombe, score_test, selected_level

MIN_SIZE = 30
MIN_EXPECTED = 5.0

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SegmentCounts:
    """The partial: by segment name, how many entities (`size` int64[k]) and how many of them converted."""

    names: tuple[str, ...]
    size: Ints
    converted: Ints


@dataclass(frozen=True)
class SegmentRow:
    """One segment against the rest; shares between 0 and 1, differences segment minus rest.

    `low` and `high`: Newcombe's 95 % interval of the difference. `adjusted_low`, `adjusted_high`: the
    interval at the level of the false coverage rate, for the selected only. With too little data everything
    but counts is None.
    """

    name: str
    size: int
    converted: int
    rest_size: int
    rest_converted: int
    too_little_data: bool
    rate: float | None = None
    rest_rate: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    selected: bool = False
    adjusted_low: float | None = None
    adjusted_high: float | None = None


@dataclass(frozen=True)
class Bins:
    """`codes` int64[n]: a value's group, -1 for nan. `names`: readable labels. `edges` float64: group i holds
    values above edge i - 1 up to and including edge i."""

    codes: Ints
    names: tuple[str, ...]
    edges: npt.NDArray[np.float64]


def compare(
    segment: npt.NDArray[np.integer], converted: npt.NDArray[np.bool_], names: Sequence[str], q: float = 0.05
) -> list[SegmentRow]:
    """Each segment against the rest, as one family; arguments as of `partial`."""
    return finish(partial(segment, converted, names), q)


def partial(
    segment: npt.NDArray[np.integer], converted: npt.NDArray[np.bool_], names: Sequence[str]
) -> SegmentCounts:
    """Counts of entities: `segment` int[n], index into names (dictionary codes), below 0 where it is not
    known; `converted` bool[n]. Pass closed entities only: the open ones have not lost yet.

    Entities of unknown segment are left out, of the rest as well. Raises ValueError for a code beyond the
    names, names that repeat, and different lengths.
    """
    codes, hits = np.asarray(segment), np.asarray(converted, np.bool_)
    if codes.ndim != 1 or codes.shape != hits.shape:
        raise ValueError(f"Segments {codes.shape} and converted {hits.shape} must be lists of one length.")
    if len(set(names)) != len(names):
        raise ValueError("Segment names repeat; give each segment one name.")
    if len(codes) and codes.max() >= len(names):
        raise ValueError(f"Segment code {codes.max()} has no name; {len(names)} names were given.")
    known = codes >= 0
    size = np.bincount(codes[known], minlength=len(names)).astype(np.int64)
    return SegmentCounts(
        tuple(names), size, np.bincount(codes[known & hits], minlength=len(names)).astype(np.int64)
    )


def merge(partials: Sequence[SegmentCounts]) -> SegmentCounts:
    """The counts of all entities together; segments are the same where their names are."""
    names = tuple(dict.fromkeys(name for part in partials for name in part.names))
    place = {name: i for i, name in enumerate(names)}
    size, converted = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    for part in partials:
        at = [place[name] for name in part.names]
        size[at] += part.size
        converted[at] += part.converted
    return SegmentCounts(names, size, converted)


def finish(counts: SegmentCounts, q: float = 0.05) -> list[SegmentRow]:
    """A row for each segment that holds entities, in the order of the names, selected as one family."""
    n, x = counts.size.astype(np.float64), counts.converted.astype(np.float64)
    m, y = n.sum() - n, x.sum() - x
    low, high = newcombe(x, n, y, m)
    p = score_test(x, n, y, m)
    rows = []
    for i in np.flatnonzero(n):
        ints = (int(n[i]), int(x[i]), int(m[i]), int(y[i]))
        if _too_little(*ints):
            rows.append(SegmentRow(counts.names[i], *ints, True))
            continue
        rate, rest = float(x[i] / n[i]), float(y[i] / m[i])
        bounds = (float(low[i]), float(high[i]), float(p[i]))
        rows.append(SegmentRow(counts.names[i], *ints, False, rate, rest, rate - rest, *bounds))
    return select(rows, q)


def select(rows: Sequence[SegmentRow], q: float = 0.05) -> list[SegmentRow]:
    """The rows with q-values, selection and adjusted intervals as members of one family.

    All candidates of a week, over segmentations and journeys, are one family: pass their rows together.
    """
    family = [i for i, row in enumerate(rows) if row.p is not None]
    values = false_discovery_q([row.p for row in rows if row.p is not None])
    chosen = int(np.sum(values <= q))
    level = selected_level(chosen, len(family), q) if chosen else None
    result = [replace(row, q=None, selected=False, adjusted_low=None, adjusted_high=None) for row in rows]
    for i, value in zip(family, values, strict=True):
        row = replace(result[i], q=float(value))
        if level is not None and value <= q:
            bounds = newcombe(row.converted, row.size, row.rest_converted, row.rest_size, level)
            row = replace(
                row, selected=True, adjusted_low=float(bounds.low), adjusted_high=float(bounds.high)
            )
        result[i] = row
    return result


def bin_numeric(values: npt.ArrayLike, groups: int = 4) -> Bins:
    """Groups of about equal size by quantiles, between edges with as few digits as keep the groups about
    equal.

    Equal values stay together, so that there may be fewer groups. nan is in no group; infinite values are at
    the ends. Raises ValueError for fewer than two groups.
    """
    if groups < 2:
        raise ValueError(f"Values are put into two groups or more, not {groups}.")
    amounts = np.asarray(values, np.float64)
    known = np.sort(amounts[~np.isnan(amounts)])
    edges = np.zeros(0)
    if len(known):
        edges = np.unique(np.quantile(known, np.arange(1, groups) / groups, method="inverted_cdf"))
        edges = _readable(edges[np.isfinite(edges) & (edges < known[-1])], known)
    codes = np.where(np.isnan(amounts), -1, np.searchsorted(edges, amounts, side="left"))
    if not len(edges):
        return Bins(codes, (_number(known[0]) if len(known) and known[0] == known[-1] else "any",), edges)
    shown = [_number(edge) for edge in edges]
    between = [f"over {low} up to {high}" for low, high in itertools.pairwise(shown)]
    return Bins(codes, (f"up to {shown[0]}", *between, f"over {shown[-1]}"), edges)


def _too_little(size: int, converted: int, rest_size: int, rest_converted: int) -> bool:
    if min(size, rest_size) < MIN_SIZE:
        return True
    hits = converted + rest_converted
    rarer = min(hits, size + rest_size - hits)
    return min(size, rest_size) * rarer / (size + rest_size) < MIN_EXPECTED


def _readable(edges: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The edges rounded to the fewest significant digits that move at most 5 % of the values past an edge."""
    exact = np.searchsorted(known, edges, side="right")
    for digits in range(1, 17):
        rounded = np.array([float(f"{edge:.{digits - 1}e}") for edge in edges])
        moved = np.abs(np.searchsorted(known, rounded, side="right") - exact)
        if (
            np.all(moved <= 0.05 * len(known))
            and np.all(np.diff(rounded) > 0)
            and np.all(rounded < known[-1])
        ):
            return rounded
    return edges


def _number(value: float) -> str:
    return np.format_float_positional(value, trim="-") if np.isfinite(value) else str(value)
