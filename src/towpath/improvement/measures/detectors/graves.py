"""Grave harm: no statistics, every case counts."""

from __future__ import annotations

import numpy as np

from towpath.analytics.normal import Z90
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.descriptions import WHOLE
from towpath.improvement.measures.frame import MONTH, WEEK, Frame
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Estimate, Onset, Signal


def graves_of(frame: Frame) -> list[Trouble]:
    """A trouble for each class that had a case in the last four weeks."""
    found: list[Trouble] = []
    graves = frame.graves
    if not frame.journeys:
        return found
    for code, kind in enumerate(graves.kind.words):
        rows = np.flatnonzero(graves.kind.codes == code)
        bad = Bad(graves.customer[rows], graves.day[rows], graves.time[rows])
        month = bad.within(frame.last_day - MONTH + 1, frame.last_day)
        if not len(month.day) or any(kind == each.signals[0].note for each in found):
            continue
        same = np.flatnonzero(np.array(graves.kind.words)[graves.kind.codes] == kind)
        bad = Bad(graves.customer[same], graves.day[same], graves.time[same])
        found.append(_trouble(frame, kind, bad))
    return found


def _trouble(frame: Frame, kind: str, bad: Bad) -> Trouble:
    """Where none came in the week, what the four weeks come to a week: seldom is not gone."""
    month = bad.within(frame.last_day - MONTH + 1, frame.last_day)
    journey, step = place_of(frame, month)
    recent = _days(bad.within(*frame.week))
    days = recent or _days(month) * WEEK / MONTH
    first = date_of(int(bad.day.min()))
    return Trouble(
        journey=journey,
        step=step,
        family=Family.GRAVE,
        description=WHOLE,
        bad=bad,
        excess=days,
        error=max(float(np.sqrt(days)) / 2, 0.5) if recent else days / Z90,
        signals=(Signal("grave_event", Estimate(days, days, days), 0.0, kind),),
        kinds=(Family.GRAVE.value,),
        onset=Onset(first, first, first),
        grave=True,
        certain=True,
    )


def _days(bad: Bad) -> float:
    return float(len(np.unique(np.column_stack([bad.customer, bad.day]), axis=0)))


def place_of(frame: Frame, bad: Bad) -> tuple[Attempts, int]:
    """The step that the customers had last attempted when it happened, most of them; else the first one."""
    votes: dict[tuple[int, int], int] = {}
    for customer, time in zip(bad.customer.tolist(), bad.time.tolist(), strict=True):
        best: tuple[int, int, int] | None = None
        for place, journey in enumerate(frame.journeys):
            rows = np.flatnonzero((journey.customer == customer) & (journey.time <= time))
            if len(rows):
                last = int(rows[np.argmax(journey.time[rows])])
                at = int(journey.time[last])
                if best is None or at > best[0]:
                    best = (at, place, int(np.searchsorted(journey.starts, last, side="right") - 1))
        if best is not None:
            votes[best[1:]] = votes.get(best[1:], 0) + 1
    place, step = max(votes, key=lambda each: votes[each]) if votes else (0, 0)
    return frame.journeys[place], step
