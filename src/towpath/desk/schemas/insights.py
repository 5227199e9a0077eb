"""What a desk's history shows at first sight: the record that page, API and `--json` show."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal[
    "comes_back", "green_but_red", "loops", "handed_on", "waits", "late", "one_way", "stuck",
]  # fmt: skip
"""comes_back: reopened, or repeated by the same customer. green_but_red: met the SLA and came back.
loops: back to a team that it had left. handed_on: by more than one team. waits: open, and nobody works on
it. late: missed the SLA. one_way: a topic that is short and solved the same way. stuck: open for long."""


class Part(msgspec.Struct, frozen=True):
    """Where an insight is largest: a topic, a team, a pair of teams, a priority or a state. `tickets` of `of`
    there; `hours`: of waiting, where it is about time."""

    name: str
    tickets: int
    of: int
    hours: float | None = None


class Insight(msgspec.Struct, frozen=True):
    """One thing that stands out. `tickets` of `of` are concerned (`low` to `high`: 95 % interval of
    the share by Wilson, None where nothing was sampled). `hours`: what it is about, where that is time;
    `ratio`: how many times as long such tickets stood open, by medians, together with it.
    `sentence` and `means` are in the reader's language."""

    kind: Kind
    sentence: str
    means: str
    tickets: int
    of: int
    share: float
    low: float | None
    high: float | None
    hours: float | None
    ratio: float | None
    parts: tuple[Part, ...]


class Insights(msgspec.Struct, frozen=True):
    """Insights by how many tickets they concern, most first. `unknown`: what the file cannot tell, in words.
    `state`: "ready"; "reading" while its import runs; "nothing" where no ticket was found."""

    desk: str
    source: str
    state: str
    as_of: datetime | None
    tickets: int
    movements: int
    insights: tuple[Insight, ...]
    unknown: tuple[str, ...]


class Shown(msgspec.Struct, frozen=True):
    """A ticket behind an insight. `hours`: how long it stood open."""

    ticket: str
    opened: datetime
    topic: str
    team: str
    hours: float
    hand_overs: int
    reopened: int
