"""How long those that are compared must have been followed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from towpath.journeys.rules.durations import MICROSECONDS

SHORTER = tuple(days * MICROSECONDS["d"] for days in (90, 60, 30, 14, 7, 3, 1))
ENOUGH_FOLLOWED = 0.5


def horizon_of(age_us: npt.NDArray[np.int64], window_us: int) -> int:
    """The window or, where fewer than half are that old, the longest shorter horizon for which half are.

    Where that is none, the window. All in microseconds; ages as of the source's latest event.
    """
    for horizon in (window_us, *(each for each in SHORTER if each < window_us)):
        if len(age_us) and np.mean(age_us >= horizon) >= ENOUGH_FOLLOWED:
            return horizon
    return window_us
