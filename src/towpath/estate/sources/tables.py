"""Lists in CSV: items, a row each, or links between them.

Items have the columns `kind` and `name`, and any of the keys (serial, mac, fqdn, ip ...); every other column
is a fact under its own name (owner, lifecycle, unavailability ...). Links have `kind`, `from` and `to`, and
may have `group`, `needed` and `common`. An end is written as the item's name, as kind:name, or as key:value
(fqdn:db1.example).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from towpath.estate.sources.report import EVERYTHING, Report, ReportRefused, SeenItem, SeenLink

KEYS = ("serial", "machine_id", "cloud_id", "mac", "fqdn", "ip", "purl", "fingerprint")
LINK_COLUMNS = {"kind", "from", "to"}
MOST_BYTES = 1 << 30
_SPLIT = ";"
"""Between several values of a key, within one cell that is in quotes."""


def read_table(path: Path, *, at: datetime | None = None, complete: bool = False) -> Report:
    """The list in the file; `complete`: it names all that its source knows of. `at`: when that was so, by
    default when the file was last changed. Rows that cannot be taken are told in `doubts`.

    Raises ReportRefused.
    """
    try:
        stat = path.stat()
        if stat.st_size > MOST_BYTES:
            raise ReportRefused(path.name, "It holds more than 1 GB.", "Split it into several lists.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=_delimiter(head), strict=True)
            names = [str(name or "").strip().lower() for name in rows.fieldnames or ()]
            rows.fieldnames = names
            report = _report(path.name, names, rows, complete=complete)
    except UnicodeDecodeError as error:
        raise ReportRefused(path.name, "It is not in UTF-8.", "Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise ReportRefused(path.name, f"It is no CSV: {error}.", "Export it again as CSV.") from error
    except OSError as error:
        what = f"It cannot be opened ({error.strerror})."
        raise ReportRefused(path.name, what, "Check its name and who may read it.") from error
    changed = at or datetime.fromtimestamp(stat.st_mtime, UTC)
    return Report("csv", changed, *report)


Read = tuple[tuple[SeenItem, ...], tuple[SeenLink, ...], tuple[str, ...], tuple[str, ...]]


def _report(file: str, names: list[str], rows: csv.DictReader[str], *, complete: bool) -> Read:
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        what = f"The column {sorted(twice)[0]!r} stands twice in its first line."
        raise ReportRefused(file, what, "Keep one of them.", 1)
    doubts: list[str] = []
    if set(names) >= LINK_COLUMNS:
        links = tuple(_links(rows, doubts))
        ends = dict.fromkeys(end for link in links for end in (link.start, link.end))
        return tuple(mention(end) for end in ends), links, (), tuple(doubts)
    if {"kind", "name"} <= set(names):
        scopes = (EVERYTHING,) if complete else ()
        return tuple(_items(rows, doubts)), (), scopes, tuple(doubts)
    what = "Its first line names neither `kind` and `name` (items) nor `kind`, `from` and `to` (links)."
    raise ReportRefused(file, what, "Name the columns so.", 1)


def _items(rows: csv.DictReader[str], doubts: list[str]) -> Iterator[SeenItem]:
    for row in rows:
        told = _cells(row)
        kind, name = told.pop("kind", "").lower(), told.pop("name", "")
        if not kind or not name or None in row:
            what = "it has more cells than the first line" if None in row else "kind or name is empty"
            doubts.append(f"line {rows.line_num:,}: {what}.")
            continue
        keys = [
            (key, value.strip()) for key in KEYS for value in told.get(key, "").split(_SPLIT) if value.strip()
        ]
        yield SeenItem(
            ref=f"{rows.line_num}", kind=kind, name=name, keys=tuple(keys), facts=told, line=rows.line_num
        )


def _links(rows: csv.DictReader[str], doubts: list[str]) -> Iterator[SeenLink]:
    for row in rows:
        told = _cells(row)
        try:
            needed = int(told["needed"]) if told.get("needed") else None
            common = float(told.get("common") or 0.0)
            if not math.isfinite(common) or not 0 <= common <= 1 or (needed is not None and needed < 1):
                raise ValueError
        except ValueError:
            doubts.append(
                f"line {rows.line_num:,}: `needed` is a number from 1, `common` a share from 0 to 1."
            )
            continue
        if not all(told.get(name) for name in LINK_COLUMNS):
            doubts.append(f"line {rows.line_num:,}: kind, from or to is empty.")
            continue
        yield SeenLink(
            kind=told["kind"].lower(),
            start=told["from"],
            end=told["to"],
            group=told.get("group", ""),
            needed=needed if told.get("group") else None,
            common=common,
            line=rows.line_num,
        )


def mention(end: str) -> SeenItem:
    """An end of a link as it is written: a name, kind:name, or key:value."""
    before, colon, after = end.partition(":")
    if colon and before in KEYS:
        return SeenItem(ref=end, kind="", name=after, keys=((before, after),), mentioned=True)
    if colon and after and before.replace("_", "").isalpha():
        return SeenItem(ref=end, kind=before, name=after, mentioned=True)
    return SeenItem(ref=end, kind="", name=end, mentioned=True)


def _cells(row: dict[str, str]) -> dict[str, str]:
    return {name: (value or "").strip() for name, value in row.items() if name and isinstance(value, str)}


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)
