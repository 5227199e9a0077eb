"""Parts that several records of the desk share."""

from __future__ import annotations

import msgspec


class Solved(msgspec.Struct, frozen=True):
    """Solved at first contact, or at the first level. `of`: resolved tickets that were followed for the days
    in which they could come back; `solved`: of them so many; `returned`: of those came back (repeat or
    reopening). `gross` = (solved - returned) / of; `net` leaves out of both what tier 1 may not resolve by
    rule. None where `reason` says why."""

    of: int
    solved: int
    returned: int
    gross: float | None
    net: float | None
    reason: str = ""
