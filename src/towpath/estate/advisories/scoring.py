"""How grave an advisory is: its database's own word, else what its CVSS vectors come to.

The vectors are scored by Red Hat's `cvss`, as FIRST's specifications say (https://www.first.org/cvss/).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

import msgspec
from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from towpath.estate.advisories.osv import Advisory, Severity

Word = Literal["critical", "high", "medium", "low", ""]
GRAVEST: tuple[str, ...] = ("critical", "high", "medium", "low", "")
_OURS: tuple[Word, ...] = ("critical", "high", "medium", "low")
LONGEST = 500
"""Characters of a vector; with every metric that version 4 knows it is below 250."""
_WORDS = {"moderate": "medium", "important": "high", "negligible": "low", "none": "low"}
"""Other databases' words; a score of 0.0, which FIRST calls None, is low: somebody published it."""
_VERSIONS = (("CVSS:4.0/", CVSS4), ("CVSS:3.1/", CVSS3), ("CVSS:3.0/", CVSS3))


class CvssScore(msgspec.Struct, frozen=True):
    """A vector and its score (of the base metrics; version 4 takes the threat's in), 0.0 to 10.0. `problem`:
    why there is none, as the library words it."""

    version: str
    vector: str
    score: float | None
    severity: Word
    problem: str = ""


def word_of(text: object) -> Word:
    """A database's own word as one of ours; "" for another one."""
    given = str(text or "").strip().lower()
    return next((word for word in _OURS if word == _WORDS.get(given, given)), "")


@lru_cache(maxsize=50_000)
def scored(vector: str) -> CvssScore:
    """Version 4.0, 3.1, 3.0, or 2.0 without the prefix that the others have."""
    shown = vector.strip()[:LONGEST]
    begin, kind = next(((each, kind) for each, kind in _VERSIONS if shown.startswith(each)), ("", CVSS2))
    version = begin[5:8] or ("2.0" if ":" in shown.partition("/")[0] else "")
    if shown.startswith("CVSS:") and not begin:
        return CvssScore("", shown, None, "", "this version of CVSS is not known")
    try:
        found: Any = kind(shown)
    except (CVSSError, ValueError, KeyError) as error:
        return CvssScore(version, shown, None, "", str(error) or "it is no vector")
    rating = found.severity if kind is CVSS4 else found.severities()[0]
    return CvssScore(version, shown, float(found.base_score), word_of(rating))


def scores_of(told: Iterable[Severity]) -> tuple[CvssScore, ...]:
    """Of each vector that an advisory carries, the newest version of CVSS first; those that could not be
    scored last."""
    found = {scored(each.score) for each in told if each.type.startswith("CVSS")}
    return tuple(sorted(found, key=lambda each: (each.score is None, _newest(each), each.vector)))


def severity_of(told: Advisory) -> Word:
    """critical, high, medium, low; "" where neither a word nor a vector tells."""
    if own := word_of(told.database_specific.get("severity")):
        return own
    vectors = (each.severity for each in scores_of(told.severity))
    words = (word_of(each.score) for each in told.severity if not each.type.startswith("CVSS"))
    return next(filter(None, (*vectors, *words)), "")


def _newest(each: CvssScore) -> float:
    return -float(each.version or 0)


def score_of(vectors: Iterable[CvssScore]) -> float | None:
    """The newest version's."""
    return next((each.score for each in vectors if each.score is not None), None)
