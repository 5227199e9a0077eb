"""Libraries by package, their licences, and advisories: one record at every door."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client

from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.models import Exposure, Item
from towpath.estate.queries.advisories import advisory
from towpath.estate.queries.libraries import library, library_list, licence_list
from towpath.estate.rules.licensing import is_spdx, licences_in
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
DJANGO = """\
---
title: Django
identifiers:
- purl: pkg:pypi/django
releases:
- releaseCycle: "4.2"
  eol: 2026-04-01
- releaseCycle: "5.2"
  eol: 2099-04-30
---
"""


def give(folder: Path, holder: str, *parts: tuple[str, str]) -> None:
    """An SBOM that names these (purl, licence)."""
    listed = []
    for purl, licence in parts:
        name, _at, version = purl.rpartition("/")[2].partition("@")
        told: dict[str, Any] = {"name": name, "version": version, "purl": purl}
        if licence:
            told["licenses"] = [{"license": {"name": licence}}]
        listed.append(told)
    path = folder / f"{holder}.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": listed}))
    run(["sbom", "import", str(path), "--for", f"application:{holder}"])


def publish(folder: Path) -> None:
    """Two advisories of Django, one of which affects no version that is held, and when its cycles end."""
    package = {"ecosystem": "PyPI", "name": "Django"}
    span = {"type": "ECOSYSTEM", "events": [{"introduced": "4.2"}, {"fixed": "4.2.9"}]}
    told: dict[str, Any] = {
        "id": "PYSEC-1",
        "aliases": ["CVE-2026-7"],
        "modified": "2026-01-02T00:00:00Z",
        "summary": "It leaks <b>all</b>",
        "details": "The whole story.",
        "severity": [{"type": "CVSS_V3", "score": VECTOR}],
        "affected": [{"package": package, "ranges": [span]}],
    }
    old = {**told, "id": "PYSEC-0", "aliases": [], "affected": [{"package": package, "versions": ["1.0"]}]}
    mirror = folder / "mirror"
    mirror.mkdir()
    for each in (told, old):
        (mirror / f"{each['id']}.json").write_text(json.dumps(each))
    (mirror / "django.md").write_text(DJANGO)
    bring_in_advisories(OPERATOR, mirror)


@pytest.fixture
def held(tmp_home: Home, tmp_path: Path) -> Path:
    """Django in two versions, one of them weak and at its end; three others."""
    (tmp_path / "items.csv").write_text("kind,name\napplication,shop\napplication,till\napplication,desk\n")
    assert run(["estate", "import", str(tmp_path / "items.csv"), "--source", "cmdb"]) == 0
    publish(tmp_path)
    newer = ("pkg:pypi/django@5.2.1", "BSD-3-Clause")
    left = ("pkg:npm/%40scope/left@1.0.0", "mit OR Apache-2.0")
    give(tmp_path, "shop", ("pkg:pypi/django@4.2.1", "BSD-3-Clause"), left)
    give(tmp_path, "till", newer, ("pkg:npm/right@1.0.0", ""))
    give(tmp_path, "desk", newer, ("pkg:npm/odd@1.0.0", "Our own, for friends"))
    return tmp_path


def test_a_library_shows_versions_holders_weakness_licence_and_end_of_life(held: Path) -> None:
    found = library(OPERATOR, "pkg:pypi/django")
    assert found == library(OPERATOR, "pkg:pypi/Django@4.2.1"), "a version or spelling means the package"
    told = [
        (each.version, [holder.name for holder in each.holders], each.weak, each.licences)
        for each in found.versions
    ]
    assert told == [
        ("4.2.1", ["shop"], 1, ("BSD-3-Clause",)),
        ("5.2.1", ["desk", "till"], 0, ("BSD-3-Clause",)),
    ]
    ends = [each.end_of_life for each in found.versions if each.end_of_life]
    assert [(each.cycle, each.ended) for each in ends] == [("4.2", True), ("5.2", False)]
    assert all(each.of_day for each in ends), "the day of the source stands beside it"
    assert (found.library.holders, found.library.weak, found.library.ended) == (3, 1, 1)
    assert [(each.advisory, each.affects) for each in found.advisories] == [
        ("PYSEC-1", ("4.2.1",)),
        ("PYSEC-0", ()),
    ]
    assert [(each.advisory, each.carrier_name) for each in found.exposures] == [("PYSEC-1", "shop")]


def test_an_advisory_is_found_by_any_of_its_names_and_shows_who_holds_it(held: Path) -> None:
    found = advisory(OPERATOR, "PYSEC-1")
    assert found == advisory(OPERATOR, "CVE-2026-7")
    assert (found.severity, found.score, found.vectors[0].vector) == ("critical", 9.8, VECTOR)
    assert [(each.name, each.fixed_in, each.held) for each in found.packages] == [
        ("django", ("4.2.9",), "pkg:pypi/django")
    ]
    assert [each.carrier_name for each in found.exposures] == ["shop"]
    assert advisory(OPERATOR, "PYSEC-0").exposures == ()


@pytest.mark.parametrize("named", ["pkg:pypi/nothing", "django", "pkg:", "%00"])
def test_what_nobody_holds_or_nobody_published_is_told(held: Path, named: str) -> None:
    with pytest.raises(Http404):
        library(OPERATOR, named)
    with pytest.raises(Http404):
        advisory(OPERATOR, named)


def test_licences_are_counted_and_what_is_unknown_stays_unknown(held: Path) -> None:
    found = licence_list(OPERATOR)
    assert (found.versions, found.unknown) == (5, 1)
    told = {each.licence: (each.spdx, each.libraries, each.versions) for each in found.licences}
    assert told == {
        "BSD-3-Clause": (True, 1, 2),
        "MIT OR Apache-2.0": (True, 1, 1),
        "Our own, for friends": (False, 1, 1),
        "": (False, 1, 1),
    }
    assert [each.licence for each in licence_list(OPERATOR, only="other").licences] == [
        "Our own, for friends"
    ]
    assert [each.licence for each in licence_list(OPERATOR, "bsd").licences] == ["BSD-3-Clause"]
    (bsd,) = licence_list(OPERATOR, "bsd").licences
    assert {each.name for each in bsd.holders} == {"shop", "till", "desk"}
    assert [each.name for each in library_list(OPERATOR, licence="").libraries] == ["right"]
    assert [each.name for each in library_list(OPERATOR, "scope").libraries] == ["@scope/left"]
    assert library_list(OPERATOR).in_all == 4


@pytest.mark.parametrize(
    ("text", "licences", "spdx"),
    [
        ("MIT", ("MIT",), True),
        ("mit, apache-2.0", ("MIT", "Apache-2.0"), True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only WITH Classpath-exception-2.0",), True),
        ("LicenseRef-Own", ("LicenseRef-Own",), True),
        ("Apache License, Version 2.0", ("Apache License, Version 2.0",), False),
        ("MIT, Apache License", ("MIT, Apache License",), False),
        ("NOASSERTION", (), True),
        ("", (), True),
    ],
)
def test_a_licence_is_an_expression_or_stays_as_it_is_written(
    text: str, licences: tuple[str, ...], spdx: bool
) -> None:
    assert licences_in(text) == licences
    assert all(is_spdx(each) for each in licences) is spdx


def test_nobody_reads_them_without_the_right(held: Path, key_client: Callable[..., Client]) -> None:
    for ask in (library_list, licence_list):
        with pytest.raises(PermissionDenied):
            ask(ANONYMOUS)
    with pytest.raises(PermissionDenied):
        library(ANONYMOUS, "pkg:pypi/django")
    with pytest.raises(PermissionDenied):
        advisory(ANONYMOUS, "PYSEC-1")
    assert key_client(["events:read"]).get("/api/estate/licences").status_code == 403


@pytest.mark.parametrize(
    ("command", "address"),
    [
        (["estate", "library", "pkg:npm/%40scope/left"], f"libraries/{quote('pkg:npm/%40scope/left')}"),
        (["estate", "library", "pkg:pypi/django"], "libraries/pkg:pypi/django"),
        (["estate", "libraries", "django"], "libraries?q=django"),
        (["estate", "libraries", "--licence", ""], "libraries?licence="),
        (["estate", "licences", "--only", "spdx"], "licences?only=spdx"),
        (["advisories", "show", "CVE-2026-7"], "advisories/CVE-2026-7"),
    ],
)
def test_command_and_api_show_the_same(
    held: Path,
    capsys: pytest.CaptureFixture[str],
    key_client: Callable[..., Client],
    command: list[str],
    address: str,
) -> None:
    capsys.readouterr()
    assert run([*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    answer = key_client(["estate:read"]).get(f"/api/estate/{address}")
    assert answer.json() == printed
    assert run(command) == 0
    assert capsys.readouterr().out.strip()


def test_wrong_input_is_refused_at_every_door(
    held: Path,
    key_client: Callable[..., Client],
    client_of: Callable[[Person], Client],
    administrator: Person,
) -> None:
    api, client = key_client(["estate:read"]), client_of(administrator)
    assert api.get("/api/estate/licences?only=free").status_code == 422
    assert api.get(f"/api/estate/libraries?q={'x' * 400}").status_code == 422
    for address in ("libraries/pkg:pypi/nothing", "libraries/x", "advisories/NONE-1"):
        assert api.get(f"/api/estate/{address}").status_code == 404
        assert client.get(f"/estate/{address}/").status_code == 404
    assert client.get("/estate/licences/?only=free").status_code == 200
    assert run(["estate", "library", "nonsense"]) != 0
    assert run(["advisories", "show", "NONE-1"]) != 0


def test_pages_lead_from_one_to_the_other_and_back(
    held: Path, client_of: Callable[[Person], Client], administrator: Person
) -> None:
    client = client_of(administrator)

    def page(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return str(answer.content.decode())

    exposure, shop = Exposure.objects.get(), Item.objects.get(name="shop")
    weak = page(f"/estate/software/{exposure.pk}/")
    assert 'href="/estate/advisories/PYSEC-1/"' in weak
    assert 'href="/estate/libraries/pkg:pypi/django@4.2.1/"' in weak
    told = page("/estate/advisories/PYSEC-1/")
    assert f'href="/estate/software/{exposure.pk}/"' in told
    assert 'href="/estate/libraries/pkg:pypi/django/"' in told
    assert "It leaks <b>" not in told
    assert VECTOR in told
    one = page("/estate/libraries/pkg:pypi/django/")
    assert 'href="/estate/advisories/PYSEC-1/"' in one
    assert f'href="/estate/{shop.pk}/"' in one
    assert "mended no more since" in one
    assert f'href="/estate/software/{exposure.pk}/"' in page(f"/estate/{shop.pk}/")
    mark = page(f"/estate/{exposure.item_id}/")
    assert "mended no more since" in mark
    assert 'href="/estate/libraries/pkg:pypi/django/"' in mark
    assert 'href="/estate/libraries/pkg:npm/%2540scope/left/"' in page("/estate/libraries/")
    assert "@scope/left" in page("/estate/libraries/pkg:npm/%2540scope/left/")
    assert "MIT OR Apache-2.0" in page("/estate/licences/")


def test_versions_stand_in_the_order_of_their_ecosystem(held: Path) -> None:
    versions = ("10.0", "9.2", "9.10rc1")
    give(held, "shop", *((f"pkg:pypi/flask@{version}", "") for version in versions))
    found = [each.version for each in library(OPERATOR, "pkg:pypi/flask").versions]
    assert found == ["9.2", "9.10rc1", "10.0"]
    give(held, "shop", *((f"pkg:pypi/flask@{version}", "") for version in (*versions, "of-today")))
    found = [each.version for each in library(OPERATOR, "pkg:pypi/flask").versions]
    assert found == ["10.0", "9.10rc1", "9.2", "of-today"], "as texts, where one cannot be compared"
