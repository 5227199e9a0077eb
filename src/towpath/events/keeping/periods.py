"""How long what is kept: a YAML document, in whole months for events and in days for everything else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

import msgspec
import yaml

from towpath.foundation.operations.documents import Document, DocumentError, Form, Path, read_document

FORM = Form(longest=100_000, deepest=4, begin="Begin with `events:`, a list of `types:` and `months:`.")
MOST_MONTHS = 1_200
DAYS: dict[str, tuple[int, int]] = {
    "quarantine_days": (1, 36_500),
    "jobs_days": (1, 90),
    "audit_days": (30, 36_500),
    "lake_log_days": (2, 365),
}
"""From and to how many days each may be kept. Finished jobs go after 14 days (failed ones after 90) anyway;
readers and imports need two days of the lake's log."""
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)
_PART = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>[0-9]+)\]")


class TypePeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events whose type fits `types` (`*` for any text) stay so many whole months; null: for ever."""

    types: str
    months: int | None


class Periods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is kept; null: for ever. Of several patterns that fit a type the first one counts."""

    events: tuple[TypePeriod, ...] = ()
    quarantine_days: int | None = None
    jobs_days: int | None = None
    audit_days: int | None = None
    lake_log_days: int = 2

    def months_of(self, event_type: str) -> int | None:
        """Months that events of a type stay; None for ever."""
        fits = (each.months for each in self.events if fnmatchcase(event_type, each.types))
        return next(fits, None)

    def expires(self, today: date) -> Expiry:
        return Expiry(self, today)


class Expiry:
    """Which events go today: those of months that, to their last day, lie longer back than they stay."""

    def __init__(self, periods: Periods, today: date) -> None:
        self._periods, self._today = periods, today
        self._first: dict[str, str] = {}

    def __call__(self, event_type: str, month: str) -> bool:
        if event_type not in self._first:
            stays = self._periods.months_of(event_type)
            self._first[event_type] = "" if stays is None else first_month_kept(self._today, stays)
        return month < self._first[event_type]


def first_month_kept(today: date, months: int) -> str:
    """ "2026-10" on 2026-11-23 with one month: the month that today minus so many months falls into stays."""
    counted = today.year * 12 + today.month - 1 - months
    return f"{counted // 12:04d}-{counted % 12 + 1:02d}"


def today_utc() -> date:
    return datetime.now(UTC).date()


def read_periods(text: str, name: str) -> Periods:
    """The periods that a YAML text holds; `name` is the file, for errors. Raises DocumentError."""
    document = read_document(text, name, FORM)
    try:
        periods = msgspec.convert(document.value, Periods)
    except msgspec.ValidationError as error:
        raise _located(document, str(error)) from error
    for number, each in enumerate(periods.events):
        if not each.types:
            raise document.error(("events", number, "types"), "Nothing fits an empty pattern.", "Write `*`.")
        if each.months is not None and not 1 <= each.months <= MOST_MONTHS:
            problem = f"Events stay 1 to {MOST_MONTHS:,} whole months."
            raise document.error(("events", number, "months"), problem, "Leave it empty for: for ever.")
    for name_of, (least, most) in DAYS.items():
        days = getattr(periods, name_of)
        if days is not None and not least <= days <= most:
            raise document.error((name_of,), f"`{name_of}` may be {least:,} to {most:,} days.")
    return periods


def write_periods(periods: Periods) -> str:
    """The YAML of periods; reading it gives the same ones."""
    dumped: str = yaml.safe_dump(msgspec.to_builtins(periods), sort_keys=False, allow_unicode=True, width=100)
    return dumped


def _located(document: Document, message: str) -> DocumentError:
    found = _PLACE.fullmatch(message)
    problem, place = (found["problem"], found["place"] or "") if found else (message, "")
    path: Path = tuple(
        part["name"] if part["name"] is not None else int(part["index"]) for part in _PART.finditer(place)
    )
    return document.error(path, f"{problem}.")
