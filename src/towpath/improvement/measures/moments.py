"""Ruined days to open: those that show a trouble best."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from towpath.analytics.days import ACTIVITY, DaysPartial
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.schemas.findings import Moment

MOST = 20


def moments_of(frame: Frame, troubles: Sequence[Trouble], partial: DaysPartial) -> list[tuple[Moment, ...]]:
    """Up to twenty of each: customers whose day nothing else ruined first, then the latest."""
    chosen = [_chosen(trouble.bad.within(*frame.week), partial) for trouble in troubles]
    times = sorted({time for each in chosen for time in each.time.tolist()})
    found = _events(frame, times) if times else {}
    return [
        tuple(
            Moment(str(key), date_of(day), _moment(time), source, id_)
            for who, day, time in zip(
                each.customer.tolist(), each.day.tolist(), each.time.tolist(), strict=True
            )
            for key, source, id_ in _theirs(found.get(time, []), who)
        )
        for each in chosen
    ]


def _theirs(at_once: list[tuple[int, str, str]], customer: int) -> list[tuple[int, str, str]]:
    """The customer's own event among those of one moment, none or one. An event of a case may lie under the
    case's key: it is taken where nobody else's comes into question."""
    own = [each for each in at_once if each[0] == customer]
    return (own or (at_once if len(at_once) == 1 else []))[:1]


def _chosen(bad: Bad, partial: DaysPartial) -> Bad:
    harm = partial.cause != ACTIVITY
    customer, day = partial.customer[harm], partial.day[harm].astype(np.int64)
    several = (customer[1:] == customer[:-1]) & (day[1:] == day[:-1])
    crowded = {(int(c), int(d)) for c, d in zip(customer[1:][several], day[1:][several], strict=True)}
    alone = np.array(
        [(c, d) not in crowded for c, d in zip(bad.customer.tolist(), bad.day.tolist(), strict=True)],
        np.bool_,
    )
    order = np.lexsort((-bad.time, ~alone))
    seen: set[int] = set()
    rows: list[int] = []
    for row in order.tolist():
        if int(bad.customer[row]) not in seen and len(rows) < MOST:
            seen.add(int(bad.customer[row]))
            rows.append(row)
    return Bad(bad.customer[rows], bad.day[rows], bad.time[rows])


def _events(frame: Frame, times: list[int]) -> dict[int, list[tuple[int, str, str]]]:
    """Key, source and id of the events at these moments."""
    first, last = _moment(times[0]), _moment(times[-1])
    table = frame.snapshot.query(
        "select key, epoch_us(time) as at, source, id from events where time >= $first and time <= $last "
        "and epoch_us(time) in (select unnest($times::bigint[])) "
        "order by time, seq, source, id",
        {"first": first, "last": last, "times": times},
    )
    found: dict[int, list[tuple[int, str, str]]] = {}
    for key, at, source, id_ in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
        found.setdefault(at, []).append((key, source, id_))
    return found


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
