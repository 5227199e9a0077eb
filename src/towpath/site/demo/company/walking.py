"""People on their way: attempt by attempt, until they have what they came for, or have left.

All who are still on their way make their next attempt together (a wave). Whatever a person does is drawn by
its address (person, intent, visit, step, try), so that others never change it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from towpath.site.demo.company.draws import Bool, Draws, Float, Int, Purpose
from towpath.site.demo.company.influences import Influences, Situations
from towpath.site.demo.company.intents import Intents
from towpath.site.demo.company.landscape import (
    ABANDONED,
    CALLS,
    FAULT,
    IDENTIFY,
    MISTAKE,
    OK,
    PAY,
    REFUSED,
    STEPS_EACH,
    of_components,
    of_steps,
)
from towpath.site.demo.company.people import People
from towpath.site.demo.company.plan import DAY, HOUR, SECOND, Plan
from towpath.site.demo.company.weather import Weather

MOST_TRIES = 7
MOST_VISITS = 4
SILENT = 0.5
"""Share of those who leave of their own accord without beginning the step that they had before them."""
KNOWN = 0.85
"""Share of the faults of which the company's systems can tell the component."""
HOP, HELP, LATER = 0.22, 0.50, 0.72
"""Of those whose patience is at its end: these change channel, these ask for help, these come back another
day; the rest give up."""
HELPED_BACK = 0.55

_MEDIAN, _SPREAD = of_components("median_ms"), of_components("spread")
_LEAVES, _EFFORT = of_steps("leaves"), of_steps("effort_s")
_MISTAKES, _REFUSALS = of_steps("mistakes"), of_steps("refusals")


@dataclass(frozen=True)
class Attempts:
    """What the company's systems record of attempts: a row each, by column.

    `at`: UTC microseconds; `tries`: how often the person had tried the step in this visit; `latency`:
    milliseconds; `component`: which took longest, or failed, where the systems know (else -1); `slowest_ms`:
    how long that was.
    """

    intent: Int
    at: Int
    channel: Int
    step: Int
    visit: Int
    tries: Int
    outcome: Int
    latency: Float
    component: Int
    slowest_ms: Float


_NOBODY = np.zeros(0, np.int64)
_NOTHING = Attempts(*(_NOBODY,) * 7, np.zeros(0), _NOBODY, np.zeros(0))


@dataclass(frozen=True)
class Walked:
    """What became of all. `help`: who asked for it (intent, time, visit); `converted`: who came to the end;
    `declined`: who was turned down (intent, time, channel); `missed`: who came while a service was gone."""

    attempts: Attempts
    help: tuple[Int, Int, Int]
    converted: Bool
    declined: tuple[Int, Int, Int]
    missed: Bool


@dataclass
class _Wave:
    """Those who attempt together: `i` are their intents; the rest is row by row beside it."""

    i: Int
    they: Situations
    address: tuple[Int, Int, Int]
    outcome: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    waited: Float = field(default_factory=lambda: np.zeros(0))


