"""Which columns are times, and how they are written: day before month or month before day."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from towpath.events.times import MONTHS, parse_times

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
DAY_FIRST = tuple(f"%d{mark}%m{mark}%Y{clock}" for mark in "/.-" for clock in _CLOCKS)
MONTH_FIRST = tuple(f"%m{mark}%d{mark}%Y{clock}" for mark in "/.-" for clock in _CLOCKS)
OTHERS = (
    *(f"%Y/%m/%d{clock}" for clock in _CLOCKS),
    *(f"%d %b %Y{clock}" for clock in _CLOCKS),
    *(f"%d-%b-%Y{clock}" for clock in _CLOCKS),
    *(f"%b %d, %Y{clock}" for clock in _CLOCKS),
    "%d/%b/%Y:%H:%M:%S %z",
)
_LIKE_A_TIME = re.compile(rf"(?i)^(?=(\D*\d){{4}})(\d|{'|'.join(MONTHS)}).{{3,40}}$")
"""Cheap to try before forty formats: four digits, not too long, beginning with one or with a month."""
_EPOCHS = {"epoch_s": (6.3e8, 4.1e9), "epoch_ms": (6.3e11, 4.1e12), "epoch_us": (6.3e14, 4.1e15)}
"""Numbers that lie between 1990 and 2100, by unit."""
ENOUGH = 0.95
"""A column is one of times if so large a share of its values is read; the others are refused later, one by
one."""
_TRIED = 3_000


@dataclass(frozen=True)
class TimeColumns:
    """Columns of times with the format of each, and what is uncertain, in words."""

    formats: dict[str, str]
    doubts: tuple[str, ...]


def sniff_times(columns: Dictionary[str, Sequence[str]]) -> TimeColumns:
    """Which of these columns (name to its values, without missing ones) are times, and their formats."""
    spread = {name: _spread(values) for name, values in columns.items()}
    found: dict[str, str] = {}
    either: dict[str, tuple[str, str]] = {}
    for name, values in spread.items():
        likely = [value for value in values[:20] if _LIKE_A_TIME.match(value)]
        if not likely or len(likely) < len(values[:20]) / 2:
            continue
        best = _best(values, ("iso", *OTHERS))
        day, month = _best(values, DAY_FIRST), _best(values, MONTH_FIRST)
        if best:
            found[name] = best
        elif day and month:
            either[name] = (day, month)
        elif day or month:
            found[name] = day or month or ""
        elif epoch := _epoch(values):
            found[name] = epoch
    return _settle(found, either, spread)


def _spread(values: Sequence[str]) -> list[str]:
    step = max(1, len(values) // _TRIED)
    return list(dict.fromkeys(values[::step]))


def _share(values: Sequence[str], form: str) -> float:
    return float(np.mean(parse_times(pa.array(values, pa.string()), (form,), "UTC").known))


def _best(values: list[str], formats: Sequence[str]) -> str | None:
    likely = [form for form in formats if _share(values[:20], form) >= 0.3]
    shares = {form: _share(values, form) for form in likely}
    best = max(shares, key=lambda form: shares[form], default=None)
    return best if best is not None and shares[best] >= ENOUGH else None


def _epoch(values: list[str]) -> str | None:
    try:
        numbers = np.array([float(value) for value in values])
    except ValueError:
        return None
    for form, (low, high) in _EPOCHS.items():
        if np.all((numbers > low) & (numbers < high)):
            return form
    return None


def _settle(
    found: dict[str, str], either: dict[str, tuple[str, str]], columns: Dictionary[str, Sequence[str]]
) -> TimeColumns:
    """Columns of which every value can be read both ways follow the file's other columns, and the values
    that only one way can read."""
    doubts: list[str] = []
    day_first = sum(form in DAY_FIRST for form in found.values())
    month_first = sum(form in MONTH_FIRST for form in found.values())
    for name, (day, month) in either.items():
        day_share, month_share = _share(columns[name], day), _share(columns[name], month)
        if day_share != month_share:
            found[name] = day if day_share > month_share else month
        elif day_first != month_first:
            found[name] = day if day_first > month_first else month
        else:
            found[name] = day
            doubts.append(
                f"{name}: {columns[name][0]!r} may be day/month or month/day; day first is assumed."
            )
    return TimeColumns(found, tuple(doubts))
