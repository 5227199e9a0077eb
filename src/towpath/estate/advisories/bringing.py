"""Advisories come in: a folder, a zip or tar archive, or one file; what it is is found out."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from towpath.estate.advisories.keeping import Advisories
from towpath.estate.advisories.marks import (
    Cycle,
    read_cycles,
    read_exploited,
    read_likelihoods,
)
from towpath.estate.advisories.osv import read_advisory
from towpath.estate.advisories.refusing import AdvisoriesRefused

MOST_BYTES = 256 << 20
"""Of one document, unpacked."""
MOST_IN_ALL = 8 << 30
"""Of an archive, unpacked: a bomb ends here."""
MOST_DOUBTS = 50
_ENDS = (".json", ".yaml", ".yml", ".md", ".csv")
_BROKEN = (
    OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError,
    RuntimeError, NotImplementedError,  # zip: a password, a compression that is not known
)  # fmt: skip
Documents = Iterator[tuple[str, bytes]]


class Brought(msgspec.Struct):
    """How many of each were taken in; `kept`: advisories that were known already. `doubts`: what was left out
    and why, at most MOST_DOUBTS of `refused`."""

    advisories: int = 0
    kept: int = 0
    exploited: int = 0
    likelihoods: int = 0
    cycles: int = 0
    refused: int = 0
    doubts: list[str] = []


def bring_in(path: Path, into: Advisories) -> Brought:
    """Take in what lies at `path`. Documents that cannot be read are left out and told. Raises
    AdvisoriesRefused where there is nothing at all to read, or the archive is broken or a bomb."""
    done, cycles, looked_at = Brought(), list[Cycle](), 0
    for name, body in documents(path):
        looked_at += 1
        try:
            cycles += _take(name, body, into, done)
        except AdvisoriesRefused as error:
            done.refused += 1
            if len(done.doubts) < MOST_DOUBTS:
                done.doubts.append(str(error))
    if not looked_at:
        what = "There is no advisory in it (JSON or YAML), no KEV, EPSS or endoflife data."
        raise AdvisoriesRefused(path.name, what, "Give the folder, zip or file of the mirror.")
    if cycles:
        done.cycles = into.put_cycles(cycles)
        into.note("endoflife", _day_of(path))
    if done.advisories or done.kept:
        into.note("osv", _day_of(path))
    return done


def _take(name: str, body: bytes, into: Advisories, done: Brought) -> list[Cycle]:
    if name.endswith(".md"):
        return read_cycles(name, body)
    if name.endswith(".csv"):
        day, rows = read_likelihoods(name, body)
        done.likelihoods = into.put_likelihoods(rows)
        into.note("epss", day)
    elif b'"cveID"' in body[:4096]:
        found = read_exploited(name, body)
        done.exploited = into.put_exploited(found)
        into.note("kev", str(found[0].of_day) if found else "")
    elif into.put_advisory(read_advisory(name, body)):
        done.advisories += 1
    else:
        done.kept += 1
    return []


def documents(path: Path) -> Documents:
    """Name and bytes of every document at a path, archives unpacked in memory one document at a time. Raises
    AdvisoriesRefused."""
    try:
        if path.is_dir():
            found = (each for each in sorted(path.rglob("*")) if each.is_file())
            yield from ((str(each.relative_to(path)), _whole(each)) for each in found if _wanted(each.name))
        elif path.suffix == ".zip" or zipfile.is_zipfile(path):
            yield from _zipped(path)
        elif tarfile.is_tarfile(path):
            yield from _tarred(path)
        else:
            yield path.name.removesuffix(".gz"), _whole(path)
    except _BROKEN as error:
        what = f"It cannot be read: {error}."
        raise AdvisoriesRefused(path.name, what, "Fetch it again, whole.") from error


def _zipped(path: Path) -> Documents:
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(_ENDS)]
        _check_size(path, sum(each.file_size for each in members))
        for each in members:
            with archive.open(each) as file:
                yield each.filename, _bounded(path.name, each.filename, file.read(MOST_BYTES + 1))


def _tarred(path: Path) -> Documents:
    total = 0
    with tarfile.open(path) as archive:
        for each in archive:
            total += each.size
            _check_size(path, total)
            file = archive.extractfile(each) if each.isfile() and each.name.endswith(_ENDS) else None
            if file is not None:
                yield each.name, _bounded(path.name, each.name, file.read(MOST_BYTES + 1))


def _whole(path: Path) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return _bounded(path.name, path.name, file.read(MOST_BYTES + 1))


def _bounded(archive: str, name: str, body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        what = f"{name} holds more than {MOST_BYTES >> 20} MB."
        raise AdvisoriesRefused(archive, what, "This can be an attack: look at it before you give it again.")
    return body


def _check_size(path: Path, size: int) -> None:
    if size > MOST_IN_ALL:
        what = f"It unpacks to more than {MOST_IN_ALL >> 30} GB."
        raise AdvisoriesRefused(path.name, what, "Give it in parts, or unpacked as a folder.")


def _wanted(name: str) -> bool:
    return name.removesuffix(".gz").endswith(_ENDS) and not Path(name).name.startswith(".")


def _day_of(path: Path) -> str:
    changed: date = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    return changed.isoformat()
