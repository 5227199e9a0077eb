# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""The clock that runs for whoever must act next."""

from __future__ import annotations

from typing import NamedTuple

from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt16, kernel


class Signals(NamedTuple):
    """What an event of each code means to the clock."""

    party: Int8
    """Who must act after it; -1 = as before."""
    step: Int8
    """The step it brings the entity to; -1 = as before."""
    ends: Bool
    """Whether the clock stops."""


class Clocks(NamedTuple):
    """What the kernel writes, one place per entity."""

    spent: Int64
    """int64[entities, parties + 1] microseconds; the last place is time that waits for nobody who was
    named."""
    runs: Bool
    """Whether the clock still runs after the last event; if not, the others mean nothing."""
    since: Int64
    """The time up to which the clock is in `spent`."""
    until: Int64
    """When the window of the clock ends."""
    party: Int64
    step: Int64


@kernel
def run_clocks(
    starts: Int64, time: Int64, code: UInt16, signals: Signals, window: int, by_step: Int64, out: Clocks
) -> None:
    """Follow each entity; `by_step` int64[parties + 1, steps] is added to.

    A clock starts with an event of step 0, stops with an ending event or when `window` has passed since the
    latest event of step 0, and starts anew with a later one.
    """
    nobody = by_step.shape[0] - 1
    for entity in range(out.since.size):
        out.spent[entity, :] = 0
        runs, since, until, party, step = False, 0, 0, nobody, 0
        for i in range(starts[entity], starts[entity + 1]):
            at, now = code[i], time[i]
            if runs:
                spent = min(now, until) - since
                out.spent[entity, party] += spent
                by_step[party, step] += spent
                runs, since = now <= until, now
            if signals.step[at] == 0:
                if not runs:
                    party = nobody
                runs, since = True, now
                until = now + window
            if runs:
                party = signals.party[at] if signals.party[at] >= 0 else party
                step = signals.step[at] if signals.step[at] >= 0 else step
                runs = not signals.ends[at]
        out.runs[entity], out.since[entity] = runs, since
        out.until[entity], out.party[entity], out.step[entity] = until, party, step
