"""Troubles weighed: customer-days, customers, money, rank; and told as `Detected`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics import days as counting
from towpath.analytics.days import CustomerDays, DaysPartial
from towpath.analytics.instances import CONVERTED
from towpath.analytics.normal import Z90
from towpath.analytics.shrinking import shrink
from towpath.improvement.measures.days import Ruined
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.measures.troubles import RUINING, Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.first_steps import first_step, level
from towpath.improvement.rules.pricing import Prices
from towpath.improvement.schemas.findings import Cost, Detected, Estimate, Moment, Where

Floats = npt.NDArray[np.float64]
LEVEL = 0.9
WEEKS = 12


@dataclass(frozen=True)
class Other:
    """Excess and error of a step and family at which nothing was found."""

    family: Family
    excess: float
    error: float


@dataclass(frozen=True, eq=False)
class Weighed:
    """One trouble's figures of the week. `avoidable`, `customers`: estimates (shrunken) of ruined days and of
    customers beyond what would have been; `met`: distinct customers."""

    touched: float
    share: float
    alone: float
    met: int
    avoidable: Estimate
    customers: Estimate
    weeks: tuple[float, ...]


def weigh(
    frame: Frame,
    troubles: Sequence[Trouble],
    partial: DaysPartial,
    ruined: Ruined,
    others: Sequence[Other],
) -> list[Weighed]:
    """The figures of each trouble. `others`: what was looked at and is no trouble: the estimates are shrunk
    among all of them."""
    if not troubles:
        return []
    figures = _Figures(
        frame,
        counting.finish(partial, *frame.week),
        [counting.finish(partial, *_span(frame.last_day, back)) for back in reversed(range(WEEKS))],
        ruined,
    )
    estimates = _shrunken(troubles, others)
    return [figures.of(trouble, place, estimates[place]) for place, trouble in enumerate(troubles)]


def _shrunken(troubles: Sequence[Trouble], others: Sequence[Other]) -> list[Estimate]:
    """The posterior of each, among figures of its own kind: customer-days ruined, customers lost, repeats.

    A trouble was selected: that it is none at all is no more likely than its q says. So of the posterior the
    part that is not zero counts, and the zero by at most q. What is `certain` by other evidence is none of
    those that chance may have made large, and stays as it was seen.
    """
    found = [_as_seen(each) for each in troubles]
    for kind in {_kind(each.family) for each in troubles}:
        places = [
            place for place, each in enumerate(troubles) if _kind(each.family) == kind and not each.certain
        ]
        beside = [each for each in others if _kind(each.family) == kind]
        excess = np.array([*(troubles[place].excess for place in places), *(each.excess for each in beside)])
        error = np.array([*(troubles[place].error for place in places), *(each.error for each in beside)])
        error = np.maximum(error, 1e-3)
        drawn = shrink(excess, error, level=LEVEL)
        for row, place in enumerate(places):
            zero = float(drawn.zero[row])
            q = min((signal.q for signal in troubles[place].signals), default=0.0)
            if zero >= 1.0 - 1e-9 or excess[row] <= 0:
                found[place] = Estimate(float(drawn.mean[row]), float(drawn.low[row]), float(drawn.high[row]))
                continue
            value = float(drawn.mean[row]) / (1 - zero) * (1 - min(zero, q))
            half = Z90 * float(error[row]) * float(np.sqrt(min(value / excess[row], 1.0)))
            found[place] = Estimate(value, max(value - half, 0.0), value + half)
    return found


def _as_seen(trouble: Trouble) -> Estimate:
    half = Z90 * trouble.error
    return Estimate(trouble.excess, max(trouble.excess - half, 0.0), trouble.excess + half)


def _kind(family: Family) -> str:
    return "ruined" if family in RUINING else family.value


@dataclass(frozen=True, eq=False)
class _Figures:
    """Customer-days of the week and of the last twelve, and the facts behind them."""

    frame: Frame
    week: CustomerDays
    weekly: list[CustomerDays]
    ruined: Ruined

    def of(self, trouble: Trouble, place: int, excess: Estimate) -> Weighed:
        bad = trouble.bad.within(*self.frame.week)
        days, hurt = max(len(bad.day), 1), len(np.unique(bad.customer))
        beyond = _scaled(excess, hurt / days) if hurt else excess
        if trouble.family not in RUINING:
            nothing, spans = (
                Estimate(0.0, 0.0, 0.0),
                [_span(self.frame.last_day, back) for back in range(WEEKS)],
            )
            weeks = tuple(float(len(trouble.bad.within(*span).day)) for span in reversed(spans))
            return Weighed(float(len(bad.day)), 0.0, 0.0, hurt, nothing, beyond, weeks)
        touched, share, alone = _of(self.week, place)
        met = len(np.unique(self.ruined.of(place).within(*self.frame.week).customer)) or hurt
        # A day that something else ruined as well is not won by mending this.
        avoidable = _scaled(excess, alone / days) if touched else excess
        weeks = tuple(_of(each, place)[1] for each in self.weekly)
        return Weighed(touched, share, alone, met, avoidable, beyond, weeks)


def _scaled(estimate: Estimate, times: float) -> Estimate:
    return Estimate(estimate.value * times, estimate.low * times, estimate.high * times)


def _span(last_day: int, back: int) -> tuple[int, int]:
    return last_day - 7 * back - 6, last_day - 7 * back


def _of(figures: CustomerDays, cause: int) -> tuple[float, float, float]:
    """Touched, share and alone of one cause, over the days."""
    at = np.flatnonzero(figures.causes == cause)
    if not len(at):
        return 0.0, 0.0, 0.0
    row = int(at[0])
    return float(figures.touched[row].sum()), float(figures.share[row].sum()), float(figures.alone[row].sum())


def cost_of(trouble: Trouble, lost: float, prices: Prices) -> Cost | None:
    """Money a week, by part; None where nothing has a price. `lost`: customers of the week."""
    runs = trouble.journey.runs
    worth = runs.value[np.isfinite(runs.value)]
    priced = runs.currency is not None and len(worth) > 0
    margin = None
    if priced and lost:
        arrivals = max(int((runs.end == CONVERTED).sum()), 1)
        margin = lost * float(worth.sum()) / max(arrivals, len(worth)) * prices.margin
    handling = trouble.contacts if trouble.contacts else None
    back = None
    if trouble.grave and prices.compensation is not None:
        back = trouble.excess * prices.compensation
    if margin is None and handling is None and back is None:
        return None
    return Cost(margin, handling, back, runs.currency or prices.currency)


def _weight(cost: Cost | None, lost: float, prices: Prices) -> float:
    """Money in ruined days; lost customers weigh by themselves where nobody knows what they are worth."""
    by_themselves = 0.0 if cost is not None and cost.lost_margin is not None else lost * prices.lost_days
    return by_themselves + (cost.total / prices.day if cost is not None else 0.0)


def told(
    frame: Frame, trouble: Trouble, weighed: Weighed, prices: Prices, moments: tuple[Moment, ...]
) -> Detected:
    """The record of one trouble."""
    lost = weighed.customers.value if trouble.family is Family.LOSS else trouble.lost
    cost, key = cost_of(trouble, lost, prices), trouble.key
    return Detected(
        journey=key.journey,
        step=key.step,
        culprit=key.culprit,
        family=trouble.family.value,
        kinds=trouble.kinds,
        where=where_of(trouble),
        last_day=date_of(frame.last_day),
        met=weighed.met,
        beyond=weighed.customers,
        touched=weighed.touched,
        share=weighed.share,
        alone=weighed.alone,
        ruined_days=weighed.avoidable,
        cost=cost,
        since=trouble.onset,
        cause=None,
        level=level(trouble.family),
        first_step=first_step(
            trouble.family,
            change=trouble.change,
            component=trouble.component,
            hours=trouble.description.hours is not None,
            group=bool(trouble.segment),
            grave=trouble.signals[0].note if trouble.grave and trouble.signals else "",
        ),
        score=weighed.avoidable.value + _weight(cost, lost, prices),
        grave=trouble.grave,
        weeks=weighed.weeks,
        together=trouble.together,
        moments=moments,
        signals=trouble.signals,
    )


def where_of(trouble: Trouble) -> Where:
    definition, step = trouble.journey.definition, trouble.journey.steps[trouble.step]
    return Where(
        journey=definition.key,
        journey_name=definition.name,
        step=step.key,
        step_name=step.name,
        moment_of_truth=step.moment_of_truth,
        service=trouble.service,
        component=trouble.component,
        change=trouble.change,
        segment=trouble.segment,
        hours=trouble.description.hours,
    )
