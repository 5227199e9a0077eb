"""Customer-days: who was active, whose day was ruined, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics import days as counting
from towpath.analytics.days import ACTIVITY, DayFacts, DaysPartial
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import HOUR_US
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.rules.causes import Family

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]

UNEXPLAINED = (Family.FAULT, Family.SLOW, Family.WAIT, Family.GRAVE, Family.CONTACT)
"""What ruined a day that no trouble accounts for; numbered after the troubles, in this order."""


@dataclass(frozen=True, eq=False)
class Ruined:
    """Every fact that ruins a day: whose, when, and by which cause (the place of a trouble, or after these a
    family of `UNEXPLAINED`)."""

    customer: Int64
    day: Int32
    time: Int64
    cause: Int32

    def of(self, cause: int) -> Bad:
        rows = self.cause == cause
        return Bad(self.customer[rows], self.day[rows], self.time[rows])


@dataclass(frozen=True, eq=False)
class Facts:
    """What ruined days; and, of the contacts among that, their places among the frame's contacts and their
    causes."""

    ruined: Ruined
    contacts: Int64
    contact_causes: Int32


def ruined_by(
    frame: Frame, troubles: Sequence[Trouble], waits: Sequence[Bad], contact_within_hours: float
) -> Facts:
    """What ruined days, each fact by the trouble that accounts for it. `waits`: promises broken, by
    journey."""
    base = len(troubles)
    parts = [part for journey in frame.journeys for part in _attempts(journey, troubles)]
    parts += [_numbered(wait, base + UNEXPLAINED.index(Family.WAIT)) for wait in waits]
    grave = Bad(frame.graves.customer, frame.graves.day, frame.graves.time)
    parts.append(_numbered(grave, base + UNEXPLAINED.index(Family.GRAVE)))
    parts += [
        _numbered(each.bad, place)
        for place, each in enumerate(troubles)
        if each.family in (Family.WAIT, Family.GRAVE, Family.CONTACT)
    ]
    found = _claimed(_joined(parts), base)
    contacts, rows = _contacts(frame, found, base, contact_within_hours)
    return Facts(_joined([found, contacts]), rows, contacts.cause)


def partial_of(frame: Frame, ruined: Ruined) -> DaysPartial:
    """All facts of the frame, as customer-days."""
    parts = [counting.partial(DayFacts(ruined.customer, ruined.day, ruined.cause))]
    active = [(journey.customer, journey.day) for journey in frame.journeys]
    for customer, day in [*active, (frame.contacts.customer, frame.contacts.day)]:
        activity = np.full(len(day), ACTIVITY, np.int32)
        parts.append(counting.partial(DayFacts(customer, day, activity)))
    return counting.merge(parts)


def _attempts(journey: Attempts, troubles: Sequence[Trouble]) -> list[Ruined]:
    """Faults and frustrated attempts; a fault that was slow as well is a fault."""
    parts = []
    for family, bad in ((Family.FAULT, journey.fault), (Family.SLOW, journey.slow & ~journey.fault)):
        cause = np.full(len(bad), len(troubles) + UNEXPLAINED.index(family), np.int32)
        for place, trouble in reversed(list(enumerate(troubles))):
            if trouble.journey is journey and family.value in trouble.kinds:
                part = journey.at(trouble.step)
                covered = np.zeros(len(bad), np.bool_)
                covered[part] = trouble.description.covers(journey)[part]
                cause[covered & bad] = place
        rows = np.flatnonzero(bad)
        parts.append(Ruined(journey.customer[rows], journey.day[rows], journey.time[rows], cause[rows]))
    return parts


def _contacts(frame: Frame, bad: Ruined, base: int, within_hours: float) -> tuple[Ruined, Int64]:
    """First contacts about an incident (soon after a bad experience, with nothing in between, the cause that
    of the experience; or said to be about one), and their places among the frame's contacts."""
    told = frame.contacts
    customer = np.concatenate([bad.customer, told.customer])
    time = np.concatenate([bad.time, told.time])
    contact = np.concatenate([np.zeros(len(bad.time), np.bool_), np.ones(len(told.time), np.bool_)])
    cause = np.concatenate([bad.cause, np.full(len(told.time), ACTIVITY, np.int32)])
    incident = np.concatenate([np.zeros(len(bad.time), np.bool_), told.incident])
    order = np.lexsort((contact, time, customer))
    place = order[1:]
    earlier = order[:-1]
    same = customer[place] == customer[earlier]
    soon = same & (time[place] - time[earlier] <= within_hours * HOUR_US)
    after_bad = contact[place] & soon & ~contact[earlier]
    alone = contact[place] & incident[place] & ~soon
    chosen = np.concatenate([place[after_bad], place[alone], order[:1][incident[order[:1]]]])
    unknown = np.int32(base + UNEXPLAINED.index(Family.CONTACT))
    causes = np.concatenate([cause[earlier[after_bad]], np.full(len(chosen) - int(after_bad.sum()), unknown)])
    rows = chosen - len(bad.time)
    return Ruined(told.customer[rows], told.day[rows], told.time[rows], causes.astype(np.int32)), rows


def _claimed(found: Ruined, base: int) -> Ruined:
    """Without what no trouble explains where the same event is also a trouble's."""
    loose = found.cause >= base
    claimed = np.isin(_event(found), _event(found)[~loose])
    rows = ~(loose & claimed)
    return Ruined(found.customer[rows], found.day[rows], found.time[rows], found.cause[rows])


def _event(found: Ruined) -> npt.NDArray[np.void]:
    pairs = np.column_stack([found.customer, found.time])
    return np.ascontiguousarray(pairs).view([("customer", "i8"), ("time", "i8")]).reshape(-1)


def _numbered(bad: Bad, cause: int) -> Ruined:
    return Ruined(bad.customer, bad.day, bad.time, np.full(len(bad.day), cause, np.int32))


def _joined(parts: Sequence[Ruined]) -> Ruined:
    return Ruined(
        np.concatenate([np.zeros(0, np.int64), *(part.customer for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.day for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *(part.time for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.cause for part in parts)]),
    )
