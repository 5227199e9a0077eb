"""Contacts about incidents that no attempt explains: more of a topic than in the weeks before.

Contacts that merely complain are none: an event must say that it is about an incident (`rules.harm`), or come
soon after a bad experience, and then it belongs to what caused that. So a loud group raises nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.excess import above_other, dispersion
from towpath.analytics.normal import Z90
from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.detectors.graves import place_of
from towpath.improvement.measures.detectors.shares import Margin, Span
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Estimate, Signal

Floats = npt.NDArray[np.float64]
MARGIN = Margin(0.0)


@dataclass(frozen=True, eq=False)
class Asked:
    """A topic that more customers asked about. `bad`: a place for each customer-day; `p`: one-sided."""

    topic: str
    bad: Bad
    found: float
    usual: float
    p: float


def asked_of(frame: Frame, span: Span, least: int) -> list[Asked]:
    """Every topic of incidents with at least `least` customer-days in the closed week."""
    contacts = frame.contacts
    active = _active(frame)
    found = []
    for code in np.unique(contacts.topic.codes[contacts.incident]).tolist():
        rows = np.flatnonzero(contacts.incident & (contacts.topic.codes == code))
        bad = _once(Bad(contacts.customer[rows], contacts.day[rows], contacts.time[rows]))
        daily = np.bincount(bad.day - frame.first_day, minlength=span.count)[: span.count].astype(np.float64)
        now, usual, before = daily[span.tested].sum(), daily[span.before].sum(), active[span.before].sum()
        if now < least or not before:
            continue
        size = active[span.tested].sum()
        spread = dispersion(np.minimum(daily, active)[: span.stop], active[: span.stop])
        p = above_other(now, size, usual, before, dispersion=spread[0], times=MARGIN.times)
        topic = contacts.topic.words[code] if code >= 0 else ""
        found.append(Asked(topic, bad, float(now), float(usual * size / before), float(p)))
    return found


def trouble_of(frame: Frame, asked: Asked) -> Trouble:
    """The topic as a trouble, at the step that those who ask had last attempted."""
    week = asked.bad.within(*frame.week)
    journey, step = place_of(frame, week)
    beyond, error = asked.found - asked.usual, float(np.sqrt(max(asked.found, 1.0)))
    excess = Estimate(beyond, beyond - Z90 * error, beyond + Z90 * error)
    return Trouble(
        journey=journey,
        step=step,
        family=Family.CONTACT,
        description=Description((("topic", asked.topic),) if asked.topic else ()),
        bad=asked.bad,
        excess=beyond,
        error=error,
        signals=(Signal("more_contacts", excess, asked.p, asked.topic),),
        kinds=(Family.CONTACT.value,),
    )


def _active(frame: Frame) -> Floats:
    """Customer-days with an attempt, by day."""
    customer = np.concatenate([journey.customer for journey in frame.journeys])
    day = np.concatenate([journey.day for journey in frame.journeys])
    once = _once(Bad(customer, day, np.zeros(len(day), np.int64)))
    counts = np.bincount(once.day - frame.first_day, minlength=len(frame.days))
    return counts.astype(np.float64)


def _once(bad: Bad) -> Bad:
    """The first of each customer and day."""
    order = np.lexsort((bad.time, bad.day, bad.customer))
    customer, day = bad.customer[order], bad.day[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
    rows = order[first]
    return Bad(bad.customer[rows], bad.day[rows], bad.time[rows])
