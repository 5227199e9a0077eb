"""What software is made of and which of it is weak: from bills, lock files and environments to one record."""

from __future__ import annotations

import json
import sys
import tarfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.bills import BillRefused
from towpath.estate.bills.locks import read_checkout
from towpath.estate.queries.software import scan
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[3] / "shared" / "data"
PYPA = DATA / "pypa-advisories" / "vulns.tar.gz"
Printed = pytest.CaptureFixture[str]
LOCKS = {
    "uv.lock": '[[package]]\nname = "own"\nversion = "1"\nsource = {editable = "."}\n'
    '[[package]]\nname = "Django"\nversion = "3.2.1"\n',
    "poetry.lock": '[[package]]\nname = "urllib3"\nversion = "1.26.4"\n',
    "requirements.txt": "# pinned\npillow[tests]==9.0.0 --hash=sha256:00 \\\nflask>=2\n"
    "attrs == 23.1 ; python_version > '3'\n",
    "package-lock.json": json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "own"},
                "node_modules/@scope/left": {"version": "1.0.0"},
                "node_modules/a/node_modules/minimist": {"version": "1.2.5"},
                "node_modules/own": {"link": True},
            },
        }
    ),
    "Cargo.lock": '[[package]]\nname = "own"\nversion = "0.1.0"\n'
    '[[package]]\nname = "time"\nversion = "0.1.40"\nsource = "registry+https://example.org/index"\n',
    "go.mod": "module example.org/own\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/b v1.2.0 // indirect\n)\n"
    "require golang.org/x/net v0.1.0\nexclude (\n\tgithub.com/bad/one v9.9.9\n)\n",
    "pom.xml": "<project><version>7</version><properties><v>2.14.1</v></properties><dependencies><dependency>"
    "<groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${v}</version>"
    "</dependency><dependency><groupId>g</groupId><artifactId>managed</artifactId></dependency></dependencies></project>",
}
PINNED = {
    "pkg:pypi/django@3.2.1", "pkg:pypi/urllib3@1.26.4", "pkg:pypi/pillow@9.0.0", "pkg:pypi/attrs@23.1",
    "pkg:npm/%40scope/left@1.0.0", "pkg:npm/minimist@1.2.5", "pkg:cargo/time@0.1.40",
    "pkg:golang/github.com/a/b@v1.2.0", "pkg:golang/golang.org/x/net@v0.1.0",
    "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own(tmp_home: Home) -> None:
    """No test sees another's advisories."""


def take_in(tmp_path: Path, *advisories: dict[str, Any]) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    for each in advisories:
        (folder / f"{each['id']}.json").write_text(json.dumps({"modified": "2026-01-01", **each}))
    bring_in_advisories(OPERATOR, folder)


def of(ecosystem: str, name: str, fixed: str) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    return {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }


def word(severity: str) -> dict[str, Any]:
    return {"database_specific": {"severity": severity}}


def bill(tmp_path: Path, *parts: dict[str, Any], **more: Any) -> Path:
    path = tmp_path / "bom.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": parts, **more}))
    return path


def test_lock_files_of_seven_kinds_are_read(tmp_path: Path) -> None:
    for name, text in LOCKS.items():
        (tmp_path / name).write_text(text)
    found = read_checkout(tmp_path)
    assert {part.purl for part in found.parts} == PINNED
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", "[[package"),
        ("package-lock.json", '{"lockfileVersion": 1}'),
        ("package-lock.json", '{"lockfileVersion": 1, "dependencies": {"x": {}}}'),
        ("package-lock.json", '{"lockfileVersion": 1, "dependencies": ["x"]}'),
        ("go.sum", "github.com/a/b v1.0.0"),
        ("package-lock.json", "[]"),
        ("Cargo.lock", "package = 3"),
        ("pom.xml", '<!DOCTYPE x [<!ENTITY a "b">]><project>&a;</project>'),
        ("pom.xml", "<project>"),
        ("requirements.txt", "\udcff"),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_told_and_the_others_are(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "poetry.lock").write_text(LOCKS["poetry.lock"])
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    found = read_checkout(tmp_path)
    assert [part.name for part in found.parts] == ["urllib3"]
    assert found.doubts[0].startswith(f"{name}: it cannot be read")


def purls(folder: Path, **files: str) -> set[str]:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = read_checkout(folder)
    assert found.doubts == ()
    return {part.purl for part in found.parts}


def test_npm_s_first_lock_version_is_read_with_what_lies_within(tmp_path: Path) -> None:
    inner = {"left": {"version": "2.0.0"}, "@s/deep": {"version": "1.0.0-rc.1"}}
    told = {
        "left": {"version": "1.0.0", "dependencies": inner},
        "mine": {"version": "file:../mine"},
        "forked": {"version": "git+ssh://git@example.org/x.git#0a"},
        "other": {"version": "npm:@t/real@3.1.0"},
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"lockfileVersion": 1, "dependencies": told}))
    assert {part.purl for part in read_checkout(tmp_path).parts} == {
        "pkg:npm/left@1.0.0", "pkg:npm/left@2.0.0", "pkg:npm/%40s/deep@1.0.0-rc.1", "pkg:npm/%40t/real@3.1.0",
    }  # fmt: skip


