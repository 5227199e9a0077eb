"""The life of a finding: which step may follow which state, and when time itself makes one.

A person accepts, mends or declines it. That it is gone, or came back, nobody says: a look at the events does.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

Verb = Literal["accept", "mend", "decline", "reopen"]
Change = Literal["gone", "back", "review"]


class State(StrEnum):
    """The same words as `models.Finding.State`."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MENDING = "mending"
    GONE = "gone"
    BACK = "back"
    DECLINED = "declined"


QUIET_DAYS = 7
"""Not seen for so many days, a trouble counts as gone: every weekday was looked at once."""
TAKEN_ON = frozenset({State.ACCEPTED, State.MENDING})
TO_MEND = frozenset({State.OPEN, State.ACCEPTED, State.MENDING, State.BACK})
"""States in which a finding stands on home's list, as long as it is seen."""

VERBS: dict[State, tuple[Verb, ...]] = {
    State.OPEN: ("accept", "decline"),
    State.BACK: ("accept", "decline"),
    State.ACCEPTED: ("accept", "mend", "decline", "reopen"),
    State.MENDING: ("accept", "decline", "reopen"),
    State.DECLINED: ("accept", "reopen"),
    State.GONE: (),
}
"""What a person may do in each state, the likeliest first. Accepting again changes who does what by when."""

AFTER: dict[Verb, State] = {
    "accept": State.ACCEPTED,
    "mend": State.MENDING,
    "decline": State.DECLINED,
    "reopen": State.OPEN,
}


def may(state: str, verb: Verb) -> bool:
    """Whether a person may do this in that state."""
    return verb in VERBS[State(state)]


def change_of(
    state: str,
    *,
    seen: bool,
    last_seen: datetime,
    review_on: date | None,
    now: datetime,
    today: date,
    silent: bool = False,
) -> Change | None:
    """What a look at the events changes. `today`: the organisation's date at `now`. `silent`: nothing comes
    in any more from where it was seen: that does not heal it."""
    if state == State.GONE:
        return "back" if seen else None
    if state == State.DECLINED:
        return "review" if review_on is not None and review_on <= today else None
    if not seen and not silent and now - last_seen >= timedelta(days=QUIET_DAYS):
        return "gone"
    return None


def gain(before: float, now: float | None, days: int) -> float | None:
    """Ruined days a week fewer than before; None, too little data, for fewer than seven days afterwards."""
    return None if now is None or days < QUIET_DAYS else before - now