class Walk:
    """One run of all intents."""

    def __init__(
        self, plan: Plan, people: People, intents: Intents, world: tuple[Weather, Influences], draws: Draws
    ) -> None:
        self.plan, self.people, self.intents, self.draws = plan, people, intents, draws
        self.weather, self.influences = world
        n = len(intents)
        self.at, self.channel = intents.start.copy(), people.channel[intents.person].copy()
        self.step, self.visit, self.tries = (np.zeros(n, np.int64) for _ in range(3))
        self.on = np.ones(n, np.bool_)
        self.converted, self.declined, self.missed = (np.zeros(n, np.bool_) for _ in range(3))
        self.attempts: list[Attempts] = []
        self.help: list[tuple[Int, Int, Int]] = []

    def run(self) -> Walked:
        """Until nobody is on the way any more, or the run is over."""
        while (i := np.flatnonzero(self.on & (self.at < self.plan.until))).size:
            self._turn_away(i)
            i = i[self.on[i] & ~self._gone(i)]
            if i.size:
                self._attempt(self._wave(i))
        i, at, visit = (np.concatenate(each) for each in zip((_NOBODY,) * 3, *self.help, strict=True))
        no = np.flatnonzero(self.declined)
        declined = (no, self.at[no], self.channel[no])
        return Walked(self._recorded(), (i, at, visit), self.converted, declined, self.missed)

    def _wave(self, i: Int) -> _Wave:
        step = self.intents.journey[i] * STEPS_EACH + self.step[i]
        when = (self.visit[i] * 100 + step) * 100 + self.tries[i]
        they = Situations(step, self.channel[i], self.at[i], self.intents.person[i])
        return _Wave(i, they, (they.person, self.intents.number[i], when))

    def _gone(self, i: Int) -> Bool:
        step = self.intents.journey[i] * STEPS_EACH + self.step[i]
        return self.influences.gone(_called(step, self.channel[i]), self.at[i])

    def _turn_away(self, i: Int) -> None:
        """Where a service is gone nothing is recorded: some come back when it is there again, some never."""
        away = i[self._gone(i)]
        if not away.size:
            return
        w = self._wave(away)
        u = self.draws.uniform(Purpose.PLANTED, *w.address)
        self.missed[away] = True
        back = (u[0] < 0.45) & (self.visit[away] < MOST_VISITS)
        again = self.influences.back_at(self.at[away])
        self.at[away] = again + (u[1] * 20 * HOUR).astype(np.int64)
        self._begin_anew(away[back])
        self.on[away[~back]] = False

    def _begin_anew(self, i: Int) -> None:
        self.step[i], self.tries[i] = 0, 0
        self.visit[i] += 1

    def _attempt(self, w: _Wave) -> None:
        u = self.draws.uniform(Purpose.COURSE, *w.address)
        base = _LEAVES[w.they.step] * self.people.reluctance[w.they.person] * (self.tries[w.i] == 0)
        lost = self.influences.leaving(w.they)
        base_leaves, lured = u[0] < base, (u[0] >= base) & (u[0] < base + lost * (self.tries[w.i] == 0))
        silent = base_leaves & (u[1] < SILENT)
        self.on[w.i[silent]] = False
        waited, shown, worst, worst_ms, broken = self._calls(w)
        patience = self.people.patience[w.they.person]
        tired = waited > patience
        mistaken = u[2] < _MISTAKES[w.they.step]
        refused = u[3] < _REFUSALS[w.they.step]
        w.outcome = np.select(
            [base_leaves | lured, tired, broken >= 0, mistaken, refused],
            [ABANDONED, ABANDONED, FAULT, MISTAKE, REFUSED], OK,
        )  # fmt: skip
        w.waited = np.where(tired, patience, waited)
        self._record(w, ~silent, np.where(tired, patience * shown / waited, shown), broken, (worst, worst_ms))
        left = base_leaves | lured
        self.on[w.i[left]] = False
        self._go_on(w, ~left)

    def _calls(self, w: _Wave) -> tuple[Float, Float, Int, Float, Int]:
        """What they wait, what the systems show of it (both ms), the component that took longest and how long
        (ms), and the one that failed (-1)."""
        called = _called(w.they.step, w.they.channel)
        there = called >= 0
        flat, at = called.ravel(), np.repeat(w.they.at, called.shape[1])
        z = self.draws.normal(Purpose.SPEED, *w.address).T
        speed = _MEDIAN[called] * np.exp(_SPREAD[called] * z)
        speed *= self.weather.slowness(flat, at).reshape(called.shape)
        speed = np.where(there, self.influences.slowed(speed, called, w.they), 0.0)
        chance = self.weather.faults(flat, at).reshape(called.shape)
        chance = self.influences.failing(chance, called, w.they)
        u = self.draws.uniform(Purpose.FAULT, *w.address).T
        fails = there & (u < chance)
        first = np.argmax(fails, axis=1)
        rows = np.arange(len(w.i))
        broken = np.where(fails.any(axis=1), called[rows, first], -1)
        worst = np.argmax(speed, axis=1)
        waited = speed.sum(axis=1)
        shown = waited * self.influences.seeming(w.they)
        return waited, shown, called[rows, worst], speed[rows, worst], broken

    def _record(self, w: _Wave, seen: Bool, shown: Float, broken: Int, worst: tuple[Int, Float]) -> None:
        u = self.draws.uniform(Purpose.SPEED_MORE, *w.address)
        traced = (w.they.channel < 2) | (u[0] < 0.3)
        told = np.where(traced, worst[0], -1)
        told = np.where(w.outcome == FAULT, np.where(u[1] < KNOWN, broken, -1), told)
        visit, tries = self.visit[w.i], self.tries[w.i]
        rows = Attempts(
            w.i,
            w.they.at,
            w.they.channel,
            w.they.step,
            visit,
            tries,
            w.outcome,
            shown,
            told,
            np.minimum(worst[1], shown),
        )
        # Their time and place move on: what was recorded stays.
        self.attempts.append(Attempts(*(values[seen].copy() for values in vars(rows).values())))

    def _recorded(self) -> Attempts:
        columns = zip(*(vars(wave).values() for wave in (_NOTHING, *self.attempts)), strict=True)
        return Attempts(*map(np.concatenate, columns))

    def _go_on(self, w: _Wave, there: Bool) -> None:
        """What each does next, by how it went."""
        u = self.draws.uniform(Purpose.REACTION, *w.address)
        pause = _EFFORT[w.they.step] * -np.log(u[0]) * SECOND
        self.at[w.i] += (w.waited * 1000).astype(np.int64) + SECOND + pause.astype(np.int64)
        good = there & (w.outcome == OK)
        self._step_on(w.i[good])
        declined = there & (w.outcome == REFUSED) & (w.they.step == IDENTIFY)
        self.on[w.i[declined]], self.declined[w.i[declined]] = False, True
        bad = there & ~good & ~declined
        persistent = (self.intents.journey[w.i] == PAY).astype(np.int64)
        limit = np.minimum(self.people.tries[w.they.person] + persistent, MOST_TRIES)
        limit += (w.outcome == MISTAKE).astype(np.int64)
        self.tries[w.i[bad]] += 1
        spent = bad & (self.tries[w.i] >= limit)
        if spent.any():
            self._react(w.i[spent], w.they.channel[spent], u[:, spent])

    def _step_on(self, i: Int) -> None:
        self.step[i] += 1
        self.tries[i] = 0
        done = i[self.step[i] == STEPS_EACH]
        self.converted[done], self.on[done] = True, False

    def _react(self, i: Int, channel: Int, u: Float) -> None:
        """Their patience is at its end: another channel, help, another day, or never."""
        more = self.visit[i] < MOST_VISITS
        hops, helped = u[1] < HOP, (u[1] >= HOP) & (u[1] < HELP)
        later = (u[1] >= HELP) & (u[1] < LATER)
        moved = i[hops & more]
        self.channel[moved] = np.where(channel[hops & more] == 2, 0, 2)
        self.at[moved] += (5 * 60 * SECOND * (1 + u[2][hops & more])).astype(np.int64)
        self._begin_anew(moved)
        self.help.append((i[helped], self.at[i[helped]] + 120 * SECOND, self.visit[i[helped]].copy()))
        returning = more & (later | (helped & (u[2] < HELPED_BACK)))
        back = i[returning]
        self.at[back] += (DAY * (0.7 + 0.6 * u[3][returning])).astype(np.int64)
        self._begin_anew(back)
        self.on[i[~(hops & more) & ~returning]] = False


def _called(step: Int, channel: Int) -> Int:
    """int64[n, WIDEST]: the components that each calls; -1 where there is no more."""
    found: Int = CALLS[step, channel]
    return found