SUMS = """\
github.com/a/b v1.2.0 h1:aaaa=
github.com/a/b v1.2.0/go.mod h1:bbbb=
golang.org/x/net v0.9.0 h1:cccc=
golang.org/x/net v0.10.0 h1:dddd=
golang.org/x/old v0.1.0/go.mod h1:eeee=
"""


def test_go_sum_tells_what_an_older_go_mod_leaves_out(tmp_path: Path) -> None:
    own = "module example.org/own\n\ngo {}\n\nrequire github.com/a/b v1.1.0\n"
    named = "pkg:golang/github.com/a/b@v1.1.0"
    more = "pkg:golang/golang.org/x/net@v0.10.0"
    assert purls(tmp_path, go_mod=own.format("1.16"), go_sum=SUMS) == {named, more}
    assert purls(tmp_path, go_mod=own.format("1.17"), go_sum=SUMS) == {named}, "a newer one names all itself"
    (tmp_path / "go.mod").unlink()
    assert purls(tmp_path, go_sum=SUMS) == {"pkg:golang/github.com/a/b@v1.2.0", more}


def pom(name: str, *inner: str, parent: str = "", version: str = "<version>1</version>") -> str:
    above = f"<parent><groupId>g</groupId><artifactId>{parent}</artifactId><version>1</version></parent>"
    own = f"<groupId>g</groupId><artifactId>{name}</artifactId>{version}"
    return f"<project>{above if parent else ''}{own}{''.join(inner)}</project>"


def needs(name: str, version: str = "", scope: str = "", group: str = "x") -> str:
    told = f"<version>{version}</version>" if version else ""
    told += f"<scope>{scope}</scope>" if scope else ""
    body = f"<groupId>{group}</groupId><artifactId>{name}</artifactId>{told}"
    return f"<dependencies><dependency>{body}</dependency></dependencies>"


def managed(*needed: str) -> str:
    return f"<dependencyManagement>{''.join(needed)}</dependencyManagement>"


def test_maven_takes_versions_from_parents_and_lists_within_the_checkout(tmp_path: Path) -> None:
    top = pom(
        "top",
        "<properties><v>2.14.1</v><w>${v}</w></properties>",
        managed(needs("core", "${w}"), needs("unused", "9"), needs("list", "1", "import", "g")),
        needs("common", "1.0"),
    )
    found = purls(
        tmp_path,
        pom_xml=top,
        app__pom_xml=pom("app", needs("core"), needs("listed"), needs("unsaid"), parent="top"),
        new__pom_xml=pom("new", "<properties><v>2.17.1</v></properties>", needs("core"), parent="top"),
        list__pom_xml=pom("list", managed(needs("listed", "4.0"), needs("top", "1", "import", "g"))),
    )
    assert found == {
        "pkg:maven/x/core@2.14.1", "pkg:maven/x/core@2.17.1", "pkg:maven/x/listed@4.0",
        "pkg:maven/x/common@1.0",
    }  # fmt: skip


def test_circles_of_maven_files_end(tmp_path: Path) -> None:
    lists = {
        f"l{nth}__pom_xml": pom(
            f"l{nth}",
            managed(*(needs(f"l{other}", "1", "import", "g") for other in range(12))),
            parent=f"l{nth}",
        )
        for nth in range(12)
    }
    endless = pom(
        "own", "<properties><a>${b}${b}</a><b>${a}${a}</b></properties>", needs("x", "${a}"), parent="l1"
    )
    assert purls(tmp_path, pom_xml=endless, requirements_txt="flask==1.0\n", **lists) == {
        "pkg:pypi/flask@1.0"
    }


def test_a_folder_without_any_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BillRefused, match=r"Cargo\.lock, go\.mod"):
        read_checkout(tmp_path)


def oracle(name: str, version: Version, package: dict[str, Any]) -> bool:
    """Whether the version is affected, computed with `packaging` alone, straight from the advisory's text."""
    if package["package"]["ecosystem"] != "PyPI" or canonicalize_name(package["package"]["name"]) != name:
        return False
    for text in package.get("versions", []):
        try:
            if Version(text) == version:
                return True
        except InvalidVersion:
            continue
    return any(within(version, span) for span in package.get("ranges", []) if span["type"] != "GIT")


def within(version: Version, span: dict[str, Any]) -> bool:
    begin: Version | None = None
    marks = [
        (Version("0.dev0" if text == "0" else text), kind)
        for event in span["events"]
        for kind, text in event.items()
    ]
    for at, kind in sorted(marks, key=lambda mark: mark[0]):
        if kind == "introduced":
            begin = at
            continue
        before = version <= at if kind == "last_affected" else version < at
        if begin is not None and begin <= version and before:
            return True
        begin = None
    return begin is not None and begin <= version


@pytest.fixture(scope="module")
def published() -> list[dict[str, Any]]:
    if not PYPA.exists():
        pytest.skip("pypa-advisories is missing")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tarfile.open(PYPA) as archive:
        files = (archive.extractfile(each) for each in archive if each.name.endswith(".yaml"))
        return [yaml.load(file.read(), Loader=loader) for file in files if file]  # noqa: S506


