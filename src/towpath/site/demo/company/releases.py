"""Which version of what is in production when, and on whose phone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from towpath.site.demo.company.draws import Bool, Draws, Float, Int, Purpose
from towpath.site.demo.company.landscape import COMPONENT_AT, COMPONENTS
from towpath.site.demo.company.plan import DAY, HOUR, RELEASE, Cause, Plan

APP, WEB = COMPONENT_AT["mobile-app"], COMPONENT_AT["web-front"]
BEFORE = 60
"""Days before the run whose releases count: no phone starts without a version."""
EVERY = {APP: 14, WEB: 7}
OTHERS = 24
APART = 5 * DAY
"""No ordinary release of a component comes so close to a planted one that the two could be mistaken."""


@dataclass(frozen=True)
class Series:
    """A component's releases in order: int64[n] times, and what each is called."""

    component: int
    times: Int
    versions: tuple[str, ...]

    @cached_property
    def changes(self) -> tuple[str, ...]:
        return tuple(f"CHG-{self.component + 1:02d}{nth:03d}" for nth in range(len(self.times)))

    def at(self, when: Int) -> Int:
        """Place of the release that is newest at these times."""
        return np.maximum(np.searchsorted(self.times, when, side="right") - 1, 0)


class Releases:
    """All of a run."""

    def __init__(self, plan: Plan, draws: Draws) -> None:
        self._planted = [cause for cause in plan.causes if cause.kind == RELEASE]
        self.series = tuple(self._made(plan, draws, place) for place in range(len(COMPONENTS)))

    def _made(self, plan: Plan, draws: Draws, component: int) -> Series:
        every = EVERY.get(component, OTHERS) * DAY
        count = (plan.days + BEFORE) * DAY // every + 1
        u = draws.uniform(Purpose.RELEASE, component, np.arange(count))
        # Counted back from the end: a longer run has the same releases in its last weeks.
        nominal = plan.until - np.arange(count, dtype=np.int64) * every
        days = (nominal - (u[0] * 0.5 * every).astype(np.int64)) // DAY * DAY
        times = days + 8 * HOUR + (u[1] * 7 * HOUR).astype(np.int64)
        planted = self._of(component)
        for cause in planted:
            times = times[np.abs(times - cause.begin) > APART]
        times = np.sort(np.concatenate([times, np.array([c.begin for c in planted], np.int64)]))
        times = times[times < plan.until]
        named = {cause.begin: cause.version for cause in planted if cause.version}
        major = 2 + component % 5
        versions = tuple(named.get(int(at), f"{major}.{nth}.0") for nth, at in enumerate(times))
        return Series(component, times, versions)

    def _of(self, component: int) -> list[Cause]:
        return [cause for cause in self._planted if COMPONENT_AT[cause.target] == component]

    def place_of(self, cause: Cause) -> tuple[Series, int]:
        """A planted release: its component's series, and its place there."""
        series = self.series[COMPONENT_AT[cause.target]]
        return series, int(np.searchsorted(series.times, cause.begin))

    def carried(self, cause: Cause, when: Int, delay: Float) -> Bool:
        """Who meets a planted release: an app's when the phone has taken it, else whoever comes after it.

        `delay`: days from an app's release until a person has it.
        """
        series, place = self.place_of(cause)
        seen = when - (delay * DAY).astype(np.int64) if series.component == APP else when
        met: Bool = (series.at(seen) == place) & (when >= cause.begin) & (when < cause.end)
        return met
