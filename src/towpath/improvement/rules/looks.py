"""How often we look, and what a look may cost in false alarms.

All candidates of one look, over kinds and journeys, are one Benjamini-Hochberg family (q 0.05), tested on
the seven closed local days before as-of: these do not change during a day, so that looking again is free.

The running day is looked at again and again. It may raise a false alarm on one of a hundred days in all:
`ALPHA_DAY` is spread evenly over the most looks that a day can hold (one in ten seconds), each part
over its candidates (Bonferroni). This is alpha spending with equal, small parts: it holds for any number of
looks and however they depend on each other. A breakdown needs no more than that: eight faults in eight
attempts where three in a thousand were usual have a chance of 1e-20.

Hours of the closed week in which nobody came have a small share of their own too (`ALPHA_HOURS`). An hour in
which few come anyway could not be told from chance if it were empty, and so is none that is looked at: the
share is divided among those that could (Tarone 1990, Biometrics 46:515).
"""

from __future__ import annotations

from collections.abc import Sequence

Q = 0.05
ALPHA_DAY = 0.01
ALPHA_HOURS = 0.01
LOOKS_A_DAY = 8_640


def limit_today(candidates: int) -> float:
    """The p-value up to which one of so many candidates of the running day counts."""
    return ALPHA_DAY / (LOOKS_A_DAY * max(candidates, 1))


def limit_hours(least: Sequence[float]) -> float:
    """The p-value up to which one of the closed week's hours counts, where `least` are those that they would
    have if nobody came."""
    told = sorted(least)
    at = next((k for k in range(1, len(told) + 1) if k == len(told) or told[k] > ALPHA_HOURS / k), 1)
    return ALPHA_HOURS / at
