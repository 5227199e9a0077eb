"""What others say of weaknesses: OpenVEX, CSAF and CycloneDX become assessments that their authors sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.actions.exposures import assess
from towpath.estate.actions.vex import take_vex
from towpath.estate.models import Assessment, EstateRulesVersion, Exposure
from towpath.estate.queries.exposures import exposures
from towpath.estate.rules.ruling import shipped_text
from towpath.estate.vex import document, reading
from towpath.estate.vex.document import Target, VexRefused
from towpath.estate.vex.matching import means
from towpath.estate.vex.reading import read_vex
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
LEFT = "pkg:npm/left@1.0.0"
Json = dict[str, Any]


@pytest.fixture
def held(tmp_home: Home, tmp_path: Path) -> Path:
    """`shop` and `till` hold left 1.0.0, which advisory A-1 (CVE-2026-1) affects; `shop` has a purl."""
    (tmp_path / "items.csv").write_text(
        "kind,name,purl\napplication,shop,pkg:generic/shop@7\napplication,till,\n"
    )
    rules = shipped_text().replace(
        "Application, layer: 0, keys: [name]", "Application, layer: 0, keys: [purl, name]"
    )
    EstateRulesVersion.objects.create(number=1, body=rules, created_by="test")
    assert run(["estate", "import", str(tmp_path / "items.csv"), "--source", "cmdb"]) == 0
    (tmp_path / "mirror").mkdir()
    affected = {"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"]}
    told = {"id": "A-1", "aliases": ["CVE-2026-1"], "modified": "2026", "affected": [affected]}
    (tmp_path / "mirror" / "A-1.json").write_text(json.dumps(told))
    bring_in_advisories(OPERATOR, tmp_path / "mirror")
    part = {"name": "left", "version": "1.0.0", "purl": LEFT}
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [part]}
    (tmp_path / "bom.json").write_text(json.dumps(bom))
    for holder in ("shop", "till"):
        run(["sbom", "import", str(tmp_path / "bom.json"), "--for", f"application:{holder}"])
    assert Exposure.objects.count() == 2
    return tmp_path


def openvex(status: str = "not_affected", product: Any = LEFT, **more: Any) -> Json:
    product = {"@id": product} if isinstance(product, str) else product
    statement = {"vulnerability": {"name": "CVE-2026-1"}, "products": [product], "status": status, **more}
    if status == "not_affected" and not more:
        statement["justification"] = "component_not_present"
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://left.example/vex-1",
        "author": "Left's makers",
        "timestamp": "2026-02-03T10:00:00Z",
        "version": 1,
        "statements": [statement],
    }


def csaf(status: str = "known_not_affected", *, why: bool = True, **more: Any) -> Json:
    products = [
        {"product_id": "L", "name": "left", "product_identification_helper": {"purl": LEFT}},
        {"product_id": "S", "name": "shop"},
    ]
    tie = {
        "category": "default_component_of",
        "product_reference": "L",
        "relates_to_product_reference": "S",
        "full_product_name": {"product_id": "L-in-S", "name": "left in shop"},
    }
    branch = {"category": "vendor", "name": "x", "branches": [{"product": products[0]}]}
    told = {"cve": "CVE-2026-1", "product_status": {status: ["L-in-S"]}}
    if why:
        told["flags"] = [{"label": "vulnerable_code_not_present", "group_ids": ["G"]}]
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "title": "t",
            "publisher": {"category": "vendor", "name": "Shop Ltd", "namespace": "https://shop.example"},
            "tracking": {"id": "S-1", "current_release_date": "2026-02-04T00:00:00Z"},
        },
        "product_tree": {
            "branches": [branch],
            "full_product_names": products[1:],
            "relationships": [tie],
            "product_groups": [{"group_id": "G", "product_ids": ["L-in-S", "S"]}],
        },
        "vulnerabilities": [{**told, **more}],
    }


def put(folder: Path, told: Any, name: str = "vex.json") -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def states() -> dict[str, str]:
    return {each.carrier_name: each.status for each in exposures(OPERATOR).exposures}


def test_openvex_says_it_of_the_library_wherever_it_is_once(held: Path) -> None:
    path = put(held, openvex(impact_statement="Not shipped.", justification="component_not_present"))
    found = take_vex(OPERATOR, path)
    assert (found.author, found.of_day, found.assessed) == ("Left's makers", "2026-02-03", 2)
    assert states() == {"shop": "not_affected", "till": "not_affected"}
    said = Assessment.objects.first()
    assert said is not None
    assert (said.made_by, said.because) == ("VEX: Left's makers", "component_not_present: Not shipped.")
    again = take_vex(OPERATOR, path)
    assert (again.assessed, again.unchanged, Assessment.objects.count()) == (0, 2, 2)


def test_a_status_changes_and_what_was_said_before_stays(held: Path) -> None:
    for status in ("under_investigation", "not_affected", "affected"):
        take_vex(OPERATOR, put(held, openvex(status)))
    assert states()["shop"] == "open", "its author takes back what it said"
    assert [each.status for each in exposures(OPERATOR).exposures[0].assessments] == [
        "in_triage", "not_affected", "open",
    ]  # fmt: skip


def test_that_it_is_affected_undoes_nothing_that_another_said(held: Path) -> None:
    for row in Exposure.objects.all():
        assess(OPERATOR, row.pk, "not_affected", "never called")
    assert take_vex(OPERATOR, put(held, openvex("affected"))).assessed == 0
    assert states()["shop"] == "not_affected"


@pytest.mark.parametrize(
    ("product", "meant"),
    [
        ("pkg:npm/left", {"shop", "till"}),
        ("pkg:npm/left@2.0.0", set()),
        ("pkg:npm/right@1.0.0", set()),
        ("pkg:generic/shop", {"shop"}),
        ("application:till", {"till"}),
        ({"@id": "x", "identifiers": {"purl": LEFT}}, {"shop", "till"}),
        ({"@id": "till", "subcomponents": [{"@id": "pkg:npm/left"}]}, {"till"}),
        ({"@id": "till", "subcomponents": [{"@id": "pkg:npm/right"}]}, set()),
        ({"@id": "elsewhere", "subcomponents": [{"@id": LEFT}]}, set()),
    ],
)
def test_products_are_matched_by_package_url_or_by_what_holds_them(
    held: Path, product: Any, meant: set[str]
) -> None:
    found = take_vex(OPERATOR, put(held, openvex(product=product)))
    assert {name for name, status in states().items() if status == "not_affected"} == meant
    assert found.nothing_here == (0 if meant else 1)


def test_a_document_about_one_item_is_of_that_item_alone(held: Path) -> None:
    product = {"@id": "pkg:oci/unknown", "subcomponents": [{"@id": LEFT}]}
    take_vex(OPERATOR, put(held, openvex(product=product)), "application:till")
    assert states() == {"shop": "open", "till": "not_affected"}


def test_csaf_says_it_of_a_component_within_a_product(held: Path) -> None:
    found = take_vex(OPERATOR, put(held, csaf()))
    assert (found.author, found.document, found.of_day) == ("Shop Ltd", "S-1", "2026-02-04")
    assert states() == {"shop": "not_affected", "till": "open"}
    said = Assessment.objects.get()
    assert (said.because, said.made_by) == ("vulnerable_code_not_present", "VEX: Shop Ltd")
    take_vex(OPERATOR, put(held, csaf("fixed", why=False)))
    assert states()["shop"] == "fixed"
    take_vex(OPERATOR, put(held, csaf("under_investigation", why=False)))
    assert states()["shop"] == "in_triage"


def test_cyclonedx_alone_is_read_by_the_same_way(held: Path) -> None:
    said = {"id": "CVE-2026-1", "analysis": {"state": "not_affected"}}
    ref = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Fleft%401.0.0"
    told = {"bomFormat": "CycloneDX", "specVersion": "1.6"}
    path = put(held, {**told, "vulnerabilities": [{**said, "affects": [{"ref": ref}]}]}, "left.cdx.json")
    assert take_vex(OPERATOR, path).assessed == 2
    assert Assessment.objects.values_list("made_by", flat=True)[0] == "VEX: left.cdx.json"
    nothing = put(held, {**told, "vulnerabilities": [{**said, "affects": []}]}, "none.json")
    assert take_vex(OPERATOR, nothing).nothing_here == 1, "of what it is nobody can tell"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no JSON"),
        ("{}", "neither OpenVEX"),
        (openvex("harmless"), r"statements\[0\]\.status"),
        (openvex(justification="because"), r"statements\[0\]\.justification"),
        (openvex(impact_statement=" "), r"statements\[0\] says not_affected without"),
        (openvex(product={"@id": ""}), r"statements\[0\] has a product with neither"),
        ({**openvex(), "author": " "}, "`author` is empty"),
        ({**openvex(), "@context": "https://openvex.dev/ns/v9"}, "version of OpenVEX"),
        ({**openvex(), "statements": [{**openvex()["statements"][0], "products": []}]}, "names no product"),
        (csaf("known_unaffected"), "known_unaffected"),
        (csaf(why=False), r"product_status\.known_not_affected: of 'L-in-S' neither"),
        (csaf(product_status={"fixed": ["Z"]}), "'Z' is not in its product tree"),
        (csaf(cve="", ids=[]), r"vulnerabilities\[0\] has neither"),
        (csaf(flags=[{"label": "luck", "product_ids": ["L"]}]), r"flags\[0\]\.label"),
        ({**csaf(), "document": {**csaf()["document"], "csaf_version": "1.2"}}, "version of CSAF"),
        ({"bomFormat": "CycloneDX", "specVersion": "1.6"}, "says nothing"),
        ({"bomFormat": "CycloneDX", "specVersion": "9"}, "not known"),
        ("<x/>", "no bill of materials"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_kept(
    held: Path, told: Any, words: str
) -> None:
    with pytest.raises(VexRefused, match=words) as refused:
        take_vex(OPERATOR, put(held, told))
    assert str(refused.value).startswith("vex.json: ")
    assert not Assessment.objects.exists()


def test_what_is_too_large_is_refused(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(held, openvex(product={"@id": "x", "subcomponents": [{"@id": f"p{n}"} for n in range(9)]}))
    monkeypatch.setattr(document, "MOST_PAIRS", 8)
    with pytest.raises(VexRefused, match="9 pairs"):
        read_vex(path)
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(VexRefused, match="more than"):
        read_vex(path)


def test_the_product_tree_of_csaf_is_followed(tmp_path: Path) -> None:
    (only,) = read_vex(put(tmp_path, csaf())).statements
    assert only.targets == (Target(LEFT, "shop"),)
    assert only.place == "vulnerabilities[0].product_status.known_not_affected"


@pytest.mark.parametrize(
    ("written", "own", "same"),
    [
        ("pkg:pypi/Some.Thing", "pkg:pypi/some-thing@1.0", True),
        ("pkg:pypi/some-thing@1.0", "pkg:pypi/some-thing@1.1", False),
        ("pkg:deb/debian/curl@7?arch=amd64", "pkg:deb/debian/curl@7", False),
        ("pkg:deb/debian/curl", "pkg:deb/debian/curl@7?arch=amd64", True),
        ("pkg:deb/ubuntu/curl", "pkg:deb/debian/curl@7", False),
        ("pkg:maven/g/a", "pkg:maven/h/a@1", False),
        ("pkg:npm/a", "pkg:pypi/a@1", False),
        ("a", "pkg:pypi/a@1", False),
    ],
)
def test_a_package_url_without_a_version_means_all_of_them(written: str, own: str, same: bool) -> None:
    assert means(written, own) is same
    assert means("pkg:npm/x@2", "pkg:npm/x", "2")
    assert not means("pkg:npm/x@2", "pkg:npm/x")


def test_command_api_and_page_take_it_in(
    held: Path,
    capsys: pytest.CaptureFixture[str],
    key_client: Callable[..., Client],
    client_of: Callable[[Person], Client],
    administrator: Person,
) -> None:
    capsys.readouterr()
    path = put(held, openvex())
    assert run(["sbom", "vex", str(path), "--for", "till", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["assessed"] == 1
    assert run(["sbom", "vex", str(put(held, "{}", "wrong.json"))]) != 0
    assert "wrong.json" in capsys.readouterr().err
    assert run(["sbom", "vex", str(put(held, openvex(product="pkg:npm/none"), "none.json"))]) == 1

    def send(api: Client, body: Any, query: str = "") -> Any:
        return api.post(f"/api/estate/vex{query}", body, content_type="application/json")

    api = key_client(["estate:read", "estate:write"])
    assert send(api, csaf()).json()["assessed"] == 1
    assert send(api, {}).status_code == 422
    assert send(api, openvex(), "?item=nothing").status_code == 404
    assert send(key_client(["estate:read"]), openvex()).status_code == 403
    client = client_of(administrator)
    assert client.get("/estate/software/vex/").status_code == 200

    def upload(told: Any, item: str = "") -> Any:
        file = BytesIO(json.dumps(told).encode())
        file.name = "own.json"
        return client.post("/estate/software/vex/", {"file": file, "item": item})

    assert upload(openvex("fixed")).status_code == 302
    assert states() == {"shop": "fixed", "till": "fixed"}
    wrong = upload({"@context": "openvex"})
    assert (wrong.status_code, b"own.json: " in wrong.content) == (422, True)
    assert upload(openvex(), "nothing").status_code == 422
    assert b"pkg:npm" not in upload(openvex(product="pkg:npm/none")).content
    with pytest.raises(PermissionDenied):
        take_vex(ANONYMOUS, path)
