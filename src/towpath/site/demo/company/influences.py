"""What planted causes do to the people who meet them. Without any, nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.site.demo.company.draws import Bool, Float, Int
from towpath.site.demo.company.landscape import COMPONENT_AT, COMPONENTS, JOURNEYS, STEP_AT, STEPS_EACH
from towpath.site.demo.company.people import People
from towpath.site.demo.company.plan import EVENING, LOSSY, OUTAGE, REGRESSION, RELEASE, SLOW, Cause, Plan
from towpath.site.demo.company.releases import Releases
from towpath.site.demo.company.weather import hours


@dataclass(frozen=True)
class Situations:
    """Attempts about to be made, a row each: at which step, on which channel, when, by whom."""

    step: Int
    channel: Int
    at: Int
    person: Int


class Influences:
    """The causes of a plan, asked by those on their way."""

    def __init__(self, plan: Plan, people: People, releases: Releases) -> None:
        self._people, self._releases = people, releases
        self._of = {kind: [c for c in plan.causes if c.kind == kind and c.size > 0] for kind in
                    (SLOW, RELEASE, LOSSY, OUTAGE, EVENING, REGRESSION)}  # fmt: skip

    def gone(self, called: Int, at: Int) -> Bool:
        """Who finds a service gone that their step needs. `called`: int64[n, k] components, -1 for none."""
        found = np.zeros(len(at), np.bool_)
        for cause in self._of[OUTAGE]:
            parts = np.array([component.service == cause.target for component in COMPONENTS] + [False])
            found |= parts[called].any(axis=1) & (at >= cause.begin) & (at < cause.until)
        return found

    def back_at(self, at: Int) -> Int:
        """When the outage that somebody met is over."""
        over = at.copy()
        for cause in self._of[OUTAGE]:
            met = (at >= cause.begin) & (at < cause.until)
            over[met] = np.maximum(over[met], cause.until)
        return over

    def slowed(self, speed: Float, called: Int, they: Situations) -> Float:
        """Milliseconds by component (float64[n, k]), longer where a dependency is slow."""
        for cause in self._of[SLOW]:
            met = _when(cause, they.at) & self._people.belongs(they.person, they.channel, cause.segment)
            hit = met[:, None] & (called == COMPONENT_AT[cause.target])
            speed = np.where(hit, speed * cause.times, speed)
        return speed

    def seeming(self, they: Situations) -> Float:
        """By how much an answer comes later without anybody minding."""
        factor = np.ones(len(they.at))
        for cause in self._of[EVENING]:
            factor[self._evening(cause, they)] *= cause.times
        return factor

    def failing(self, chance: Float, called: Int, they: Situations) -> Float:
        """Chances by component (float64[n, k]), higher where a release is bad or luck is."""
        for cause in self._of[REGRESSION]:
            hit = _when(cause, they.at)[:, None] & (called == COMPONENT_AT[cause.target])
            chance = np.where(hit, chance * cause.times, chance)
        for cause in self._of[RELEASE]:
            met = self._people.belongs(they.person, they.channel, cause.segment)
            met &= self._releases.carried(cause, they.at, self._people.upgrade[they.person])
            met &= they.step == STEP_AT[cause.step]
            hit = met[:, None] & (called == COMPONENT_AT[cause.target])
            chance = np.where(hit, chance + cause.share, chance)
        return chance

    def leaving(self, they: Situations) -> Float:
        """Share who leave beyond those who would anyway."""
        share = np.zeros(len(they.at))
        for cause in self._of[LOSSY]:
            met = (they.step == STEP_AT[cause.target]) & _when(cause, they.at)
            share[met & self._people.belongs(they.person, they.channel, cause.segment)] += cause.share
        for cause in self._of[EVENING]:
            share[self._evening(cause, they)] += cause.share
        return share

    def _evening(self, cause: Cause, they: Situations) -> Bool:
        met: Bool = (they.step // STEPS_EACH == JOURNEYS.index(cause.target)) & _when(cause, they.at)
        return met


def _when(cause: Cause, at: Int) -> Bool:
    """Within the cause's days and hours."""
    hour = hours(at)
    first, last = cause.hours
    daily = (hour >= first) & (hour < last) if first <= last else (hour >= first) | (hour < last)
    inside: Bool = (at >= cause.begin) & (at < cause.end) & daily
    return inside