def agreed(parts: dict[str, str], published: list[dict[str, Any]], found: Any) -> int:
    """Every pair of package and advisory is judged alike; returns how many are affected."""
    expected = {
        (name, each["id"])
        for each in published
        if not each.get("withdrawn")
        for package in each.get("affected", [])
        for name in {canonicalize_name(package["package"]["name"])} & parts.keys()
        if oracle(name, Version(parts[name]), package)
    }
    assert {(each.part, each.advisory) for each in found.vulnerabilities} == expected
    return len(expected)


def test_the_running_environment_is_judged_as_packaging_alone_judges_it(
    published: list[dict[str, Any]],
) -> None:
    bring_in_advisories(OPERATOR, PYPA)
    found = scan(OPERATOR, Path(sys.prefix))
    parts = {canonicalize_name(each.name): each.version for each in distributions()}
    assert found.identified == found.parts >= 50
    agreed({name: version for name, version in parts.items() if version}, published, found)
    assert [(each.name, each.rows) for each in found.knowledge] == [("osv", len(published))]


def test_old_versions_of_every_package_are_judged_as_packaging_alone_judges_them(
    tmp_path: Path, published: list[dict[str, Any]]
) -> None:
    """Of each package the median of the versions that some advisory names."""
    versions: dict[str, set[str]] = {}
    for each in published:
        for package in each.get("affected", []):
            name = str(canonicalize_name(package["package"]["name"]))
            versions.setdefault(name, set()).update(map(str, package.get("versions", [])))
    parts = {}
    for name, texts in versions.items():
        ordered = sorted(Version(text) for text in texts if _is_version(text))
        if ordered:
            parts[name] = str(ordered[len(ordered) // 2])
    bring_in_advisories(OPERATOR, PYPA)
    path = bill(tmp_path, *({"name": n, "version": v, "purl": f"pkg:pypi/{n}@{v}"} for n, v in parts.items()))
    assert agreed(parts, published, scan(OPERATOR, path)) > 500


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def test_the_gravest_comes_first_and_what_a_bill_says_of_itself_is_respected(tmp_path: Path) -> None:
    take_in(
        tmp_path,
        {"id": "A-1", "affected": [of("npm", "left", "2.0.0")], **word("MODERATE")},
        {"id": "A-2", "affected": [of("npm", "left", "2.0.0")], **word("CRITICAL")},
        {"id": "A-3", "affected": [of("npm", "left", "1.0.0")]},
    )  # fmt: skip
    part = {"bom-ref": "l", "name": "left", "version": "1.5.0", "purl": "pkg:npm/left@1.5.0"}
    said = {
        "id": "A-2",
        "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
        "affects": [{"ref": "l"}],
    }
    found = scan(OPERATOR, bill(tmp_path, part, vulnerabilities=[said]))
    told = [(each.advisory, each.severity, each.status, each.fixed_in) for each in found.vulnerabilities]
    assert told == [("A-1", "medium", "", ("2.0.0",)), ("A-2", "critical", "not_affected", ("2.0.0",))]


def test_parts_that_no_advisory_can_know_are_named_and_versions_that_are_none_told(tmp_path: Path) -> None:
    take_in(tmp_path, {"id": "A-1", "affected": [of("PyPI", "x", "2.0")]})
    parts = [
        {"name": "x", "purl": "pkg:pypi/x"},
        {"name": "pot", "version": "1", "purl": "pkg:teapot/pot@1"},
        {"name": "plain", "version": "3"},
        {"name": "x", "version": "brown", "purl": "pkg:pypi/x@brown"},
    ]
    found = scan(OPERATOR, bill(tmp_path, *parts))
    assert (found.identified, found.unidentified) == (1, ("x", "pot 1", "plain 3"))
    assert "'brown' is no version of PyPI" in found.unclear[0]


def test_the_command_prints_the_record_and_its_exit_code_tells_whether_something_is_weak(
    tmp_path: Path, capsys: Printed
) -> None:
    path = bill(tmp_path, {"name": "x", "version": "1.0", "purl": "pkg:pypi/x@1.0"})
    assert run(["sbom", "scan", str(path)]) == 0
    assert "No advisories were taken in yet" in capsys.readouterr().out
    take_in(tmp_path, {"id": "A-1", "summary": "It leaks", "affected": [of("PyPI", "x", "2.0")]})
    assert run(["sbom", "scan", str(path), "--json"]) == 1
    (only,) = json.loads(capsys.readouterr().out)["vulnerabilities"]
    assert (only["advisory"], only["part"], only["fixed_in"]) == ("A-1", "x", ["2.0"])
    assert run(["sbom", "scan", str(path)]) == 1
    assert "It leaks" in capsys.readouterr().out
    (tmp_path / "wrong.json").write_text("{}")
    assert run(["sbom", "scan", str(tmp_path / "wrong.json")]) != 0
    assert "wrong.json" in capsys.readouterr().err
    assert run(["advisories", "import", str(tmp_path / "wrong.json")]) == 1
    assert "wrong.json" in capsys.readouterr().err
