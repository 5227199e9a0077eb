"""Libraries of the estate by package: which versions are held where, and what is known of each."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from towpath.estate.advisories.scoring import CvssScore
from towpath.estate.schemas.carrying import Carrying
from towpath.estate.schemas.exposures import ExposureShown
from towpath.estate.schemas.software import KnowledgeOf, KnownExploited

LicenceKind = Literal["", "spdx", "other", "unknown"]


class HolderShown(msgspec.Struct, frozen=True):
    """An item that holds a library directly."""

    id: int
    name: str
    kind_in_words: str


class EndOfLife(msgspec.Struct, frozen=True):
    """The release cycle of a version: mended until `ends` (None: no day is said); `ended`: that is over.
    `of_day`: of endoflife.date's data."""

    product: str
    cycle: str
    ends: date | None
    ended: bool
    of_day: str


class LibraryMark(msgspec.Struct, frozen=True):
    """What an item's page says of it as a library. `purl`: without a version."""

    purl: str
    version: str
    end_of_life: EndOfLife | None


class VersionHeld(msgspec.Struct, frozen=True):
    """One version. `licences`: as its bill says; `weak`: exposures that nobody settled."""

    item: int
    purl: str
    version: str
    licences: tuple[str, ...]
    weak: int
    end_of_life: EndOfLife | None
    holders: tuple[HolderShown, ...]


class LibraryRow(msgspec.Struct, frozen=True):
    """A package. `purl`: without a version; `holders`: how many items hold some version."""

    purl: str
    name: str
    ecosystem: str
    versions: tuple[str, ...]
    licences: tuple[str, ...]
    holders: int
    weak: int
    ended: int


class LibraryList(msgspec.Struct, frozen=True):
    """The first `MOST` of `in_all`, by name."""

    in_all: int
    libraries: tuple[LibraryRow, ...]


class AdvisoryOfLibrary(msgspec.Struct, frozen=True):
    """`affects`: the versions held that it affects; none: only others."""

    advisory: str
    title: str
    severity: str
    score: float | None
    fixed_in: tuple[str, ...]
    affects: tuple[str, ...]


class LibraryShown(msgspec.Struct, frozen=True):
    """A package over the whole estate. `advisories`: those that affect a version held first, at most 100 of
    `advisories_known`. `carried`: what customers meet through its holders; None where that is not known."""

    library: LibraryRow
    versions: tuple[VersionHeld, ...]
    exposures: tuple[ExposureShown, ...]
    advisories: tuple[AdvisoryOfLibrary, ...]
    advisories_known: int
    carried: Carrying | None
    knowledge: tuple[KnowledgeOf, ...]


class PackageAffected(msgspec.Struct, frozen=True):
    """A package that an advisory names. `held`: the purl of the library here, "" where nobody holds it."""

    ecosystem: str
    name: str
    fixed_in: tuple[str, ...]
    held: str


class AdvisoryShown(msgspec.Struct, frozen=True):
    """An advisory, who holds what it affects, and what customers meet through that."""

    id: str
    names: tuple[str, ...]
    title: str
    details: str
    published: str
    modified: str
    withdrawn: str
    severity: str
    score: float | None
    vectors: tuple[CvssScore, ...]
    exploited: KnownExploited | None
    likelihood: float | None
    packages: tuple[PackageAffected, ...]
    exposures: tuple[ExposureShown, ...]
    carried: Carrying | None
    knowledge: tuple[KnowledgeOf, ...]


class LicenceRow(msgspec.Struct, frozen=True):
    """`licence`: an SPDX identifier, expression or name as bills write it; "" where none says one. `spdx`:
    whether it is of identifiers that SPDX lists."""

    licence: str
    spdx: bool
    libraries: int
    versions: int
    holders: tuple[HolderShown, ...]
    holders_in_all: int


class LicenceList(msgspec.Struct, frozen=True):
    """The most used first. `versions`: libraries in a version; `unknown`: of how many no licence is known."""

    versions: int
    unknown: int
    licences: tuple[LicenceRow, ...]
