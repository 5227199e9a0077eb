"""What can be wrong with a desk's reading although its form is right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from towpath.desk.rules.reading import KINDS, Column, Reading
from towpath.desk.rules.states import NAMED
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.times import FormatError, compile_format, zones
from towpath.foundation.operations.documents import Path

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
NUMBERS_AND_TIMES = ("seq", "time", "received", "key", "case_key", "latency_ms", "value", "data")
COLUMNS = tuple(name for name in EVENT_SCHEMA.names if name not in NUMBERS_AND_TIMES)
IN_COLUMNS = (
    "state", "customer", "team", "channel", "service", "component", "priority", "impact", "urgency",
    "country", "agent", "title", "text", "solved_by", "parent", "link", "made_sla", "opened", "resolved",
    "closed", "first_reply", "people", "effort_minutes",
    "caused_by", "solved_through", "duplicate_of", "affects",
)  # fmt: skip
"""Fields of a reading that name a column."""
HIGHEST_TIER = 9
MOST_DAYS = 366

Problem = tuple[Path, str]


def problems(reading: Reading) -> Iterator[Problem]:
    """Each with where it stands."""
    if reading.name and not NAME.fullmatch(reading.name):
        yield ("name",), "a name has small letters, digits and hyphens, at most 60, such as service-desk"
    yield from _columns(reading)
    yield from _kind(reading)
    yield from _states(reading)
    yield from _tiers(reading)
    yield from _times(reading)
    if not 1 <= reading.repeat_days <= MOST_DAYS:
        yield ("repeat_days",), f"write a number of days from 1 to {MOST_DAYS}"


def _columns(reading: Reading) -> Iterator[Problem]:
    for field in IN_COLUMNS:
        yield from _column((field,), getattr(reading, field))
    if isinstance(reading.topic, str):
        yield from _column(("topic",), reading.topic)
    else:
        for place, column in enumerate(reading.topic):
            yield from _column(("topic", place), column)
    if not reading.state:
        yield ("state",), "name the column that holds the state; without it nothing can be told of tickets"


def _column(path: Path, column: str) -> Iterator[Problem]:
    if not column or column in COLUMNS or (column.startswith("data.") and column != "data."):
        return
    near = difflib.get_close_matches(column, COLUMNS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"write data.{column}, or one of: {', '.join(COLUMNS)}"
    yield path, f"{column!r} is no column of an event; {hint}"


def _kind(reading: Reading) -> Iterator[Problem]:
    known = f"known are {', '.join(KINDS)}"
    if not isinstance(reading.kind, Column):
        if reading.kind not in KINDS:
            yield ("kind",), f"{reading.kind!r} is no kind of ticket; {known}"
        return
    yield from _column(("kind", "column"), reading.kind.column)
    for value, kind in reading.kind.map.items():
        if kind not in KINDS:
            yield ("kind", "map", value), f"{kind!r} is no kind of ticket; {known}"
    if reading.kind.otherwise not in KINDS:
        yield ("kind", "otherwise"), f"{reading.kind.otherwise!r} is no kind of ticket; {known}"


def _states(reading: Reading) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, words in (reading.states or {}).items():
        if name not in NAMED:
            near = difflib.get_close_matches(name, NAMED, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(NAMED)}"
            yield ("states", name), f"{name!r} is no class of states; {hint}"
        for place, word in enumerate(words):
            if word in seen:
                yield ("states", name, place), f"{word!r} stands under {seen[word]} already; keep one of both"
            seen[word] = name
    if reading.states == {}:
        yield ("states",), "name the source's states, or leave `states` out to go by the usual words"


def _tiers(reading: Reading) -> Iterator[Problem]:
    tiers = reading.tiers
    if tiers is None:
        return
    by_team = bool(tiers.map or tiers.patterns)
    if bool(tiers.column) == by_team:
        yield ("tiers",), "say either which column holds the tier, or which teams have which (map, patterns)"
    if tiers.column:
        yield from _column(("tiers", "column"), tiers.column)
    for part in ("map", "patterns"):
        for team, tier in getattr(tiers, part).items():
            if not 0 <= tier <= HIGHEST_TIER:
                yield ("tiers", part, team), f"a tier is a number from 0 (self-help) to {HIGHEST_TIER}"
    if tiers.otherwise is not None and not 0 <= tiers.otherwise <= HIGHEST_TIER:
        yield ("tiers", "otherwise"), f"a tier is a number from 0 (self-help) to {HIGHEST_TIER}"


def _times(reading: Reading) -> Iterator[Problem]:
    if reading.times.zone not in zones():
        yield ("times", "zone"), f"no time zone is called {reading.times.zone!r}; write one like Europe/Rome"
    for place, each in enumerate(reading.times.formats):
        try:
            compile_format(each)
        except FormatError as error:
            yield ("times", "formats", place), f"{each!r} is not a time format: {error}"
