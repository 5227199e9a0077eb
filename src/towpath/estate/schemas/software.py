"""What software is made of, and which of it is known to be weak."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.estate.advisories.scoring import CvssScore


class KnownExploited(msgspec.Struct, frozen=True):
    """CISA's word that it is exploited; `due`: the day by which it asks to have it mended; `of_day`: the day
    of its catalogue."""

    added: date
    due: date | None
    ransomware: bool
    of_day: date


class VulnerabilityFound(msgspec.Struct, frozen=True):
    """A part that an advisory affects. `names`: the advisory's own and others. `severity`: critical, high,
    medium, low, or "" where the advisory does not say; `score`: CVSS base score by the newest version of its
    `vectors`. `likelihood`: EPSS, probability that it is exploited within 30 days. `status`: what the bill
    itself says (VEX), in OpenVEX's words; "" where it says nothing."""

    advisory: str
    names: tuple[str, ...]
    title: str
    part: str
    version: str
    purl: str
    fixed_in: tuple[str, ...]
    severity: str
    score: float | None
    vectors: tuple[CvssScore, ...]
    exploited: KnownExploited | None
    likelihood: float | None
    status: str
    justification: str


class CycleEnded(msgspec.Struct, frozen=True):
    """A part whose release cycle is mended no more since `ended` (None: no day is said)."""

    part: str
    version: str
    purl: str
    product: str
    cycle: str
    ended: date | None


class KnowledgeOf(msgspec.Struct, frozen=True):
    """What was taken in: "osv", "kev", "epss" or "endoflife", the day it is of, and when."""

    name: str
    rows: int
    of_day: str
    taken_at: datetime


class SoftwareScan(msgspec.Struct, frozen=True):
    """What is known of a bill's parts. `identified`: parts of an ecosystem that advisories cover, with a
    version; `unidentified`: names of the first others. `unclear`: versions that cannot be compared, in
    words. `knowledge` empty: no advisories were taken in yet, so nothing can be found."""

    path: str
    format: str
    parts: int
    identified: int
    unidentified: tuple[str, ...]
    vulnerabilities: tuple[VulnerabilityFound, ...]
    ended: tuple[CycleEnded, ...]
    unclear: tuple[str, ...]
    doubts: tuple[str, ...]
    knowledge: tuple[KnowledgeOf, ...]
