"""What is asked of a measure: which entries, in which mode, within which time, compared by what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from towpath.analytics.kernels.plans import ALWAYS
from towpath.journeys.measures.evidence import microseconds_of

Mode = Literal["ordered", "strict", "any", "first-touch"]
RETURNING = "returning"
SEGMENT_COLUMNS = (
    "channel", "service", "component", "environment", "version", "team", "tier", "source", "currency",
    "value",
    RETURNING,
)  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """`entered_from` (inclusive) and `entered_to` (exclusive): the period of the entries that count.

    - The funnel, its times and conversion, segments and what the lost did next count chains that begin in the
      period, whatever the entity did before or after it: somebody who entered in two months counts in both.
      The entry of an entity is the latest in the period. In mode first-touch, which knows one entry only, an
      entity counts where its first entry of all lies in the period.
    - Loss counts the journeys (instances) that begin in the period.
    - Flow, variants, friction, turns and attempts look at the events whose latest entry before them lies in
      the period; what an entity did before its first entry goes with that. So each event counts in one of
      two adjoining periods. In mode first-touch, and without a journey, the whole entity counts or does not.

    `window_us`: instead of the journey's own. `by`: one of `SEGMENT_COLUMNS` or data.NAME, as it stood at the
    entry.
    """

    mode: Mode = "ordered"
    window_us: int | None = None
    entered_from: datetime | None = None
    entered_to: datetime | None = None
    by: str = ""

    def __post_init__(self) -> None:
        attribute = self.by.startswith("data.") and len(self.by) > len("data.")
        if self.by and not attribute and self.by not in SEGMENT_COLUMNS:
            raise ValueError(f"Compare by {', '.join(SEGMENT_COLUMNS)} or data.NAME, not by {self.by!r}.")

    @property
    def entered(self) -> tuple[int, int] | None:
        """The period in UTC microseconds, half open; None without one."""
        if self.entered_from is None and self.entered_to is None:
            return None
        first, last = ALWAYS
        first = microseconds_of(self.entered_from) if self.entered_from else first
        return first, microseconds_of(self.entered_to) if self.entered_to else last

    @property
    def columns(self) -> tuple[str, ...]:
        """The event columns that it needs."""
        if not self.by or self.by == RETURNING:
            return ()
        return ("data",) if self.by.startswith("data.") else (self.by,)
