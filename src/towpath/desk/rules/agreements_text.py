"""Agreements: read from the text of a document, checked, and written as one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import msgspec
import yaml

from towpath.desk.rules import priority
from towpath.desk.rules.agreements import (
    WAITING,
    Agreement,
    Agreements,
    CalendarText,
    days_in,
    duration_in,
    interval_in,
)
from towpath.desk.rules.calendars import CalendarError
from towpath.foundation.operations.documents import Form, Path, read_document
from towpath.foundation.operations.shaping import in_words, shaped

FORM = Form(longest=200_000, deepest=8, begin="Begin with `calendars:` and `agreements:`.")
Problem = tuple[Path, str]


def read_agreements(text: str, name: str) -> Agreements:
    """The agreements that a YAML text holds; `name` is the file, for errors. Raises DocumentError with line
    and column."""
    document = read_document(text, name, FORM)
    found = shaped(document, Agreements, written=True)
    for path, problem in problems(found):
        raise document.error(path, in_words(path, problem))
    return found


def write_agreements(agreements: Agreements) -> str:
    """The YAML of agreements; reading it gives the same ones."""
    dumped: str = yaml.safe_dump(
        msgspec.to_builtins(agreements),
        sort_keys=False,
        allow_unicode=True,
        width=110,
        default_flow_style=None,
    )
    return dumped


def problems(found: Agreements) -> Iterator[Problem]:
    """What cannot be used, each with where it stands."""
    for name, each in found.calendars.items():
        for path, told in _calendar(each):
            yield ("calendars", name, *path), told
    if found.priority is not None:
        for path, told in priority.problems(found.priority):
            yield ("priority", *path), told
    seen: set[str] = set()
    for place, agreement in enumerate(found.agreements):
        if agreement.name in seen:
            yield ("agreements", place, "name"), f"{agreement.name!r} stands here twice; give each its name"
        seen.add(agreement.name)
        for path, told in _agreement(agreement, found.calendars):
            yield ("agreements", place, *path), told


def _calendar(each: CalendarText) -> Iterator[Problem]:
    wrong = [*_hours(each), *_holidays(each.holidays)]
    yield from wrong
    if wrong:
        return
    try:
        each.calendar()
    except CalendarError as error:
        yield ("hours",) if "zone" not in str(error) else ("zone",), str(error)


def _hours(each: CalendarText) -> Iterator[Problem]:
    for days, intervals in each.hours.items():
        if told := _refused(days_in, days):
            yield ("hours", days), told
        for place, interval in enumerate(intervals):
            if told := _refused(interval_in, interval):
                yield ("hours", days, place), told


def _holidays(holidays: Iterable[str]) -> Iterator[Problem]:
    for place, day in enumerate(holidays):
        if _refused(date.fromisoformat, day):
            yield ("holidays", place), f"{day!r} is no date: write it like 2026-12-25"


def _agreement(each: Agreement, calendars: Iterable[str]) -> Iterator[Problem]:
    if not each.name.strip():
        yield ("name",), "give it a name that people know it by"
    if each.calendar not in calendars:
        yield ("calendar",), _unknown("calendar", each.calendar, calendars)
    if not each.targets and not each.otherwise:
        yield ("targets",), "without `targets` or `otherwise` nothing is agreed: say within what time"
    for written, target in each.targets.items():
        if told := _refused(duration_in, target):
            yield ("targets", written), told
    if each.otherwise and (told := _refused(duration_in, each.otherwise)):
        yield ("otherwise",), told
    for place, state in enumerate(each.pauses):
        if state not in WAITING:
            yield ("pauses", place), _unknown("class of states that pauses a clock", state, WAITING)


def _unknown(what: str, written: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(written, list(known), n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known) or 'none'}"
    return f"{written!r} is no {what}; {hint}"


def _refused(read: Callable[[str], object], text: str) -> str:
    """What the reader says against the text; empty where nothing."""
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""
