"""Where advisories lie: one SQLite file in the home, by package. It is written anew beside the old one and
then takes its place, so that who reads never sees half of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import msgspec

from towpath.estate.advisories.marks import Cycle, Exploited
from towpath.estate.advisories.osv import Advisory, Affected
from towpath.estate.advisories.versions import family_of, normalised
from towpath.events.lake.durability import sync_path

FILE = "advisories.sqlite3"
_TABLES = """
create table if not exists advisory (id text primary key, modified text not null, body blob not null);
create table if not exists package (
    ecosystem text not null, name text not null, advisory text not null, body blob not null);
create index if not exists by_package on package (ecosystem, name);
create index if not exists by_advisory on package (advisory);
create table if not exists exploited (cve text primary key, body blob not null);
create table if not exists likelihood (cve text primary key, epss real not null, percentile real not null);
create table if not exists cycle (package text not null, body blob not null);
create index if not exists cycle_by_package on cycle (package);
create table if not exists source (name text primary key, rows integer not null, of_day text not null,
    taken_at text not null);
"""


class SourceOfAdvisories(msgspec.Struct, frozen=True):
    """What was taken in: "osv", "kev", "epss" or "endoflife". `of_day`: the day the source says it is of, ""
    where it says none."""

    name: str
    rows: int
    of_day: str
    taken_at: datetime


class Advisories:
    """The file at `path`, open to be read, or to be written by `rewriting`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._file = connection

    def put_advisory(self, found: Advisory) -> bool:
        """Keep it, in place of an older one. Returns whether it was new or newer."""
        held = self._file.execute("select modified from advisory where id = ?", (found.id,)).fetchone()
        if held is not None:
            if held[0] >= found.modified:
                return False
            self._file.execute("delete from package where advisory = ?", (found.id,))
        vectors = found.severity or list(dict.fromkeys(s for each in found.affected for s in each.severity))
        kept = msgspec.structs.replace(found, affected=[], severity=vectors, details=found.details[:4_000])
        row = (found.id, found.modified, msgspec.msgpack.encode(kept))
        self._file.execute("insert or replace into advisory values (?, ?, ?)", row)
        self._file.executemany("insert into package values (?, ?, ?, ?)", _packages(found))
        return True

    def put_exploited(self, rows: Iterable[Exploited]) -> int:
        """Known exploited vulnerabilities, in place of those before."""
        self._file.execute("delete from exploited")
        wanted = [(row.cve, msgspec.msgpack.encode(row)) for row in rows]
        self._file.executemany("insert or replace into exploited values (?, ?)", wanted)
        return len(wanted)

    def put_likelihoods(self, rows: Iterable[tuple[str, float, float]]) -> int:
        """EPSS: (CVE, probability within 30 days, percentile), in place of those before."""
        self._file.execute("delete from likelihood")
        taken = self._file.executemany("insert or replace into likelihood values (?, ?, ?)", rows)
        return taken.rowcount

    def put_cycles(self, rows: Iterable[Cycle]) -> int:
        """Release cycles of packages, in place of those before."""
        self._file.execute("delete from cycle")
        wanted = [(row.package, msgspec.msgpack.encode(row)) for row in rows]
        self._file.executemany("insert into cycle values (?, ?)", wanted)
        return len(wanted)

    def note(self, name: str, of_day: str) -> None:
        """Say that a source was taken in."""
        table = {"osv": "advisory", "kev": "exploited", "epss": "likelihood", "endoflife": "cycle"}[name]
        (rows,) = self._file.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 (ours)
        row = (name, rows, of_day, datetime.now(UTC).isoformat())
        self._file.execute("insert or replace into source values (?, ?, ?, ?)", row)

    def sources(self) -> list[SourceOfAdvisories]:
        rows = self._file.execute("select name, rows, of_day, taken_at from source order by name")
        return [SourceOfAdvisories(name, n, day, datetime.fromisoformat(at)) for name, n, day, at in rows]

    def of_package(self, ecosystem: str, name: str) -> list[tuple[str, Affected]]:
        """What affects some version of a package: (the advisory's id, which versions)."""
        rows = self._file.execute(
            "select advisory, body from package where ecosystem = ? and name = ? order by rowid",
            (ecosystem, name),
        )
        return [(advisory, msgspec.msgpack.decode(body, type=Affected)) for advisory, body in rows]

    def advisory(self, named: str) -> Advisory | None:
        """By its id; without `affected`, whose severities stand with its own where it has none itself."""
        row = self._file.execute("select body from advisory where id = ?", (named,)).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=Advisory)

    def packages_of(self, named: str) -> list[tuple[str, str, Affected]]:
        """What an advisory affects: (ecosystem, name, which versions)."""
        rows = self._file.execute(
            "select ecosystem, name, body from package where advisory = ? order by rowid", (named,)
        )
        return [(eco, name, msgspec.msgpack.decode(body, type=Affected)) for eco, name, body in rows]

    def exploited(self, cve: str) -> Exploited | None:
        row = self._file.execute("select body from exploited where cve = ?", (cve,)).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=Exploited)

    def likelihood(self, cve: str) -> float | None:
        """Probability that it is exploited within 30 days (EPSS)."""
        row = self._file.execute("select epss from likelihood where cve = ?", (cve,)).fetchone()
        return None if row is None else float(row[0])

    def cycles(self, package: str) -> list[Cycle]:
        """Of a package, as "PyPI/django"."""
        rows = self._file.execute("select body from cycle where package = ? order by rowid", (package,))
        return [msgspec.msgpack.decode(body, type=Cycle) for (body,) in rows]


@contextmanager
def reading(root: Path) -> Iterator[Advisories]:
    """What the home at `root` holds; empty where nothing was taken in yet."""
    path = root / FILE
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True) if path.exists() else _empty()) as file:
        yield Advisories(file)


@contextmanager
def rewriting(root: Path) -> Iterator[Advisories]:
    """A copy that takes the place of what is there once the block has ended well."""
    path, draft = root / FILE, root / f".{FILE}.{token_hex(4)}"
    try:
        with closing(sqlite3.connect(draft)) as file:
            if path.exists():
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as before:
                    before.backup(file)
            file.executescript("pragma journal_mode = off; pragma synchronous = off;" + _TABLES)
            draft.chmod(0o600)
            yield Advisories(file)
            file.commit()
        sync_path(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _empty() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.executescript(_TABLES)
    return made


def _packages(found: Advisory) -> Iterator[tuple[str, str, str, bytes]]:
    if found.withdrawn:
        return
    for each in found.affected:
        if each.package is not None and each.package.name:
            ecosystem = family_of(each.package.ecosystem)
            name = normalised(ecosystem, each.package.name)
            yield ecosystem, name, found.id, msgspec.msgpack.encode(each)
