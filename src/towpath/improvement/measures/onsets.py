"""Since when, and which release went out then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from towpath.analytics.change_point import MIN_SIDE, Change, change_points
from towpath.improvement.measures.causes import Cause
from towpath.improvement.measures.detectors.shares import TODAY, Span
from towpath.improvement.measures.frame import Deployment, Frame
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.schemas.findings import Onset

Floats = npt.NDArray[np.float64]

CERTAIN = 0.05
LATE_SIDE = 2
"""Days after a change where the usual number has not passed yet: the interval says what that costs."""
SPARE = timedelta(days=1)
"""A release that went out in the evening shows on the next day."""
EARLY = timedelta(days=3)
"""So many days a new version may go about before enough have it to tell."""


def onsets_of(causes: Sequence[Cause], span: Span) -> list[Onset | None]:
    """Since when each lasts; None where no day tells: it was always so, or it waves."""
    if not causes:
        return []
    bad, size = (
        np.stack([_daily(cause, span)[0] for cause in causes]),
        np.stack([_daily(cause, span)[1] for cause in causes]),
    )
    begun = int(np.argmax(size.sum(axis=0) > 0))
    weekday = (np.arange(begun, span.stop) + span.first_day + 3) % 7
    usual = change_points(bad[:, begun : span.stop], size[:, begun : span.stop], weekday)
    late = change_points(bad[:, begun : span.stop], size[:, begun : span.stop], weekday, min_side=LATE_SIDE)
    return [_onset(cause, span, begun, both) for cause, *both in zip(causes, usual, late, strict=True)]


def _daily(cause: Cause, span: Span) -> tuple[Floats, Floats]:
    """Bad ones with the description among all customer-days of the step: a version that did not exist had
    none."""
    place = (cause.days.day - span.first_day).astype(np.int64)
    size = np.bincount(place, minlength=span.count)[: span.count]
    bad = np.bincount(place[cause.bad], minlength=span.count)[: span.count]
    return bad.astype(np.float64), size.astype(np.float64)


def _onset(cause: Cause, span: Span, begun: int, found: Sequence[Change]) -> Onset | None:
    if all(candidate.detector == TODAY for candidate, _q in cause.signals) and span.today is not None:
        today = date_of(span.first_day + span.today)
        return Onset(today, today, today)
    usual, late = found
    best = usual
    if late.p is not None and late.day is not None and late.day > span.stop - begun - MIN_SIDE:
        best = late
    if best.p is None or best.p > CERTAIN or best.day is None or best.low is None or best.high is None:
        return None
    if (best.after or 0.0) <= (best.before or 0.0):
        return None
    first = span.first_day + begun
    return Onset(date_of(first + best.day), date_of(first + best.low), date_of(first + best.high))


def release_of(cause: Cause, component: str, onset: Onset | None, frame: Frame) -> Deployment | None:
    """The release whose version the trouble is bound to, else one of its component (of its service, where no
    component is known) that went out within the onset's interval."""
    version = cause.description.get("version")
    if version:
        named = [each for each in frame.deployments if each.version == version]
        return named[-1] if named else None
    if onset is None:
        return None
    words = {component} if component else _services(cause)
    near = [
        each
        for each in frame.deployments
        if onset.low - SPARE <= date_of(each.day) <= onset.high and ({each.component, each.service} & words)
    ]
    if not near:
        return None
    return min(near, key=lambda each: abs(date_of(each.day) - onset.day))


def with_release(onset: Onset | None, release: Deployment | None, *, bound: bool) -> Onset | None:
    """What is bound to a version is not older than its release; few have it on the first days. Where no day
    tells, it is since that release."""
    if release is None or not bound:
        return onset
    day = date_of(release.day)
    if onset is None:
        return Onset(day, day, day)
    if not onset.low - EARLY <= day <= onset.high:
        return onset
    return Onset(day, min(onset.low, day), onset.high)


def _services(cause: Cause) -> set[str]:
    """The services at the bad customer-days."""
    column = cause.days.dimensions["service"].take(np.flatnonzero(cause.bad))
    used = np.unique(column.codes[column.codes >= 0])
    return {column.words[code] for code in used.tolist()}
