"""What the API takes: the questions that every measure answers, and which number to open."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from towpath.foundation.operations.paging import FURTHEST
from towpath.journeys.measures.choosing import Choice, Detour, State
from towpath.journeys.measures.paths import Over
from towpath.journeys.measures.selection import Mode, Selection
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.rules.periods import moment


class WantedMeasure(Schema):
    """Which entries: `from` this day or time on, up to this day or before this time (`to`). Chains and
    journeys count where they begin in that period."""

    by: str = ""
    entered_from: str = Field("", alias="from")
    entered_to: str = Field("", alias="to")
    window: str = ""
    mode: Mode = "ordered"

    def selection(self) -> Selection:
        """Raises ValueError for what cannot be understood."""
        return Selection(
            mode=self.mode,
            window_us=microseconds(self.window) if self.window else None,
            entered_from=moment(self.entered_from) if self.entered_from else None,
            entered_to=moment(self.entered_to, end=True) if self.entered_to else None,
            by=self.by,
        )


class WantedPaths(WantedMeasure):
    """`over`: steps and outcomes, the inside items as well, or all event types."""

    over: Over = "steps"


class WantedTop(WantedPaths):
    top: int = Field(10, ge=1, le=100_000)


class WantedPeople(WantedPaths):
    """The number to open: see `Choice`. `variant`: keys separated by commas."""

    step: str = ""
    state: State = ""
    segment: str = ""
    outcome: str = ""
    edge_from: str = ""
    edge_to: str = ""
    variant: str = ""
    next: str = ""
    detour: Detour = ""
    bad: bool = False
    followed: bool = False
    offset: int = Field(0, ge=0, le=FURTHEST)
    limit: int = Field(50, ge=1, le=1000)

    def choice(self) -> Choice:
        return Choice(
            step=self.step,
            state=self.state,
            segment=self.segment,
            outcome=self.outcome,
            edge=(self.edge_from, self.edge_to) if self.edge_from or self.edge_to else None,
            variant=tuple(key for key in self.variant.split(",") if key),
            next=self.next,
            detour=self.detour,
            bad=self.bad,
            followed=self.followed,
        )
