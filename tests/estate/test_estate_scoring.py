"""Severity from CVSS vectors: what FIRST publishes comes out, real ones all score, odd ones are told."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from towpath.estate.advisories.osv import Advisory, Severity
from towpath.estate.advisories.scoring import LONGEST, scored, scores_of, severity_of

PYPA = Path(__file__).parents[3] / "shared" / "data" / "pypa-advisories" / "vulns.tar.gz"
V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("vector", "version", "score", "severity"),
    [
        # Examples of FIRST's documents: the guide to version 2 (3.3), the examples of 3.1 and of 4.0.
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8, "high"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 10.0, "high"),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", "2.0", 6.2, "medium"),
        (V3, "3.1", 6.1, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "3.1", 6.4, "medium"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.1", 3.1, "low"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", "3.1", 9.9, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "3.0", 7.5, "high"),
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 7.3, "high"),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 7.7, "high"),
        (V4, "4.0", 8.7, "high"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 10.0, "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0, "low"),
    ],
)
def test_published_examples_score_as_published(
    vector: str, version: str, score: float, severity: str
) -> None:
    found = scored(vector)
    assert (found.version, found.score, found.severity, found.problem) == (version, score, severity, "")


@pytest.mark.parametrize(
    "vector",
    ["", "x", "9.8", "CVSS:5.0/AV:N", "CVSS:3.1/AV:N", f"{V3}/AV:N", "AV:N", "CVSS:4.0/" + "A:" * 9_000],
)
def test_a_vector_that_is_none_says_why_and_claims_nothing(vector: str) -> None:
    found = scored(vector)
    assert (found.score, found.severity) == (None, "")
    assert found.problem
    assert len(found.vector) <= LONGEST


def told(*vectors: str, word: Any = None) -> Advisory:
    said = [Severity("CVSS_V3", each) for each in vectors]
    return Advisory("A-1", severity=said, database_specific={"severity": word} if word else {})


def test_the_database_s_own_word_comes_first_then_the_newest_version() -> None:
    assert severity_of(told(V3, word="LOW")) == "low"
    assert severity_of(told(V3, word="Moderate")) == "medium"
    assert severity_of(told(V3, V4)) == "high"
    assert severity_of(told(V3, word={"odd": 1})) == "medium", "another word than those tells nothing"
    assert [each.version for each in scores_of(told("x", V3, V4).severity)] == ["4.0", "3.1", ""]
    assert severity_of(told("x")) == severity_of(told()) == ""
    assert severity_of(Advisory("U-1", severity=[Severity("Ubuntu", "negligible")])) == "low"


def test_every_vector_of_the_python_advisories_scores() -> None:
    if not PYPA.exists():
        pytest.skip("pypa-advisories is missing")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tarfile.open(PYPA) as archive:
        files = (archive.extractfile(each) for each in archive if each.name.endswith(".yaml"))
        bodies = [yaml.load(file.read(), Loader=loader) for file in files if file]  # noqa: S506
    vectors = [said["score"] for body in bodies for said in body.get("severity") or []]
    assert len(vectors) == 202
    assert [vector for vector in vectors if scored(vector).score is None] == []
    assert {scored(vector).severity for vector in vectors} <= {"critical", "high", "medium", "low"}
