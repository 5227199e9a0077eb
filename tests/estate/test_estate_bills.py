"""Bills of materials: each published example is read as an independent reader reads it, or refused."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from towpath.estate.bills import Bill, BillRefused, read_bill
from towpath.estate.bills import reading as bill_reading

DATA = Path(__file__).parents[3] / "shared" / "data"
PACKAGES_OF_3 = {"software_Package", "ai_AIPackage", "dataset_DatasetPackage"}


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published examples, unpacked."""
    folder = tmp_path_factory.mktemp("bills")
    for archive in ("sbom-cyclonedx/bom-examples.tar.gz", "sbom-spdx/spdx-examples.tar.gz"):
        if not (DATA / archive).exists():
            pytest.skip(f"{archive} is missing")
        with tarfile.open(DATA / archive) as packed:
            packed.extractall(folder, filter="data")
    return folder


def bills_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".xml", ".spdx") and not path.name.startswith("pom"):
            yield path


def counted(path: Path) -> tuple[int, int]:
    """How many parts (the one described among them) and statements there are, by other readers than ours."""
    text = path.read_text()
    if path.suffix == ".spdx":
        return len(re.findall(r"^PackageName:", text, re.MULTILINE)), 0
    if path.suffix == ".xml":
        root = ElementTree.fromstring(text)  # noqa: S314
        space = root.tag.partition("}")[0] + "}"
        # Components under `pedigree` are ancestors and the like, not parts.
        pedigrees = {
            id(inner) for each in root.iter(f"{space}pedigree") for inner in each.iter(f"{space}component")
        }
        components = [each for each in root.iter(f"{space}component") if id(each) not in pedigrees]
        return len(components), len(list(root.iter(f"{space}vulnerability")))
    document = json.loads(text)
    if "@graph" in document:
        return sum(each.get("type") in PACKAGES_OF_3 for each in document["@graph"]), 0
    if "spdxVersion" in document:
        return len(document.get("packages", [])), 0
    main = document.get("metadata", {}).get("component")
    total = (main is not None) + nested(document, "components") + nested(document, "services")
    return total, len(document.get("vulnerabilities", []))


def nested(holder: dict[str, list[dict[str, object]]], what: str) -> int:
    return sum(1 + nested(each, what) for each in holder.get(what, []))  # type: ignore[arg-type]


def test_every_published_example_is_read_as_another_reader_reads_it(examples: Path) -> None:
    read, refused = 0, []
    for path in bills_in(examples):
        try:
            bill = read_bill(path)
        except BillRefused as reason:
            refused.append((path.name, reason.what))
            continue
        found = (len(bill.parts) + (bill.about is not None), len(bill.statements))
        assert found == counted(path), path.name
        read += 1
    assert read == 129
    assert refused == [("bom.1.1.xml", "Its version of CycloneDX, '1.1', is not known.")]


def test_the_same_bill_in_json_and_xml_is_the_same(examples: Path) -> None:
    pairs = [
        (path, path.with_suffix(".xml"))
        for path in examples.rglob("bom*.json")
        if path.with_suffix(".xml").exists()
    ]
    assert len(pairs) >= 10
    for one, other in pairs:
        ours, theirs = read_bill(one), read_bill(other)
        assert [part.purl for part in ours.parts] == [part.purl for part in theirs.parts], one.name
        if "dropwizard" not in str(one):  # its XML leaves out a licence that its JSON has
            assert [part.licences for part in ours.parts] == [part.licences for part in theirs.parts]
        assert set(ours.links) == set(theirs.links), one.name


def test_the_same_bill_in_spdx_2_and_3_lists_the_same_packages(examples: Path) -> None:
    pairs = 0
    for number in (1, 3, 4, 5, 6, 8, 9, 10, 11, 12):
        folder = examples / "software" / f"example{number}"
        for newer in sorted(folder.glob("spdx3.0/*")):
            stem = newer.name.replace(".spdx3.json", "").replace(".json", "")
            older = next(path for path in folder.glob("spdx2.*/*") if path.name.startswith(stem))
            assert packages(read_bill(newer)) == packages(read_bill(older)), stem
            pairs += 1
    assert pairs == 16


def packages(bill: Bill) -> list[tuple[str, str]]:
    main = [bill.about] if bill.about else []
    return sorted((part.name, part.version) for part in (*main, *bill.parts))


