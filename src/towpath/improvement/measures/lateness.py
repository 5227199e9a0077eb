"""Slowness seen sooner: that answers are later than the target shows long before enough of them frustrate.

What is seen so is told by the days that it ruins, and only where it ruins some. A slowness that is seen in
ruined days as well is told once, since when its answers became late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from towpath.analytics.excess import above_other
from towpath.improvement.measures.causes import Cause
from towpath.improvement.measures.detectors.shares import Span
from towpath.improvement.measures.local_time import day_number
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Onset

FELT = 0.05
"""Up to that chance of as many ruined days without it, a lateness ruins some."""
SAME = 0.5
Dated = tuple[Cause, Onset | None]


def felt(causes: Sequence[Cause], onsets: Sequence[Onset | None], span: Span) -> list[Dated]:
    """The causes with their onsets; those of late answers as causes of ruined days."""
    dated = list(zip(causes, onsets, strict=True))
    late = [each for each in dated if each[0].harm is not None]
    found = [(cause, _sooner(cause, onset, late)) for cause, onset in dated if cause.harm is None]
    for cause, onset in late:
        if not any(_same(cause, other) for other, _onset in found):
            ruining = _ruining(cause)
            if _felt(ruining, onset, span):
                found.append((ruining, onset))
    return found


def _sooner(cause: Cause, onset: Onset | None, late: Sequence[Dated]) -> Onset | None:
    """Since when the answers became late tells it better, where they tell of the same."""
    return next((since for other, since in late if since is not None and _same(other, cause)), onset)


def _same(late: Cause, other: Cause) -> bool:
    """Whether most of the other's ruined days are among the late ones."""
    if other.days.family is not Family.SLOW or other.harm is not None:
        return False
    if other.days.journey is not late.days.journey or other.days.step != late.days.step:
        return False
    bad = other.bad
    return bool(bad.any()) and float(late.description.covers(other.days)[bad].mean()) >= SAME


def _ruining(late: Cause) -> Cause:
    if late.harm is None:
        raise ValueError("These days are ruined ones already.")
    rows = late.description.describes(late.harm)
    signals = tuple((replace(test, days=late.harm), q) for test, q in late.signals)
    return Cause(late.harm, late.description, late.margin, rows, signals, certain=True)


def _felt(cause: Cause, onset: Onset | None, span: Span) -> bool:
    place = cause.days.day - span.first_day
    begun = span.start if onset is None else min(day_number(onset.day) - span.first_day, span.start)
    now, past = (place >= begun) & (place < span.stop) & cause.rows, (place < begun) & cause.rows
    counts = (float(each.sum()) for each in (now & cause.bad, now, past & cause.bad, past))
    p = float(np.nan_to_num(above_other(*counts), nan=1.0))
    return p <= FELT
