"""What else is known of vulnerabilities and versions: exploited ones (CISA's KEV), how likely that is (EPSS),
and until when release cycles are mended (endoflife.date)."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import msgspec

from towpath.estate.advisories.refusing import AdvisoriesRefused
from towpath.estate.advisories.versions import package_of
from towpath.estate.advisories.yaml_text import load_yaml


class Exploited(msgspec.Struct, frozen=True):
    """A vulnerability of which CISA knows that it is exploited; `of_day`: the catalogue's own day."""

    cve: str
    added: date
    due: date | None
    ransomware: bool
    of_day: date


class Cycle(msgspec.Struct, frozen=True):
    """A release cycle ("4.2") of a package ("PyPI/django"). `ends`: the day from which it is mended no more;
    None where that is not set; `ended`: whether that is said without a day."""

    package: str
    product: str
    cycle: str
    ends: date | None
    ended: bool


class _Vulnerability(msgspec.Struct):
    cveID: str  # noqa: N815
    dateAdded: date  # noqa: N815
    dueDate: date | None = None  # noqa: N815
    knownRansomwareCampaignUse: str = ""  # noqa: N815


class _Catalogue(msgspec.Struct):
    dateReleased: str  # noqa: N815
    vulnerabilities: list[_Vulnerability]


def read_exploited(name: str, body: bytes) -> list[Exploited]:
    """CISA's catalogue in JSON. Raises AdvisoriesRefused."""
    try:
        found = msgspec.json.decode(body, type=_Catalogue)
        day = date.fromisoformat(found.dateReleased[:10])
    except (msgspec.DecodeError, ValueError) as error:
        what = f"It is no catalogue of known exploited vulnerabilities: {error}."
        raise AdvisoriesRefused(name, what, "Fetch it again from CISA.") from error
    return [
        Exploited(each.cveID, each.dateAdded, each.dueDate, each.knownRansomwareCampaignUse == "Known", day)
        for each in found.vulnerabilities
    ]


def read_likelihoods(name: str, body: bytes) -> tuple[str, list[tuple[str, float, float]]]:
    """EPSS in CSV: the day of its scores, and (CVE, probability, percentile) of each. Raises
    AdvisoriesRefused with the line."""
    head, _line, rest = body.decode("utf-8", "replace").partition("\n")
    day = head.partition("score_date:")[2][:10] if head.startswith("#") else ""
    passed = 1 if head.startswith("#") else 0
    lines = csv.reader(StringIO(rest if passed else f"{head}\n{rest}"))
    if next(lines, [])[:2] != ["cve", "epss"]:
        raise AdvisoriesRefused(name, "It does not begin as EPSS does (cve, epss).", "Fetch it again.")
    found = []
    for row in lines:
        try:
            chance, percentile = float(row[1]), float(row[2])
            if not (math.isfinite(chance) and 0 <= chance <= 1 and 0 <= percentile <= 1):
                raise ValueError
            found.append((row[0], chance, percentile))
        except (ValueError, IndexError) as error:
            what = f"line {lines.line_num + passed:,} has no probability between 0 and 1."
            raise AdvisoriesRefused(name, what, "Fetch it again.") from error
    return day, found


def read_cycles(name: str, body: bytes) -> list[Cycle]:
    """One product of endoflife.date (Markdown that begins with YAML); none where it names no package. Raises
    AdvisoriesRefused."""
    parts = body.decode("utf-8", "replace").split("\n---", 1)
    told = load_yaml(name, parts[0].removeprefix("---"), dates=True)
    if not isinstance(told, dict):
        return []
    return [cycle for package in _packages(told) for cycle in _cycles(told, package)]


def _packages(told: dict[str, Any]) -> list[str]:
    """What no advisory database covers (a repository at GitHub, a purl that is none) is passed over."""
    given = (each.get("purl") for each in told.get("identifiers") or () if isinstance(each, dict))
    found = (package_of(str(purl)) for purl in given if purl)
    return sorted({f"{each[0]}/{each[1]}" for each in found if each})


def _cycles(told: dict[str, Any], package: str) -> Iterator[Cycle]:
    for release in told.get("releases") or ():
        if not isinstance(release, dict) or "releaseCycle" not in release:
            continue
        ends = release.get("eol")
        yield Cycle(
            package,
            str(told.get("title") or ""),
            str(release["releaseCycle"]),
            ends if isinstance(ends, date) else None,
            ends is True,
        )