def refusal(path: Path, body: bytes | str) -> str:
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    with pytest.raises(BillRefused) as refused:
        read_bill(path)
    assert path.name in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "entities",
    [
        '<!DOCTYPE bom [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE bom [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE bom SYSTEM "http://example.org/bom.dtd">',
    ],
)
def test_entities_are_refused(tmp_path: Path, entities: str) -> None:
    body = f'<?xml version="1.0"?>{entities}<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>'
    assert "Take the DOCTYPE out" in refusal(tmp_path / "bom.xml", body)


def test_what_is_cut_in_the_middle_is_refused_with_its_line(tmp_path: Path) -> None:
    cut = '{"bomFormat": "CycloneDX",\n "specVersion": "1.5",\n "components": [{"name": "a'
    assert "bom.json, line 3" in refusal(tmp_path / "bom.json", cut)
    assert "line 2" in refusal(
        tmp_path / "bom.xml", '<bom xmlns="http://cyclonedx.org/schema/bom/1.4">\n<components>'
    )
    text = "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>it begins"
    assert "line 3: A <text> has no end." in refusal(tmp_path / "bom.spdx", text)


def test_what_is_no_bill_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert "It is empty." in refusal(path, "")
    assert "neither CycloneDX" in refusal(path, "hello")
    assert "neither `bomFormat`" in refusal(path, refusal_body := "{}") or refusal_body
    assert "It is no JSON" in refusal(path, "[1, 2]")
    assert "begins with <project>" in refusal(path, "<project/>")
    assert "'1.9', is not known" in refusal(path, '{"bomFormat": "CycloneDX", "specVersion": "1.9"}')
    assert "'SPDX-1.2', is not known" in refusal(path, '{"spdxVersion": "SPDX-1.2"}')
    assert "not in UTF-8" in refusal(path, b"SPDXVersion: SPDX-2.3\nPackageName: \xff\n")
    with pytest.raises(BillRefused, match="No such file"):
        read_bill(tmp_path / "nowhere")


def test_a_bomb_and_an_endless_nesting_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_reading, "MOST_BYTES", 1 << 20)
    bomb = gzip.compress(b'{"bomFormat": "CycloneDX", "pad": "' + b" " * (8 << 20) + b'"}')
    assert len(bomb) < 20_000
    assert "holds more than 1 MB" in refusal(tmp_path / "bomb.json.gz", bomb)
    assert "cannot be unpacked" in refusal(tmp_path / "cut.json.gz", bomb[:200])
    deep = '{"name": "a", "components": [' * 60 + "]}" * 60
    body = '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [' + deep + "]}"
    assert "nested deeper than 50" in refusal(tmp_path / "deep.json", body)
    deeper = '{"components": [' * 20_000 + "]}" * 20_000
    body = '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [' + deeper + "]}"
    assert "deeper.json" in refusal(tmp_path / "deeper.json", body)


def test_odd_parts_cost_no_more_than_themselves(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    parts = [{"name": "a", "version": 3}, {"version": "1"}, {"name": "b", "purl": "pkg:npm/b"}]
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": parts}))
    bill = read_bill(path)
    assert [(part.name, part.version, part.ref) for part in bill.parts] == [
        ("a", "3", "#1"),
        ("b", "", "pkg:npm/b"),
    ]
    assert bill.doubts == ("1 of its parts have no name and were left out.",)


READ = """
import resource, sys
from pathlib import Path
from towpath.estate.bills import read_bill
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
bill = read_bill(Path(sys.argv[1]))
print(len(bill.parts), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_bill_of_300_mb_is_read_within_twice_its_size_and_a_larger_one_is_refused(tmp_path: Path) -> None:
    """Its parts carry what real ones do and Towpath passes over (texts of licences, hashes, evidence)."""
    path = tmp_path / "large.json"
    text = "x" * 100_000
    with path.open("w") as file:
        file.write('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [')
        for nth in range(3_000):
            part = (
                f'{{"name": "p{nth}", "version": "1", "purl": "pkg:npm/p{nth}@1", "description": "{text}"}}'
            )
            file.write(("," if nth else "") + part)
        file.write("]}")
    assert path.stat().st_size > 300_000_000
    told = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    parts, taken_mb = map(int, told.stdout.split())
    assert parts == 3_000
    assert taken_mb < 600, f"{taken_mb} MB for a bill of 300 MB"
    with path.open("r+b") as file:
        file.truncate(bill_reading.MOST_BYTES + 1)
    with pytest.raises(BillRefused, match="holds more than 512 MB"):
        read_bill(path)
