"""Customer-days: how many were active, how many ruined, and by what.

An active customer-day is a customer and a local date with any fact; it is ruined if one of its facts has a
cause. Three figures a cause: *touched* (days with it; does not add up over causes), *share* (1/k of a day
with k causes; adds up to the ruined days), *alone* (days with this cause only). A customer counts once per
cause and day, however many facts say so. Distinct customers are never summed over days or causes.

A partial holds how many facts support each (customer, day, cause), so that a late event is merged in and a
removed one is subtracted, and the figures are then those of the facts that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ACTIVITY = -1
"""The cause of a fact without harm."""

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DayFacts:
    """One place a fact, in any order. `customer` int64[n]; `day` int32[n], local dates of the organisation as
    days since 1970-01-01; `cause` int32[n], a cause's number, -1 for activity without harm."""

    customer: Int64
    day: Int32
    cause: Int32


@dataclass(frozen=True, eq=False)
class DaysPartial:
    """Each (customer, day, cause) once, in that order, with the number of facts that support it (above 0)."""

    customer: Int64
    day: Int32
    cause: Int32
    facts: Int64


@dataclass(frozen=True, eq=False)
class CustomerDays:
    """Figures by day (d of them, ascending, those with activity) and by cause (c of them, ascending, those
    seen).

    `active`, `ruined` int64[d]. `touched`, `alone` int64[c, d], `share` float64[c, d]: customer-days.
    `customers` int64[c]: distinct customers that met the cause on any of the days. `active_customers`,
    `ruined_customers`: distinct over all days.
    """

    days: Int32
    active: Int64
    ruined: Int64
    causes: Int32
    touched: Int64
    share: Floats
    alone: Int64
    customers: Int64
    active_customers: int
    ruined_customers: int


def partial(facts: DayFacts) -> DaysPartial:
    """What these facts contribute. Raises ValueError for columns of different lengths and causes below -1."""
    customer = np.asarray(facts.customer, np.int64)
    day, cause = np.asarray(facts.day, np.int32), np.asarray(facts.cause, np.int32)
    if customer.ndim != 1 or not customer.shape == day.shape == cause.shape:
        raise ValueError("Customers, days and causes must be lists of one length.")
    if cause.min(initial=ACTIVITY) < ACTIVITY:
        raise ValueError(f"Cause {cause.min()} is no cause: causes are numbered from 0, -1 is activity.")
    return _summed(customer, day, cause, np.ones(len(customer), np.int64))


def merge(partials: Sequence[DaysPartial]) -> DaysPartial:
    """The facts of all parts together; parts may share customers and days."""
    return _summed(*_columns(partials))


def subtract(whole: DaysPartial, part: DaysPartial) -> DaysPartial:
    """The facts of `whole` without those of `part`. Raises ValueError if `part` holds facts that `whole` does
    not."""
    customer, day, cause, facts = _columns([whole, part])
    facts[len(whole.facts) :] *= -1
    return _summed(customer, day, cause, facts)


def finish(partial: DaysPartial, first_day: int | None = None, last_day: int | None = None) -> CustomerDays:
    """The figures of the days from `first_day` up to and including `last_day` (None = no bound)."""
    inside = np.ones(len(partial.day), np.bool_)
    if first_day is not None:
        inside &= partial.day >= first_day
    if last_day is not None:
        inside &= partial.day <= last_day
    customer, day, cause = partial.customer[inside], partial.day[inside], partial.cause[inside]
    new_day = _differs(customer, day)
    harm = cause != ACTIVITY
    of_day = np.cumsum(new_day) - 1
    causes_of_day = np.bincount(of_day[harm], minlength=int(new_day.sum()))
    k = causes_of_day[of_day[harm]]
    days, day_at = np.unique(day, return_inverse=True)
    causes, cause_at = np.unique(cause[harm], return_inverse=True)
    shape = (len(causes), len(days))
    cell = cause_at * len(days) + day_at[harm]
    touched = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    share: Floats = np.bincount(cell, weights=1.0 / k, minlength=shape[0] * shape[1]).astype(np.float64)
    alone = np.bincount(cell[k == 1], minlength=shape[0] * shape[1]).reshape(shape)
    day_of = day_at[new_day]
    return CustomerDays(
        days=days,
        active=np.bincount(day_of, minlength=len(days)),
        ruined=np.bincount(day_of[causes_of_day > 0], minlength=len(days)),
        causes=causes,
        touched=touched,
        share=share.reshape(shape),
        alone=alone,
        customers=_distinct_by(cause_at, customer[harm], len(causes)),
        active_customers=len(np.unique(customer)),
        ruined_customers=len(np.unique(customer[harm])),
    )


def customers_of(partial: DaysPartial, cause: int, days: npt.ArrayLike | None = None) -> Int64:
    """The distinct customers, ascending int64, that met the cause on one of the days (None = on any day)."""
    met = partial.cause == cause
    if days is not None:
        met &= np.isin(partial.day, np.asarray(days))
    return np.unique(partial.customer[met])


def days_of(partial: DaysPartial, cause: int) -> DayFacts:
    """The customer-days that the cause touched, by customer and day, to be opened down to their events."""
    met = partial.cause == cause
    return DayFacts(partial.customer[met], partial.day[met], partial.cause[met])


def _columns(partials: Sequence[DaysPartial]) -> tuple[Int64, Int32, Int32, Int64]:
    return (
        np.concatenate([np.zeros(0, np.int64), *(part.customer for part in partials)]),
        np.concatenate([np.zeros(0, np.int32), *(part.day for part in partials)]),
        np.concatenate([np.zeros(0, np.int32), *(part.cause for part in partials)]),
        np.concatenate([np.zeros(0, np.int64), *(part.facts for part in partials)]),
    )


def _summed(customer: Int64, day: Int32, cause: Int32, facts: Int64) -> DaysPartial:
    """Facts added up by (customer, day, cause), those that come to nothing left out."""
    order = _order(customer, day, cause)
    customer, day, cause, facts = customer[order], day[order], cause[order], facts[order]
    first = np.flatnonzero(_differs(customer, day, cause))
    total = np.add.reduceat(facts, first) if len(first) else facts
    if np.any(total < 0):
        wrong = first[np.argmin(total)]
        raise ValueError(
            f"More facts are taken away than there are, for customer {customer[wrong]} on day {day[wrong]}, "
            f"cause {cause[wrong]}: subtract only what was merged before."
        )
    first, total = first[total > 0], total[total > 0]
    return DaysPartial(customer[first], day[first], cause[first], total)


def _order(customer: Int64, day: Int32, cause: Int32) -> Int64:
    """Order by (customer, day, cause). Day and cause go into one number: a sort less, and most of the
    time."""
    if not len(customer):
        return np.zeros(0, np.int64)
    span = int(cause.max()) - ACTIVITY + 1
    within = (day.astype(np.int64) - int(day.min())) * span + (cause.astype(np.int64) - ACTIVITY)
    return np.lexsort((within, customer))


def _differs(*columns: npt.NDArray[np.generic]) -> Bools:
    """Whether a row differs from the one before; True for the first."""
    differs = np.zeros(len(columns[0]), np.bool_)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs


def _distinct_by(group: Int64, customer: Int64, groups: int) -> Int64:
    """Distinct customers in each group; `customer` ascending."""
    order = np.argsort(group, kind="stable")
    first = _differs(group[order], customer[order])
    return np.bincount(group[order][first], minlength=groups)
