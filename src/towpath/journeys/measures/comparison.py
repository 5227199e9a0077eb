"""Segments of a journey's customers, each against the rest, over a horizon that was followed to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from towpath.analytics import segments
from towpath.analytics.segments import SegmentRow
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.following import horizon_of
from towpath.journeys.measures.funnel import FunnelMeasure, measure_funnel
from towpath.journeys.measures.selection import Selection


@dataclass(frozen=True, eq=False)
class Comparison:
    """`rows`: segments by size of the difference. `left_out`: entered too late to be followed for the
    horizon."""

    horizon_us: int
    followed: int
    left_out: int
    rows: tuple[SegmentRow, ...]


def measure_segments(evidence: Evidence, selection: Selection) -> Comparison:
    """Compare conversion within a horizon among those who entered at least that long before as-of.

    Counting those who were not followed for so long as lost, or leaving only the undecided of them out, would
    favour whichever segment came early. The horizon is the selection's window; without one it is the
    journey's
    or, where fewer than half were followed for that, the longest shorter one for which half were.
    """
    if not selection.by:
        raise ValueError("Say what to compare by, such as --by channel.")
    measure = measure_funnel(evidence, selection)
    horizon = selection.window_us or horizon_of(_ages(measure), measure.levels.spec.window_us)
    if horizon != measure.levels.spec.window_us:
        measure = measure_funnel(evidence, replace(selection, window_us=horizon))
    entered = measure.levels.entities.level > 0
    followed = entered & (measure.as_of_us - measure.levels.entities.entry >= horizon)
    assert measure.segments is not None  # noqa: S101 - the selection compares
    rows = segments.compare(
        measure.segments.of[followed],
        (measure.levels.entities.level == evidence.plan.steps)[followed],
        measure.segments.names,
    )
    return Comparison(
        horizon, int(followed.sum()), int(entered.sum() - followed.sum()), tuple(sorted(rows, key=_order))
    )


def _ages(measure: FunnelMeasure) -> npt.NDArray[np.int64]:
    found = measure.levels.entities
    ages: npt.NDArray[np.int64] = measure.as_of_us - found.entry[found.level > 0]
    return ages


def _order(row: SegmentRow) -> tuple[bool, float, int, str]:
    return row.too_little_data, -abs(row.difference or 0.0), -row.size, row.name
