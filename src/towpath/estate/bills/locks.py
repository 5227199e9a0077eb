"""A bill made from the lock files of a checkout, or from what is installed in a Python environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.parsers import expat

import msgspec

from towpath.estate.bills.bill import Bill, BillRefused, Part
from towpath.estate.bills.poms import read_pom

MOST_BYTES = 64 << 20
"""Of one lock file."""
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", "target", "vendor"})
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([^\s;#\\]+)")
_GO_LINE = re.compile(r"^\s*(?:require\s+)?([^\s()]+\.[^\s()]+)\s+(v[^\s]+)")
Parts = Iterator[Part]


def read_checkout(folder: Path) -> Bill:
    """What the lock files below a folder pin; for a Python environment (with `pyvenv.cfg`), what is installed
    in it. Each part once. Raises BillRefused where there is no such file."""
    if (folder / "pyvenv.cfg").is_file():
        return _bill("environment", folder, _installed(folder), [])
    doubts: list[str] = []
    found = [each for path in _lock_files(folder) for each in _read(path, folder, doubts)]
    if not found and not doubts:
        what = f"There is no lock file in it (looked for {', '.join(sorted(_READERS))})."
        raise BillRefused(folder.name, what, "Lock what it depends on, or give an SBOM.")
    return _bill("lock files", folder, found, doubts)


def _bill(form: str, folder: Path, parts: list[Part] | Parts, doubts: list[str]) -> Bill:
    each_once = {part.purl: part for part in parts}
    about = Part(ref=folder.name, name=folder.resolve().name, kind="application")
    return Bill(form, "", about, tuple(each_once.values()), doubts=tuple(doubts))


def _lock_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        yield from (Path(place) / name for name in sorted(names) if _reader_of(name))


def _reader_of(name: str) -> Callable[[bytes], Parts] | None:
    if name.startswith("requirements") and name.endswith((".txt", ".lock")):
        return _pip
    return _READERS.get(name)


def _read(path: Path, folder: Path, doubts: list[str]) -> list[Part]:
    reader, shown = _reader_of(path.name), str(path.relative_to(folder))
    try:
        if path.stat().st_size > MOST_BYTES:
            doubts.append(f"{shown}: it holds more than {MOST_BYTES >> 20} MB and was left out.")
            return []
        return list(reader(path.read_bytes())) if reader else []
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, expat.ExpatError) as error:
        doubts.append(f"{shown}: it cannot be read: {error}.")
    except OSError as error:
        doubts.append(f"{shown}: it cannot be opened: {error.strerror}.")
    return []


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
    """package-lock.json, versions 2 and 3."""
    packages: dict[str, Any] = msgspec.json.decode(body).get("packages") or {}
    if not packages:
        raise ValueError("only versions 2 and 3 name their packages: run `npm install` of npm 7 or newer")
    for place, each in packages.items():
        _root, inside, path = place.rpartition("node_modules/")
        if not inside or each.get("link") or "version" not in each:
            continue
        group, _slash, name = str(each.get("name") or path).rpartition("/")
        yield _part("npm", name, each["version"], group)


def _cargo(body: bytes) -> Parts:
    for each in tomllib.loads(body.decode()).get("package", []):
        if each.get("source"):
            yield _part("cargo", each["name"], each["version"])


def _go(body: bytes) -> Parts:
    """go.mod: what is required, `replace` and `exclude` aside."""
    leaving_out = False
    for line in body.decode().splitlines():
        if re.match(r"\s*(replace|exclude|retract)\b", line):
            leaving_out = "(" in line
        elif leaving_out:
            leaving_out = ")" not in line
        elif match := _GO_LINE.match(line):
            group, _slash, name = match[1].rpartition("/")
            yield _part("golang", name, match[2].removesuffix("+incompatible"), group)


def _maven(body: bytes) -> Parts:
    for group, name, version in read_pom(body):
        yield _part("maven", name, version, group)


_READERS: dict[str, Callable[[bytes], Parts]] = {
    "uv.lock": _locked,
    "poetry.lock": _locked,
    "requirements.txt": _pip,
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "Cargo.lock": _cargo,
    "go.mod": _go,
    "pom.xml": _maven,
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
