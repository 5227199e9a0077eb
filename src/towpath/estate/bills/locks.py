"""A bill made from the lock files of a checkout, or from what is installed in a Python environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.parsers import expat

import msgspec

from towpath.estate.bills.bill import Bill, BillRefused, Part
from towpath.estate.bills.go_modules import read_modules, read_sums
from towpath.estate.bills.poms import Named, Pom, read_pom, required

POM = "pom.xml"
MOST_BYTES = 64 << 20
"""Of one lock file."""
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "target", "vendor"})
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([^\s;#\\]+)")
Parts = Iterator[Part]


def read_checkout(folder: Path) -> Bill:
    """What the lock files below a folder pin; for a Python environment (with `pyvenv.cfg`), what is installed
    in it. Each part once. Raises BillRefused where there is no such file."""
    if (folder / "pyvenv.cfg").is_file():
        return _bill("environment", folder, _installed(folder), [])
    doubts: list[str] = []
    paths = list(_lock_files(folder))
    found = [each for path in paths for each in _read(path, folder, doubts)]
    found += _of_maven([path for path in paths if path.name == POM], folder, doubts)
    if not found and not doubts:
        what = f"There is no lock file in it (looked for {', '.join(sorted(_READERS))})."
        raise BillRefused(folder.name, what, "Lock what it depends on, or give an SBOM.")
    return _bill("lock files", folder, found, doubts)


def _bill(form: str, folder: Path, parts: list[Part] | Parts, doubts: list[str]) -> Bill:
    each_once = {part.purl: part for part in parts}
    about = Part(ref=folder.name, name=folder.resolve().name, kind="application")
    return Bill(form, "", about, tuple(each_once.values()), doubts=tuple(doubts))


def _of_maven(paths: list[Path], folder: Path, doubts: list[str]) -> list[Part]:
    """Of all pom.xml together: one takes versions from the others."""
    poms: dict[Path, Pom] = {}
    for path in paths:
        with _telling(path, folder, doubts):
            poms[path] = read_pom(_bytes(path))
    by_name: dict[Named, Pom] = {}
    for pom in poms.values():
        by_name.setdefault(pom.named, pom)
    return [
        _part("maven", name, version, group)
        for pom in poms.values()
        for group, name, version in required(pom, by_name)
    ]


def _lock_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        yield from (Path(place) / name for name in sorted(names) if _reader_of(name))


def _reader_of(name: str) -> Callable[[bytes], Parts] | None:
    if name.startswith("requirements") and name.endswith((".txt", ".lock")):
        return _pip
    return _READERS.get(name)


def _read(path: Path, folder: Path, doubts: list[str]) -> list[Part]:
    reader = _reader_of(path.name)
    if path.name == POM or reader is None:
        return []
    with _telling(path, folder, doubts):
        if path.name in {"go.mod", "go.sum"}:
            return list(_go(path))
        return list(reader(_bytes(path)))
    return []


@contextmanager
def _telling(path: Path, folder: Path, doubts: list[str]) -> Iterator[None]:
    """What cannot be read is told, and the others are read."""
    shown = str(path.relative_to(folder))
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, expat.ExpatError) as error:
        doubts.append(f"{shown}: it cannot be read: {error}.")
    except OSError as error:
        doubts.append(f"{shown}: it cannot be opened: {error.strerror}.")


def _bytes(path: Path) -> bytes:
    """Raises ValueError for more than MOST_BYTES."""
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"it holds more than {MOST_BYTES >> 20} MB")
    return body


def _part(kind: str, name: str, version: str, group: str = "") -> Part:
    path = "/".join(quote(each, safe="") for each in (*group.split("/"), name) if each)
    purl = f"pkg:{kind}/{path}@{quote(version, safe='')}"
    return Part(ref=purl, name=name, version=version, group=group, purl=purl)


def _python(name: str, version: str) -> Part:
    return _part("pypi", re.sub(r"[-_.]+", "-", name).lower(), version)


def _locked(body: bytes) -> Parts:
    """uv.lock and poetry.lock; what lies in the checkout itself is no library."""
    for each in tomllib.loads(body.decode()).get("package", []):
        source = each.get("source", {})
        if not {"virtual", "editable", "directory"} & set(source) and "version" in each:
            yield _python(each["name"], each["version"])


def _pip(body: bytes) -> Parts:
    for line in body.decode().splitlines():
        if match := _PINNED.match(line.strip()):
            yield _python(match[1], match[2])


def _npm(body: bytes) -> Parts:
    """package-lock.json, versions 1 to 3."""
    told = msgspec.json.decode(body)
    packages: dict[str, Any] = told.get("packages") or {}
    if not packages and "dependencies" not in told:
        raise ValueError("it names neither `packages` nor `dependencies`: run `npm install`")
    for place, each in packages.items():
        _root, inside, path = place.rpartition("node_modules/")
        if not inside or each.get("link") or "version" not in each:
            continue
        group, _slash, name = str(each.get("name") or path).rpartition("/")
        yield _part("npm", name, each["version"], group)
    if not packages:
        yield from _npm_nested(told["dependencies"])


def _npm_nested(dependencies: dict[str, Any]) -> Parts:
    """Version 1: what a library needs in a version of its own lies within it. What comes from a repository or
    a folder has no version of npm's."""
    waiting = [dependencies]
    while waiting:
        for called, each in waiting.pop().items():
            waiting += [each["dependencies"]] if each.get("dependencies") else []
            version = str(each["version"])
            alias = re.fullmatch(r"npm:(.+)@([^@]+)", version)
            path, version = (alias[1], alias[2]) if alias else (called, version)
            group, _slash, name = path.rpartition("/")
            if version[:1].isdigit() and "/" not in version:
                yield _part("npm", name, version, group)


def _cargo(body: bytes) -> Parts:
    for each in tomllib.loads(body.decode()).get("package", []):
        if each.get("source"):
            yield _part("cargo", each["name"], each["version"])


def _go(path: Path) -> Parts:
    """go.mod, or go.sum where the go.mod beside it does not name all (`go_modules`)."""
    beside = path.with_name("go.mod")
    modules = read_modules(_bytes(beside).decode()) if beside.is_file() else None
    if path.name == "go.mod" and modules is not None:
        found = modules.required
    elif modules is not None and modules.names_all:
        return
    else:
        sums = read_sums(_bytes(path).decode())
        found = {
            name: version for name, version in sums.items() if not modules or name not in modules.required
        }
    for module, version in found.items():
        group, _slash, name = module.rpartition("/")
        yield _part("golang", name, version.removesuffix("+incompatible"), group)


def _elsewhere(_body: bytes) -> Parts:
    """Read together with the files beside it."""
    yield from ()


_READERS: dict[str, Callable[[bytes], Parts]] = {
    "uv.lock": _locked,
    "poetry.lock": _locked,
    "requirements.txt": _pip,
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "Cargo.lock": _cargo,
    "go.mod": _elsewhere,
    "go.sum": _elsewhere,
    POM: _elsewhere,
}


def _installed(folder: Path) -> Parts:
    """What lies in an environment's site-packages, by the metadata of each."""
    headers = BytesHeaderParser()
    for path in sorted(folder.glob("lib/python*/site-packages/*.dist-info/METADATA")):
        with path.open("rb") as file:
            told = headers.parse(file)
        name, version = told["Name"], told["Version"]
        if name and version:
            yield _python(str(name), str(version))
