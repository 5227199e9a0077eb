"""Lists of calls in CSV: how they are read, and what is refused, with its line."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
from django.utils.translation import gettext as _

from towpath.desk.rules.call_times import CallTimes, zone_of

LENGTHS = (5, 10, 15, 20, 30, 60)
"""Minutes of an interval. Longer ones hide the hour of the day; these fill an hour exactly, so that no two
of one length overlap."""
MOST_ROWS, MOST_REFUSED, MOST_COUNT, LONGEST_QUEUE = 300_000, 1_000, 1_000_000, 200
HEADINGS = {
    "begins": ("begins", "interval start", "interval_start", "start", "start time", "interval", "datetime"),
    "queue": ("queue", "skill", "split", "topic", "queue name", "service line"),
    "offered": ("offered", "calls offered", "received", "calls", "incoming"),
    "answered": ("answered", "calls answered", "handled", "accepted"),
    "abandoned": ("abandoned", "calls abandoned", "given up", "lost"),
    "wait": ("wait", "wait seconds", "wait_seconds", "asa", "avg wait", "average speed of answer"),
    "within": ("within", "service level", "service_level", "sl", "sla"),
}
NEEDED = ("begins", "offered", "answered")


class CallListRefused(ValueError):
    """The whole list cannot be read; the text says where and what to do."""


class CallMapping(msgspec.Struct, frozen=True):
    """Which column holds what ("" finds it by its heading); `zone` of times that carry none; `time_format` as
    for strptime, "" for ISO 8601; `minutes` of an interval, 0 finds it."""

    zone: str = ""
    minutes: int = 0
    time_format: str = ""
    begins: str = ""
    queue: str = ""
    offered: str = ""
    answered: str = ""
    abandoned: str = ""
    wait: str = ""
    within: str = ""


class CallRow(msgspec.Struct, frozen=True):
    """`begins`: in UTC. None: the list does not say."""

    line: int
    queue: str
    begins: datetime
    offered: int
    answered: int
    abandoned: int | None
    wait_seconds: float | None
    within: float | None


class RefusedCalls(msgspec.Struct, frozen=True):
    line: int
    text: str
    reason: str


class CallGap(msgspec.Struct, frozen=True):
    """On one day, `missing` intervals of a queue before that of `line`."""

    line: int
    queue: str
    missing: int


class CallList(msgspec.Struct, frozen=True):
    """`mapping`: with what was found. `unread`: columns that mean nothing here."""

    mapping: CallMapping
    rows: tuple[CallRow, ...]
    refused: tuple[RefusedCalls, ...]
    gaps: tuple[CallGap, ...]
    unread: tuple[str, ...]


class _Wrong(ValueError):
    """A line that is refused."""


def read_calls(text: str, mapping: CallMapping) -> CallList:
    """Read a list. Raises CallListRefused for one that makes no sense as a whole."""
    heading, lines = _lines(text)
    mapping, unread = _mapped(mapping, heading)
    times = CallTimes(zone_of(mapping.zone), mapping.time_format)
    places = {name: heading.index(getattr(mapping, name)) for name in HEADINGS if getattr(mapping, name)}
    rows: list[CallRow] = []
    refused: list[RefusedCalls] = []
    for line, cells in lines:
        try:
            if len(cells) != len(heading):
                told = {"found": len(cells), "wanted": len(heading)}
                raise _Wrong(_("%(found)s cells where the heading has %(wanted)s.") % told)
            given = {name: cells[place].strip() for name, place in places.items()}
            rows.append(_row(line, given, times))
        except ValueError as error:
            refused.append(RefusedCalls(line, ",".join(cells)[:500], str(error)))
        if len(refused) > MOST_REFUSED or len(rows) > MOST_ROWS:
            break
    _refuse_whole(rows, refused)
    minutes = mapping.minutes or _length(rows)
    if minutes not in LENGTHS:
        known = ", ".join(map(str, LENGTHS))
        wrong = {"found": str(minutes), "known": known}
        raise CallListRefused(_("Intervals of %(found)s minutes; an interval has one of %(known)s.") % wrong)
    kept, more = _once(rows, minutes, times)
    refused = sorted([*refused, *more], key=lambda each: each.line)
    found = msgspec.structs.replace(mapping, minutes=minutes)
    return CallList(found, tuple(kept), tuple(refused), tuple(_gaps(kept, minutes, times)), unread)


def _lines(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    first = text.removeprefix("\ufeff").lstrip("\r\n").partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        found.extend((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
    except csv.Error as error:
        told = {"line": reader.line_num, "error": error}
        raise CallListRefused(_("Line %(line)s is no CSV: %(error)s.") % told) from error
    if len(found) < 2:
        raise CallListRefused(_("A list has a heading and at least one line."))
    heading = [cell.strip() for cell in found[0][1]]
    if twice := [name for name, count in Counter(heading).items() if count > 1]:
        raise CallListRefused(_("Two columns are called %(name)s.") % {"name": twice[0] or '""'})
    return heading, found[1:]


def _mapped(mapping: CallMapping, heading: Sequence[str]) -> tuple[CallMapping, tuple[str, ...]]:
    """With the columns that are known by their headings."""
    found: dict[str, str] = {}
    known = {name.lower(): name for name in heading}
    for field, names in HEADINGS.items():
        given = getattr(mapping, field)
        if given and given not in heading:
            told = {"name": given, "known": ", ".join(heading)}
            raise CallListRefused(_("There is no column %(name)s; there are %(known)s.") % told)
        found[field] = given or next((known[name] for name in names if name in known), "")
    if missing := [field for field in NEEDED if not found[field]]:
        told = {"missing": ", ".join(missing), "known": ", ".join(heading)}
        raise CallListRefused(
            _("Say which column holds: %(missing)s. There are %(known)s.") % told,
        )
    used = Counter(name for name in found.values() if name)
    if twice := [name for name, count in used.items() if count > 1]:
        raise CallListRefused(_("The column %(name)s cannot hold two things.") % {"name": twice[0]})
    return msgspec.structs.replace(mapping, **found), tuple(name for name in heading if name not in used)


def _row(line: int, given: dict[str, str], times: CallTimes) -> CallRow:
    begins = times.read(given["begins"], given.get("queue", ""))
    queue = given.get("queue", "")
    if len(queue) > LONGEST_QUEUE:
        raise _Wrong(_("The name of a queue has at most 200 characters."))
    offered, answered = _count(given, "offered"), _count(given, "answered")
    abandoned = _count(given, "abandoned") if given.get("abandoned") else None
    if answered + (abandoned or 0) > offered:
        told = {"offered": offered, "answered": answered, "abandoned": abandoned or 0}
        raise _Wrong(
            _(
                "%(answered)s answered and %(abandoned)s given up are more than %(offered)s offered: export "
                "calls by the interval in which they were offered."
            )
            % told
        )
    wait = _seconds(given.get("wait", "")) if answered else None
    return CallRow(line, queue, begins, offered, answered, abandoned, wait, _share(given.get("within", "")))


def _count(given: dict[str, str], name: str) -> int:
    text = given[name]
    if re.fullmatch(r"[0-9]{1,7}(\.0+)?", text) and float(text) <= MOST_COUNT:
        return int(float(text))
    told = {"name": name, "text": text[:50], "most": f"{MOST_COUNT:,}"}
    raise _Wrong(_("%(name)s is “%(text)s”; write a whole number from 0 to %(most)s.") % told)


def _seconds(text: str) -> float | None:
    """Seconds, or m:ss, or h:mm:ss."""
    if not text:
        return None
    if parts := re.fullmatch(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])", text):
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return float(hours * 3600 + minutes * 60 + seconds)
    number = _decimal(text)
    if number is None or number > 86_400:
        raise _Wrong(_("“%(text)s” is no waiting time; write seconds or m:ss.") % {"text": text[:50]})
    return number


def _share(text: str) -> float | None:
    if not text:
        return None
    number = _decimal(text.removesuffix("%").strip())
    if number is None or number > 100:
        raise _Wrong(_("“%(text)s” is no service level; write percent, 0 to 100.") % {"text": text[:50]})
    return number / 100


def _decimal(text: str) -> float | None:
    return float(text.replace(",", ".")) if re.fullmatch(r"[0-9]{1,7}([.,][0-9]{1,9})?", text) else None


def _refuse_whole(rows: Sequence[CallRow], refused: Sequence[RefusedCalls]) -> None:
    if len(rows) > MOST_ROWS:
        raise CallListRefused(_("A list has at most 300,000 lines; divide it by months."))
    if len(refused) > MOST_REFUSED or not rows:
        first = refused[0]
        told = {"line": first.line, "reason": first.reason}
        raise CallListRefused(
            _("Too few lines can be read. The first that cannot, line %(line)s: %(reason)s") % told
        )
    shares = [row.within for row in rows if row.within is not None]
    if shares and max(shares) <= 0.01 and any(0 < share < 0.01 for share in shares):
        raise CallListRefused(_("No service level is above 1: these seem to be shares. Write percent."))


def _length(rows: Sequence[CallRow]) -> int:
    """The usual distance between neighbours, in minutes; never one of two that are as usual."""
    steps: Counter[int] = Counter()
    for before, after in _neighbours(rows):
        steps[int((after.begins - before.begins).total_seconds()) // 60] += 1
    steps.pop(0, None)
    if not steps:
        raise CallListRefused(_("Say how many minutes an interval has: no queue has two of them."))
    (usual, count), *others = steps.most_common(2)
    if others and others[0][1] == count:
        told = {"one": usual, "other": others[0][0]}
        raise CallListRefused(
            _("Say how many minutes an interval has: steps of %(one)s and of %(other)s are as usual.") % told
        )
    return usual


def _neighbours(rows: Sequence[CallRow]) -> Iterator[tuple[CallRow, CallRow]]:
    queues: dict[str, list[CallRow]] = defaultdict(list)
    for row in rows:
        queues[row.queue].append(row)
    for members in queues.values():
        ordered = sorted(members, key=lambda each: each.begins)
        yield from pairwise(ordered)


def _once(
    rows: Sequence[CallRow], minutes: int, times: CallTimes
) -> tuple[list[CallRow], list[RefusedCalls]]:
    """What begins on the clock's grid and is said once; the rest overlaps."""
    seen: dict[tuple[str, datetime], int] = {}
    kept, refused = [], []
    for row in rows:
        local = times.local(row.begins)
        first = seen.setdefault((row.queue, row.begins), row.line)
        told = {"line": first, "minutes": minutes, "at": f"{local:%Y-%m-%d %H:%M:%S}"}
        if first != row.line:
            reason = _("The same queue and interval as line %(line)s.") % told
        elif local.minute % minutes or local.second or local.microsecond:
            reason = _("%(at)s overlaps its neighbour: intervals have %(minutes)s minutes.") % told
        else:
            kept.append(row)
            continue
        refused.append(RefusedCalls(row.line, f"{row.queue} {local:%Y-%m-%d %H:%M}".strip(), reason))
    return kept, refused


def _gaps(rows: Sequence[CallRow], minutes: int, times: CallTimes) -> Iterator[CallGap]:
    step = timedelta(minutes=minutes)
    for before, after in _neighbours(rows):
        missing = (after.begins - before.begins) // step - 1
        if missing > 0 and times.local(before.begins).date() == times.local(after.begins).date():
            yield CallGap(after.line, after.queue, missing)
