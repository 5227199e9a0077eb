"""Advisories are taken in, and tell which versions are affected, as the OSV format's own words say."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.estate.advisories import bringing, keeping
from towpath.estate.advisories.bringing import Brought, bring_in
from towpath.estate.advisories.matching import is_affected
from towpath.estate.advisories.osv import Affected, Event, Package, Range, read_advisory
from towpath.estate.advisories.refusing import AdvisoriesRefused
from towpath.estate.advisories.versions import (
    NotComparable,
    is_of_release,
    known,
    ordered,
    package_of,
    release_of,
)


def affected(*events: Event, versions: tuple[str, ...] = (), kind: str = "ECOSYSTEM") -> Affected:
    ranges = [Range(kind, list(events))] if events else []
    return Affected(Package("PyPI", "x"), ranges, list(versions))


def advisory(named: str = "X-1", **changed: Any) -> dict[str, Any]:
    package = {"package": {"ecosystem": "PyPI", "name": "Some_Thing"}, "versions": ["1.0"]}
    return {"id": named, "modified": "2026-01-02T00:00:00Z", "affected": [package], **changed}


def brought(tmp_path: Path, *documents: dict[str, Any]) -> Brought:
    folder = tmp_path / "mirror"
    folder.mkdir(exist_ok=True)
    for each in documents:
        (folder / f"{each['id']}.json").write_text(json.dumps(each))
    with keeping.rewriting(tmp_path) as file:
        return bring_in(folder, file)


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("0.1", True),
        ("1.9", True),
        ("2.0", False),
        ("2.5", False),
        ("3.0", True),
        ("3.2", True),
        ("3.3", False),
    ],
)
def test_ranges_are_half_open_unless_they_end_with_the_last_affected(version: str, found: bool) -> None:
    spans = affected(
        Event(last_affected="3.2"), Event(introduced="3.0"), Event(fixed="2.0"), Event(introduced="0")
    )
    assert is_affected("PyPI", version, spans) is found, "whatever the order in which they stand"


def test_versions_that_are_named_are_affected_in_any_spelling() -> None:
    assert is_affected("PyPI", "1.0.0", affected(versions=("1.0",)))
    assert not is_affected("PyPI", "1.1", affected(versions=("1.0",)))
    assert not is_affected("PyPI", "1.1", affected(Event(introduced="0"), kind="GIT")), "commits tell nothing"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=4), st.integers(0, 30), st.randoms()
)
def test_it_agrees_with_counting_through_whole_numbers(
    spans: list[tuple[int, int]], version: int, chance: Any
) -> None:
    begins, end, apart = [], 0, []
    for gap, length in spans:
        begin = end + gap + 1
        end = begin + length
        begins.append((begin, end))
        apart += [Event(introduced=str(begin)), Event(fixed=str(end))]
    chance.shuffle(apart)
    expected = any(begin <= version < end for begin, end in begins)
    assert is_affected("npm", f"{version}.0.0", _npm(apart)) is expected


def _npm(events: list[Event]) -> Affected:
    whole = [
        Event(
            introduced=f"{each.introduced}.0.0" if each.introduced else "",
            fixed=f"{each.fixed}.0.0" if each.fixed else "",
        )
        for each in events
    ]
    return Affected(Package("npm", "x"), [Range("SEMVER", whole)] if whole else [], [])


def test_each_ecosystem_orders_its_own_way_and_what_is_none_says_so() -> None:
    assert ordered("PyPI", "1.0rc1") < ordered("PyPI", "1.0")
    assert ordered("Maven", "1.0-alpha-1") < ordered("Maven", "1.0")
    assert ordered("Debian:12", "1.0~rc1") < ordered("Debian:12", "1.0")
    assert ordered("npm", "1.10.0") > ordered("npm", "1.9.0")
    assert not known("Teapots")
    for ecosystem, version in (("Teapots", "1"), ("PyPI", "not a version")):
        with pytest.raises(NotComparable):
            ordered(ecosystem, version)


@pytest.mark.parametrize(
    ("purl", "package"),
    [
        ("pkg:pypi/Some.Thing@1.0", ("PyPI", "some-thing", "1.0")),
        ("pkg:maven/org.x/core@2.1", ("Maven", "org.x:core", "2.1")),
        ("pkg:npm/%40scope/name@3", ("npm", "@scope/name", "3")),
        ("pkg:golang/github.com/a/b@v1.2.0", ("Go", "github.com/a/b", "v1.2.0")),
        ("pkg:deb/ubuntu/curl@7", ("Ubuntu", "curl", "7")),
        ("pkg:deb/debian/libssl3@3.0?upstream=openssl%403.0", ("Debian", "openssl", "3.0")),
        ("pkg:rpm/fedora/curl@7", None),
        ("pkg:rpm/redhat/curl@7", ("Red Hat", "curl", "7")),
        ("pkg:pypi/x", ("PyPI", "x", "")),
        ("pkg:teapot/x@1", None),
        ("no purl", None),
    ],
)
def test_a_package_url_names_the_package_as_advisories_do(purl: str, package: object) -> None:
    assert package_of(purl) == package


@pytest.mark.parametrize(
    ("purl", "release", "of_12"),
    [
        ("pkg:deb/debian/x@1?distro=debian-12", "12", True),
        ("pkg:deb/debian/x@1?distro=bullseye", "11", False),
        ("pkg:deb/debian/x@1", "", False),
    ],
)
def test_a_distribution_s_release_is_told_apart(purl: str, release: str, of_12: bool) -> None:
    assert release_of(purl) == release
    assert is_of_release("Debian:12", release) is of_12


def test_parts_that_stand_for_others_are_refused_before_they_fill_the_memory() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{after}: &{after} [*{before}, *{before}]\n" for before, after in pairwise("abcdefgh")
    )
    for body in (bomb, "id: X-1\naffected: &me\n- *me\n"):
        with pytest.raises(AdvisoriesRefused, match="can be an attack"):
            read_advisory("x.yaml", body.encode())
    text = b"id: X-1\nsummary: this & that\ndetails: '*all* of it'\n"
    assert read_advisory("x.yaml", text).summary == "this & that"


def test_an_archive_that_needs_a_password_or_is_corrupt_is_refused(tmp_path: Path) -> None:
    locked = bytearray(_zip({"a.json": json.dumps(advisory())}))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(header) + flags] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:xz") as archive:
        member = tarfile.TarInfo("a.json")
        member.size = 40_000
        archive.addfile(member, io.BytesIO(random.Random(1).randbytes(40_000)))
    corrupt = bytearray(whole.getvalue())
    corrupt[len(corrupt) // 2] ^= 0xFF
    (tmp_path / "corrupt.tar.xz").write_bytes(bytes(corrupt))
    for name in ("locked.zip", "corrupt.tar.xz"):
        with pytest.raises(AdvisoriesRefused, match=name), keeping.rewriting(tmp_path) as file:
            bring_in(tmp_path / name, file)


def test_a_newer_advisory_replaces_an_older_one_and_what_is_withdrawn_affects_nothing(tmp_path: Path) -> None:
    assert brought(tmp_path, advisory()).advisories == 1
    assert brought(tmp_path, advisory()).kept == 1
    assert brought(tmp_path, advisory(modified="2025-01-01T00:00:00Z")).kept == 1, "older than what is there"
    with keeping.reading(tmp_path) as file:
        assert [named for named, _ in file.of_package("PyPI", "some-thing")] == ["X-1"]
    taken_back = advisory(modified="2026-03-01T00:00:00Z", withdrawn="2026-03-01T00:00:00Z")
    assert brought(tmp_path, taken_back).advisories == 1
    with keeping.reading(tmp_path) as file:
        assert file.of_package("PyPI", "some-thing") == []
        assert file.advisory("X-1") is not None, "it is still known by its name"


def test_what_is_wrong_is_left_out_and_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "half.json").write_text('{"id": "X-2", "affec')
    (tmp_path / "mirror" / "other.yaml").write_text("- a: [")
    (tmp_path / "mirror" / "nulls.json").write_text(json.dumps(advisory("X-3", aliases=None)))
    found = brought(tmp_path, advisory())
    assert (found.advisories, found.refused) == (2, 2)
    assert {text.partition(":")[0] for text in found.doubts} == {"half.json", "other.yaml"}


def test_a_folder_without_any_a_broken_archive_and_a_bomb_are_refused_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(tmp_path, advisory())
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(_zip({"a.json": json.dumps(advisory("X-9"))})[:-30])
    (tmp_path / "bomb.zip").write_bytes(_zip({"a.json": "0" * 3_000_000}))
    (tmp_path / "bomb.tar.gz").write_bytes(_tar("a.json", b"0" * 3_000_000))
    (tmp_path / "large.json.gz").write_bytes(gzip.compress(b"0" * 3_000_000))
    monkeypatch.setattr(bringing, "MOST_BYTES", 1_000_000)
    for name, said in (
        ("empty", "no advisory"), ("broken.zip", "broken.zip"), ("bomb.zip", "more than 0 MB"),
        ("bomb.tar.gz", "more than 0 MB"), ("large.json.gz", "more than 0 MB"),
    ):  # fmt: skip
        with pytest.raises(AdvisoriesRefused, match=said), keeping.rewriting(tmp_path) as file:
            bring_in(tmp_path / name, file)
    monkeypatch.setattr(bringing, "MOST_IN_ALL", 2_000_000)
    with pytest.raises(AdvisoriesRefused, match="unpacks to more"), keeping.rewriting(tmp_path) as file:
        bring_in(tmp_path / "bomb.zip", file)
    with keeping.reading(tmp_path) as file:
        assert file.advisory("X-1") is not None
    assert not list(tmp_path.glob(".advisories*")), "no draft is left"


def test_marks_carry_the_day_of_their_source(tmp_path: Path) -> None:
    kev = {
        "dateReleased": "2026-02-03T10:00:00Z",
        "vulnerabilities": [
            {
                "cveID": "CVE-2026-1", "dateAdded": "2026-02-01", "dueDate": "2026-02-22",
                "knownRansomwareCampaignUse": "Known",
            }
        ],
    }  # fmt: skip
    (tmp_path / "kev.json").write_text(json.dumps(kev))
    head = "#model_version:v2026,score_date:2026-02-04T00:00:00+0000"
    scores = f"{head}\ncve,epss,percentile\nCVE-2026-1,0.93,0.99\n"
    (tmp_path / "epss.csv.gz").write_bytes(gzip.compress(scores.encode()))
    releases = "releases:\n- releaseCycle: '1.2'\n  eol: 2026-01-31\n"
    product = f"---\ntitle: Thing\nidentifiers:\n- purl: pkg:pypi/thing\n{releases}---\nWords"
    (tmp_path / "thing.md").write_text(product)
    with keeping.rewriting(tmp_path) as file:
        for name in ("kev.json", "epss.csv.gz", "thing.md"):
            bring_in(tmp_path / name, file)
    with keeping.reading(tmp_path) as file:
        exploited = file.exploited("CVE-2026-1")
        assert exploited is not None
        assert (str(exploited.due), exploited.ransomware, str(exploited.of_day)) == (
            "2026-02-22",
            True,
            "2026-02-03",
        )
        assert file.likelihood("CVE-2026-1") == 0.93
        assert [(each.cycle, str(each.ends)) for each in file.cycles("PyPI/thing")] == [("1.2", "2026-01-31")]
        assert {each.name: each.of_day for each in file.sources()}["epss"] == "2026-02-04"
        assert {each.name: each.of_day for each in file.sources()}["kev"] == "2026-02-03"


def test_scores_that_are_no_probabilities_are_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "epss.csv").write_text("cve,epss,percentile\nCVE-1,0.1,0.2\nCVE-2,7,0.2\n")
    with keeping.rewriting(tmp_path) as file:
        found = bring_in(tmp_path / "epss.csv", file)
    assert (found.refused, "line 3" in found.doubts[0]) == (1, True)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": ""}', b'{"id": 5}', b"{" * 3_000])
def test_what_is_no_advisory_is_refused(body: bytes) -> None:
    with pytest.raises(AdvisoriesRefused):
        read_advisory("x.json", body)


def _zip(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def _tar(name: str, body: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return made.getvalue()
