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


class ExposureShown(msgspec.Struct, frozen=True):
    """A library in a weak version. `deadline`: day by which its severity asks to have it mended; `overdue`:
    that is over, and nobody settled it. `carrier`: the item that holds it, None where nobody is known to.
    `score`: CVSS, by the newest of `vectors`. `status`: open, in_triage, not_affected, fixed, accepted."""

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
    overdue: bool
    status: str
    status_in_words: str
    carrier: int | None
    carrier_name: str
    assessments: tuple[AssessmentShown, ...]


class ExposureList(msgspec.Struct, frozen=True):
    """Open ones first, the most urgent at the top. `libraries`: of the estate, with a package URL; `late`:
    how many are past their deadline; `in_time`: share of all that were due by now and were settled by their
    deadline, None where none was due yet."""

    libraries: int
    open: int
    late: int
    in_time: float | None
    due: int
    exposures: tuple[ExposureShown, ...]
    knowledge: tuple[KnowledgeOf, ...]
