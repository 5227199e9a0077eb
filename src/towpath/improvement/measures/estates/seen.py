"""Who meets what the estate's items carry, and one trouble of the estate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from towpath.improvement.rules.causes import ESTATE, CauseKey, Family
from towpath.improvement.schemas.findings import EstateEvidence, StepHanging

Int64 = npt.NDArray[np.int64]
NOBODY: Int64 = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class StepMet:
    """A step in the last seven days. `attempting`: entities, distinct; `by_name`: those whose events name a
    service or component. `drawn`: names that the journey's own picture has behind it: everybody at the step
    meets these. `cases`: entities are cases of this journey, not customers."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    cases: bool
    attempting: Int64
    by_name: dict[str, Int64]
    drawn: frozenset[str]

    def through(self, names: frozenset[str]) -> Int64:
        """Entities that meet any of these there, distinct."""
        if self.drawn & names:
            return self.attempting
        return np.unique(
            np.concatenate([NOBODY, *(self.by_name[name] for name in names & self.by_name.keys())])
        )


@dataclass(frozen=True, eq=False)
class Week:
    """Everybody at every step in the seven days up to `until`."""

    until: datetime
    steps: Sequence[StepMet]

    @property
    def names(self) -> frozenset[str]:
        """Services and components that somebody met."""
        return frozenset().union(
            *(step.drawn | step.by_name.keys() for step in self.steps if step.attempting.size)
        )

    def everybody(self) -> int:
        return self._distinct([(step, step.attempting) for step in self.steps])

    def customers(self, names: Collection[str]) -> int:
        """Distinct customers (and cases, of journeys that follow these) who meet any of the names."""
        wanted = frozenset(names)
        return self._distinct([(step, step.through(wanted)) for step in self.steps])

    def hanging(self, names: Collection[str], most: int) -> tuple[StepHanging, ...]:
        """The steps that most meet these at, largest first."""
        wanted = frozenset(names)
        found = [
            StepHanging(each.journey, each.journey_name, each.step, each.step_name, through.size)
            for each in self.steps
            if (through := each.through(wanted)).size
        ]
        return tuple(sorted(found, key=lambda one: (-one.customers, one.journey, one.step))[:most])

    @staticmethod
    def _distinct(met: Sequence[tuple[StepMet, Int64]]) -> int:
        kinds = {step.journey if step.cases else "" for step, _who in met}
        return sum(
            np.unique(
                np.concatenate([who for step, who in met if (step.journey if step.cases else "") == kind])
            ).size
            for kind in kinds
        )


@dataclass(frozen=True)
class EstateTrouble:
    """`culprit`: in the words of a cause key. `item`: what it is called. `component`: where it is one, or is
    within one."""

    family: Family
    culprit: str
    item: str
    component: str
    last_day: date
    evidence: EstateEvidence

    @property
    def key(self) -> CauseKey:
        return CauseKey(ESTATE, "", self.culprit, self.family)
