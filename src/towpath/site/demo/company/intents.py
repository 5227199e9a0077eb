"""What people set out to do, and when: join, pay a bill, move home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.site.demo.company.draws import Draws, Float, Int, Purpose
from towpath.site.demo.company.landscape import JOIN, MOVE, PAY
from towpath.site.demo.company.people import People
from towpath.site.demo.company.plan import DAY, HOUR, Plan
from towpath.site.demo.company.weather import Weather

BILL_EVERY = 28
PAYING_WITHIN = 8
"""Days from a bill until it is paid, at most, by those who set out to."""
BY_HAND = 0.8
"""The others have given the company leave to collect."""
MOVES_A_DAY = 0.0025
"""Many customers here rent for a year: the town has a university and a port."""


@dataclass(frozen=True)
class Intents:
    """Arrays by intent. `nth`: which of its kind it is for the person; `value`: margin in EUR, to be had when
    it comes to its end; `amount`: of the bill, 0 where there is none."""

    person: Int
    journey: Int
    nth: Int
    start: Int
    value: Float
    amount: Float

    def __len__(self) -> int:
        return len(self.person)

    @property
    def number(self) -> Int:
        """Together with the person, what an intent is addressed by."""
        return numbers(self.journey, self.nth)


def numbers(journey: Int, nth: Int) -> Int:
    """What intents are addressed by, together with the person."""
    return journey * 100_000 + nth


def intents_of(plan: Plan, people: People, weather: Weather, draws: Draws) -> Intents:
    """All intents that begin within the run, those of one kind together."""
    customers = np.arange(people.customers, dtype=np.int64)
    parts = [
        _joins(plan, np.arange(people.customers, len(people), dtype=np.int64), weather, draws),
        _bills(plan, customers, weather, draws),
        _moves(plan, customers, weather, draws),
    ]
    person, journey, nth, day = (np.concatenate(each) for each in zip(*parts, strict=True))
    z = draws.normal(Purpose.ARRIVAL, person, numbers(journey, nth))
    hour = (people.hour[person] + 1.2 * z[0]) % 24
    amount = np.where(journey == PAY, np.round(118 * np.exp(0.4 * z[1]), 2), 0.0)
    margin = np.where(journey == JOIN, 140 * np.exp(0.35 * z[2]), 95 * np.exp(0.35 * z[2]))
    value = np.round(np.where(journey == PAY, amount * 0.09, margin), 2).astype(np.float64)
    start = plan.start + day * DAY + (hour * HOUR).astype(np.int64)
    return Intents(person, journey, nth, start, value, amount)


Part = tuple[Int, Int, Int, Int]


def _part(person: Int, journey: int, nth: Int, day: Int) -> Part:
    return person, np.full(len(person), journey, np.int64), nth, day


def _joins(plan: Plan, person: Int, weather: Weather, draws: Draws) -> Part:
    u = draws.uniform(Purpose.JOIN, person)
    day = weather.days_from(np.zeros(len(person)), np.full(len(person), float(plan.days)), u[0])
    return _part(person, JOIN, np.zeros(len(person), np.int64), day)


def _moves(plan: Plan, customers: Int, weather: Weather, draws: Draws) -> Part:
    u = draws.uniform(Purpose.MOVE, customers)
    person = customers[u[0] < min(MOVES_A_DAY * plan.days, 0.9)]
    u = u[1][person]
    day = weather.days_from(np.zeros(len(person)), np.full(len(person), float(plan.days)), u)
    return _part(person, MOVE, np.zeros(len(person), np.int64), day)


def _bills(plan: Plan, customers: Int, weather: Weather, draws: Draws) -> Part:
    u = draws.uniform(Purpose.BILL, customers)
    payers = customers[u[0] < BY_HAND]
    first = (u[1] * BILL_EVERY).astype(np.int64)[payers] - BILL_EVERY
    count = plan.days // BILL_EVERY + 2
    person, nth = np.repeat(payers, count), np.tile(np.arange(count, dtype=np.int64), len(payers))
    billed = np.repeat(first, count) + nth * BILL_EVERY
    u = draws.uniform(Purpose.BILL, person, nth + 1)
    low = np.maximum(billed, 0).astype(np.float64)
    day = weather.days_from(low, np.minimum(billed + PAYING_WITHIN, plan.days).astype(np.float64), u[0])
    # A window that the run's first or last day cuts holds only that part of those who pay in it.
    wanted = np.minimum(billed + PAYING_WITHIN, plan.days) - np.maximum(billed, 0)
    kept = (wanted > 0) & (u[1] * PAYING_WITHIN < wanted)
    return _part(person[kept], PAY, nth[kept], day[kept])
