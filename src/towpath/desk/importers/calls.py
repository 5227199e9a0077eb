"""A call centre's series in CSV: what a queue was offered, answered and lost in each interval."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.utils.translation import gettext as _

from towpath.desk.schemas.calls import CallsRefused
from towpath.events.times import parse_times, zones

MOST_BYTES, MOST_ROWS = 64 << 20, 2_000_000
FORMATS = ("iso", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M")
NAMES: dict[str, tuple[str, ...]] = {
    "begin": ("begin", "start", "interval", "interval start", "start time", "datetime", "date", "time"),
    "queue": ("queue", "skill", "group", "line", "topic", "service"),
    "offered": ("offered", "calls offered", "received", "incoming", "contacts offered"),
    "answered": ("answered", "calls answered", "handled", "calls handled"),
    "given_up": ("given up", "abandoned", "calls abandoned", "lost"),
    "waited": ("waited", "wait", "waiting time", "asa", "avg wait", "average speed of answer", "mean wait"),
}
"""By which names a column goes, without case and with spaces for `_` and `-`."""
NEEDED = ("begin", "offered", "answered")
MOST_COUNT = 2_000_000_000
USUAL_S = 1_800


class SeriesRefused(ValueError):
    """The file cannot be taken at all; the text says why and what to do."""


@dataclass(frozen=True)
class Interval:
    """One interval of a queue, as `models.CallInterval` keeps it."""

    queue: str
    begin: int
    seconds: int
    offered: int
    answered: int
    given_up: int
    waited: float | None


@dataclass(frozen=True)
class Series:
    intervals: tuple[Interval, ...]
    refused: tuple[CallsRefused, ...]


def read_series(raw: bytes, zone: str = "UTC", queue: str = "") -> Series:
    """All intervals that can be taken, and the lines that cannot. `zone` holds for times without an offset.
    `queue`: of rows that name none. Raises SeriesRefused."""
    if zone not in zones():
        raise SeriesRefused(
            _("No time zone is called %(zone)s: write one like Europe/Amsterdam.") % {"zone": zone}
        )
    if len(raw) > MOST_BYTES:
        raise SeriesRefused(_("At most 64 MB: cut the series by month."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = {"place": error.start}
        raise SeriesRefused(_("Byte %(place)d is no UTF-8: save the file as UTF-8.") % told) from error
    rows = _rows(text)
    places = _places(next(rows, []))
    kept = [(line, row) for line, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    if len(kept) > MOST_ROWS:
        raise SeriesRefused(_("At most %(most)s rows: cut the series by month.") % {"most": f"{MOST_ROWS:,}"})
    return _taken(kept, places, zone, queue)


def _rows(text: str) -> Iterator[list[str]]:
    head = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise SeriesRefused(_("This is no CSV: %(why)s.") % {"why": error}) from error


def _places(head: Sequence[str]) -> dict[str, int]:
    low = [" ".join(name.strip().casefold().replace("_", " ").replace("-", " ").split()) for name in head]
    found = {
        field: low.index(name) for field, names in NAMES.items() for name in reversed(names) if name in low
    }
    if lacking := [field for field in NEEDED if field not in found]:
        told = {"lacking": ", ".join(lacking), "known": ", ".join(NAMES)}
        raise SeriesRefused(
            _("The first line must name the columns: %(lacking)s is not there. Known are %(known)s.") % told
        )
    return found


def _taken(kept: Sequence[tuple[int, list[str]]], places: dict[str, int], zone: str, queue: str) -> Series:
    times = parse_times(pa.array([_cell(row, places, "begin") for _line, row in kept]), FORMATS, zone)
    refused: dict[int, str] = {}
    found: dict[tuple[str, int], tuple[int, list[str]]] = {}
    for place, (line, row) in enumerate(kept):
        name = _cell(row, places, "queue") or queue
        if times.unreal[place]:
            refused[line] = _("clocks were put forward then: this time never was")
        elif not times.known[place]:
            refused[line] = _("its begin is no time: write it like 2026-03-10T09:00")
        elif not name or len(name) > 200:
            refused[line] = _("it names no queue, or one of more than 200 characters")
        else:
            begin = int(times.micros[place])
            begin = _hour_again(begin, zone) if (name, begin) in found else begin
            if (name, begin) in found:
                refused[line] = _("this interval of the queue was told before in this file")
            found.setdefault((name, begin), (line, row))
    lengths = _lengths(found)
    intervals = []
    for (name, begin), (line, row) in found.items():
        made = _interval(row, places, name, begin, lengths[name])
        if isinstance(made, str):
            refused[line] = made
        else:
            intervals.append(made)
    return Series(tuple(intervals), tuple(CallsRefused(*each) for each in sorted(refused.items())))


def _hour_again(begin: int, zone: str) -> int:
    """The same local time in the hour that comes twice when clocks are put back; else the moment itself."""
    local = datetime.fromtimestamp(begin / 1_000_000, ZoneInfo(zone))
    return int(local.replace(fold=1).timestamp() * 1_000_000)


def _lengths(found: dict[tuple[str, int], tuple[int, list[str]]]) -> dict[str, int]:
    """Seconds of a queue's intervals: the commonest step between neighbours."""
    begins: dict[str, list[int]] = defaultdict(list)
    for name, begin in sorted(found):
        begins[name].append(begin)
    steps = {name: Counter(later - each for each, later in pairwise(times)) for name, times in begins.items()}
    return {
        name: min(86_400, each.most_common(1)[0][0] // 1_000_000) if each else USUAL_S
        for name, each in steps.items()
    }


def _interval(
    row: Sequence[str], places: dict[str, int], name: str, begin: int, seconds: int
) -> Interval | str:
    """The interval, or why it is not taken."""
    counts = {}
    for field in ("offered", "answered", "given_up"):
        text = _cell(row, places, field)
        if field == "given_up" and not text:
            continue
        if not (text.isascii() and text.isdigit() and int(text) <= MOST_COUNT):
            return _("%(field)s is no count: %(text)s") % {"field": field, "text": text[:40]}
        counts[field] = int(text)
    offered, answered = counts["offered"], counts["answered"]
    given_up = counts.get("given_up", offered - answered)
    if given_up < 0 or answered + given_up > offered:
        return _("more were answered and given up than were offered")
    waited = _cell(row, places, "waited")
    try:
        mean = float(waited) if waited else None
    except ValueError:
        mean = -1.0
    if mean is not None and not 0 <= mean < 1e6:
        return _("the waiting time is a number of seconds: %(text)s") % {"text": waited[:40]}
    return Interval(name, begin, seconds, offered, answered, given_up, mean)


def _cell(row: Sequence[str], places: dict[str, int], field: str) -> str:
    place = places.get(field, len(row))
    return row[place].strip() if place < len(row) else ""
