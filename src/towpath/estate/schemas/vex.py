"""What a VEX document said of exposures."""

from __future__ import annotations

import msgspec


class VexTaken(msgspec.Struct, frozen=True):
    """`assessed`: exposures of which it says something new, by number in `exposures`; `unchanged`: of which
    it says what its author said before, or no more than the advisory does. `nothing_here`: statements about
    nothing that is here now, the first of them in `unmatched`."""

    format: str
    document: str
    author: str
    of_day: str
    statements: int
    assessed: int
    unchanged: int
    exposures: tuple[int, ...]
    nothing_here: int
    unmatched: tuple[str, ...]
