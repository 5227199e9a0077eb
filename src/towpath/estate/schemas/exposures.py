"""Weak libraries of the estate, and what people say of them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.estate.advisories.scoring import CvssScore
from towpath.estate.schemas.software import KnowledgeOf, KnownExploited


class AssessmentShown(msgspec.Struct, frozen=True):
    """What an analyser said. `until`: of what is accepted, when it is open again."""

    status: str
    status_in_words: str
    because: str
    until: date | None
    made_at: datetime
    made_by: str


class DeadlineReason(msgspec.Struct, frozen=True):
    """Why a day: `reason` "severity", "carries" (customers meet what holds it) or "exploited" (CISA's word,
    of the catalogue of `of_day`); `days`: of the rules, from when it was first known; None for CISA's."""

    reason: str
    by: date
    days: int | None
    of_day: date | None


class DaysToMend(msgspec.Struct, frozen=True):
    """What the rules say of a severity ("unknown": none is said): `days`, and `carrying` where customers meet
    what holds it."""

    severity: str
    days: int
    carrying: int


class ExposureShown(msgspec.Struct, frozen=True):
    """A library in a weak version. `deadline`: day by which to have it mended, the earliest of `reasons`;
    `promise`: "met", "missed" or "open"; `overdue`: the day is over, and nobody settled it. `carrier`: the
    item that holds it, None where nobody is known to. `score`: CVSS, by the newest of `vectors`. `status`:
    open, in_triage, not_affected, fixed, accepted."""

    id: int
    item: int
    library: str
    purl: str
    advisory: str
    names: tuple[str, ...]
    title: str
    severity: str
    score: float | None
    vectors: tuple[CvssScore, ...]
    exploited: KnownExploited | None
    likelihood: float | None
    first_seen: datetime
    gone_since: datetime | None
    deadline: date
    reasons: tuple[DeadlineReason, ...]
    promise: str
    overdue: bool
    status: str
    status_in_words: str
    carrier: int | None
    carrier_name: str
    assessments: tuple[AssessmentShown, ...]


class ExposureList(msgspec.Struct, frozen=True):
    """Open ones first, the most urgent at the top. `libraries`: of the estate, with a package URL; `late`:
    how many are past their deadline; `in_time`: share of all that were due by now and were settled by their
    deadline, None where none was due yet. `met`, `missed`, `running`: promises by what became of them, those
    among them whose day has not come. `days`: what the rules say, from `carrying_from` customers a week."""

    libraries: int
    open: int
    late: int
    in_time: float | None
    due: int
    met: int
    missed: int
    running: int
    days: tuple[DaysToMend, ...]
    carrying_from: int
    exposures: tuple[ExposureShown, ...]
    knowledge: tuple[KnowledgeOf, ...]
