"""Reviews after incidents: what lies between which moments, and whether the trouble came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Moment = Literal["detected", "acknowledged", "restored", "resolved", "repaired"]
MOMENTS: tuple[Moment, ...] = ("detected", "acknowledged", "restored", "resolved", "repaired")
SPANS: tuple[tuple[str, Moment], ...] = (
    ("begin", "detected"),
    ("detected", "acknowledged"),
    ("begin", "restored"),
    ("begin", "resolved"),
    ("begin", "repaired"),
)
"""From which moment to which each time counts: to detect, acknowledge, restore, resolve, repair."""
ENOUGH = timedelta(weeks=4)
"""Not seen for so long after the last preventing action: that is worth saying."""
Verdict = Literal["no prevention", "not done yet", "came back", "not seen again", "too early", "no data"]


@dataclass(frozen=True)
class Prevention:
    """One preventing action: `ended` None while it is open; dropped ones prevent nothing."""

    ended: datetime | None
    dropped: bool = False


def disordered(begin: datetime, moments: Mapping[Moment, datetime | None]) -> list[Moment]:
    """Moments before the trouble began, and an acknowledgement before anybody had seen it."""
    wrong: list[Moment] = [name for name in MOMENTS if (at := moments[name]) is not None and at < begin]
    seen, taken = moments["detected"], moments["acknowledged"]
    if seen is not None and taken is not None and taken < seen and "acknowledged" not in wrong:
        wrong.append("acknowledged")
    return wrong


def spans(
    begin: datetime, moments: Mapping[Moment, datetime | None]
) -> list[tuple[str, Moment, float | None]]:
    """Each of SPANS with its seconds; None where one of its moments is not known."""
    at: dict[str, datetime | None] = {"begin": begin}
    at.update({str(name): moment for name, moment in moments.items()})
    found = []
    for first, last in SPANS:
        low, high = at[first], at[last]
        found.append((first, last, (high - low).total_seconds() if low and high else None))
    return found


def recurrence(
    preventions: Sequence[Prevention], backs: Sequence[datetime], now: datetime, *, silent: bool
) -> tuple[Verdict, datetime | None]:
    """Whether what was done kept it away, and the moment that tells: when it came back, else since when the
    last preventing action is done. `backs`: when the trouble was seen anew. `silent`: nothing comes in from
    where it was, so nobody can tell."""
    kept = [each for each in preventions if not each.dropped]
    if not kept:
        return "no prevention", None
    ends = [each.ended for each in kept if each.ended is not None]
    if len(ends) < len(kept):
        return "not done yet", None
    done = max(ends)
    again = [at for at in backs if at > done]
    if again:
        return "came back", min(again)
    if silent:
        return "no data", done
    return ("not seen again" if now - done >= ENOUGH else "too early"), done
