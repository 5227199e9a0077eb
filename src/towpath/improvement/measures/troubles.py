"""Troubles: what the detectors found, in one shape for all of them, before it is weighed and told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.descriptions import Description, part_of_day
from towpath.improvement.measures.frame import Deployment
from towpath.improvement.rules.causes import CauseKey, Family
from towpath.improvement.schemas.findings import Onset, Signal, Together

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

RUINING = (Family.FAULT, Family.SLOW, Family.WAIT, Family.GRAVE, Family.CONTACT, Family.MISSING)
"""Families by which a customer-day is ruined."""


@dataclass(frozen=True, eq=False)
class Bad:
    """Customer-days that went wrong so, one place each. `time`: of the event that decided, UTC
    microseconds."""

    customer: Int64
    day: Int32
    time: Int64

    @classmethod
    def none(cls) -> Bad:
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))

    def within(self, first: int, last: int) -> Bad:
        """Those of the days from `first` to `last`."""
        rows = (self.day >= first) & (self.day <= last)
        return Bad(self.customer[rows], self.day[rows], self.time[rows])


@dataclass(frozen=True, eq=False)
class Trouble:
    """One cause. `bad`: over all days of the frame. `excess`, `error`: customer-days of the week beyond what
    would have been, with standard error. `lost`, `lost_error`: customers of the week lost because of it.
    `contacts`: what the contacts about it cost to handle. `blamed`: the component that most of it names.
    `kept_culprit`: by which it is known already. `certain`: by other evidence than how large it is."""

    journey: Attempts
    step: int
    family: Family
    description: Description
    bad: Bad
    excess: float
    error: float
    signals: tuple[Signal, ...]
    kinds: tuple[str, ...]
    onset: Onset | None = None
    release: Deployment | None = None
    together: tuple[Together, ...] = ()
    grave: bool = False
    certain: bool = False
    lost: float = 0.0
    lost_error: float = 0.0
    contacts: float = 0.0
    service: str = ""
    blamed: str = ""
    folded: tuple[CauseKey, ...] = ()
    kept_culprit: str | None = None

    @property
    def component(self) -> str:
        """By which it is described, else which most of the bad customer-days name."""
        return self.description.get("component") or self.blamed

    @property
    def change(self) -> str:
        """The version that it is bound to, as its deployment names it: "app 4.12.0"."""
        version = self.description.get("version")
        return (self.release.name if self.release and self.release.version == version else version) or ""

    @property
    def segment(self) -> dict[str, str]:
        names = ("channel", "language", "region", "device")
        return {name: word for name, word in self.description.values if name in names}

    @property
    def culprit(self) -> str:
        """The most telling part of the description, so that the same trouble keeps its key; hours by the part
        of the day that they mostly are."""
        if self.kept_culprit is not None:
            return self.kept_culprit
        if self.change:
            return f"change={self.change}"
        if self.component:
            return f"component={self.component}"
        for name in ("channel", "device", "language", "region", "service", "topic"):
            if word := self.description.get(name):
                return f"{name}={word}"
        hours = self.description.hours
        if self.family is not Family.MISSING:
            hours = part_of_day(hours)
        return f"hours={hours[0]:02d}-{hours[1]:02d}" if hours else ""

    @property
    def key(self) -> CauseKey:
        return CauseKey(self.journey.plan.name, self.journey.steps[self.step].key, self.culprit, self.family)
