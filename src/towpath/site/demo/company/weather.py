"""How days differ: weekday, season, chance; and how load and chance move speed and faults with them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from towpath.site.demo.company.draws import Draws, Float, Int, Purpose
from towpath.site.demo.company.landscape import COMPONENTS, of_components
from towpath.site.demo.company.plan import DAY, HOUR, Plan

WEEKDAYS = np.log(np.array([1.12, 1.08, 1.04, 1.02, 0.96, 0.82, 0.78]))
"""Monday first, as logarithms, so that noise can stretch them."""
SEASON, CHANCE = 0.12, 0.10
FAULT_CHANCE, LOAD_CHANCE = 0.35, 0.08
LOAD = np.array(
    [0.1, 0.05, 0.05, 0.05, 0.1, 0.2, 0.4, 0.7, 0.9, 0.9, 0.85, 0.9, 1.0, 0.9, 0.8, 0.8, 0.85, 0.95, 1.0, 1.0,
     0.9, 0.7, 0.4, 0.2]
)  # fmt: skip
"""Of the systems, by hour (UTC, which is the company's time)."""


class Weather:
    """The days of a run. What a day is like depends on its date and the seed, not on where the run begins."""

    def __init__(self, plan: Plan, draws: Draws) -> None:
        self._start, self._days = plan.start, plan.days
        numbers = plan.start // DAY + np.arange(plan.days + 1, dtype=np.int64)
        weekday = (numbers + 3) % 7
        of_year = np.array([_day_of_year(int(number)) for number in numbers])
        season = SEASON * np.cos(2 * np.pi * (of_year - 15) / 365.25)
        chance = CHANCE * draws.normal(Purpose.DAY, numbers)[0]
        self.weights: Float = np.exp(plan.noise * (WEEKDAYS[weekday] + season + chance))
        components = np.arange(len(COMPONENTS))[:, None]
        z = draws.normal(Purpose.COMPONENT_DAY, np.repeat(components, len(numbers), 1).ravel(),
                         np.tile(numbers, len(COMPONENTS)))  # fmt: skip
        z = z.reshape(4, len(COMPONENTS), -1)
        spread = FAULT_CHANCE * plan.noise
        self._faults = of_components("faults")[:, None] / 1000 * np.exp(spread * z[0] - spread**2 / 2)
        self._slow = np.exp(LOAD_CHANCE * plan.noise * z[1])
        self._strain = of_components("strain")

    def days_from(self, low: Float, high: Float, u: Float) -> Int:
        """A day of the run for each, between two (float64, days from the start), the busier the likelier."""
        heights = np.concatenate([[0.0], np.cumsum(self.weights[: self._days])])
        places = np.arange(self._days + 1, dtype=np.float64)
        first, last = (np.interp(each, places, heights) for each in (low, high))
        found = np.searchsorted(heights, first + u * (last - first), side="right") - 1
        days: Int = np.clip(found, 0, self._days - 1).astype(np.int64)
        return days

    def slowness(self, component: Int, at: Int) -> Float:
        """By how much load slows a component at these times (UTC microseconds). Of -1 it says nothing."""
        factor: Float = (1.0 + self._strain[component] * LOAD[hours(at)]) * self._slow[
            component, self._day(at)
        ]
        return factor

    def faults(self, component: Int, at: Int) -> Float:
        """Chance that a call of a component fails at these times."""
        chance: Float = self._faults[component, self._day(at)]
        return chance

    def _day(self, at: Int) -> Int:
        return np.clip((at - self._start) // DAY, 0, self._days).astype(np.int64)


def hours(at: Int) -> Int:
    """Hour of the day, 0 to 23."""
    return (at % DAY) // HOUR


def _day_of_year(number: int) -> int:
    return datetime.fromtimestamp(number * 86_400, UTC).timetuple().tm_yday
