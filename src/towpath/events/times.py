"""Texts to instants, a whole column at once: formats as patterns, calendar checks, time zones.

`pyarrow.compute.strptime` would turn 31 February into March and drop offsets, so a format is compiled into a
pattern with named parts and the parts are checked against the calendar here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast
from zoneinfo import available_timezones

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Ints: TypeAlias = "NDArray[np.int64]"
Flags: TypeAlias = "NDArray[np.bool_]"

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_OFFSET = r"(?P<z>[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_FRACTION = r"(?P<f>\d{1,9})"
PARTS = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": _FRACTION,
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "b": rf"(?P<b>(?i:{_LONG_MONTHS}|{'|'.join(MONTHS)}))",
    "B": rf"(?P<b>(?i:{_LONG_MONTHS}|{'|'.join(MONTHS)}))",
    "z": _OFFSET,
    "%": "%",
}
"""strptime's letters that a format may use, each as a pattern; one and two digits are read alike."""

ISO_PATTERN = (
    r"^(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"(?:[T ](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?: ?" + _OFFSET + r")?)?$"
)
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Formats for counts since 1970-01-01 UTC, each with the microseconds of one unit."""


MAX_OFFSET_US = 18 * 3_600_000_000
"""No clock was ever further from UTC; ISO 8601 itself would allow 99 hours."""


class FormatError(ValueError):
    """A time format that cannot be used; the text says why."""


@dataclass(frozen=True)
class TimeFormat:
    """A compiled format: a pattern with named parts, or the microseconds of one unit since 1970."""

    pattern: str = ""
    parts: frozenset[str] = frozenset()
    unit_us: int = 0


@dataclass(frozen=True)
class Instants:
    """Microseconds since 1970-01-01 UTC, row by row; `known` is false where no format fitted, `unreal` is
    true where the local time never happened (clocks were put forward)."""

    micros: Ints
    known: Flags
    unreal: Flags


@cache
def zones() -> frozenset[str]:
    """Names of the time zones; those of the machine do not change while a process runs."""
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def compile_format(text: str) -> TimeFormat:
    """`iso`, `epoch_s`, `epoch_ms`, `epoch_us`, or strptime's letters. Raises `FormatError`."""
    if text == "iso":
        return TimeFormat(ISO_PATTERN, frozenset("YmdHMSfz"))
    if text in EPOCHS:
        return TimeFormat(unit_us=EPOCHS[text])
    pattern, parts = ["^"], []
    for letter, literal in re.findall(r"%(.?)|([^%]+)", text):
        if literal:
            pattern.append(re.escape(literal))
        elif letter in PARTS:
            pattern.append(PARTS[letter])
            parts.append("b" if letter == "B" else letter)
        else:
            raise FormatError(
                f"%{letter} is not known here; known are {' '.join('%' + each for each in PARTS)}"
            )
    _check_parts([part for part in parts if part != "%"])
    return TimeFormat("".join([*pattern, "$"]), frozenset(parts) - {"%"})


def _check_parts(parts: list[str]) -> None:
    doubled = sorted({part for part in parts if parts.count(part) > 1})
    if doubled:
        raise FormatError(f"%{doubled[0]} stands in it twice")
    for needed, name in (("Yy", "a year (%Y or %y)"), ("mb", "a month (%m or %b)"), ("d", "a day (%d)")):
        if sum(part in needed for part in parts) != 1:
            raise FormatError(f"it needs {name}, once")
    if "H" in parts and "I" in parts:
        raise FormatError("it has both %H and %I")
    if ("I" in parts) != ("p" in parts):
        raise FormatError("%I (hour of 12) and %p (AM or PM) go together")


def parse_times(texts: pa.Array, formats: Sequence[str], zone: str) -> Instants:
    """The instants of a column of texts (nulls stay unknown): the first format that fits a text reads it;
    `zone` holds for texts without an offset, an ambiguous local time is the first of the two."""
    size = len(texts)
    total = Instants(np.zeros(size, np.int64), np.zeros(size, np.bool_), np.zeros(size, np.bool_))
    left: Ints = np.flatnonzero(pc.is_valid(texts).to_numpy(zero_copy_only=False))
    for name in formats:
        if not len(left):
            break
        found = _parse_one(texts.take(pa.array(left)), compile_format(name), zone)
        total.micros[left] = found.micros
        total.known[left] = found.known
        total.unreal[left] = found.unreal
        left = left[~(found.known | found.unreal)]
    return total


def _parse_one(texts: pa.Array, form: TimeFormat, zone: str) -> Instants:
    if form.unit_us:
        return _parse_epoch(texts, form.unit_us)
    found = pc.extract_regex(texts, pattern=form.pattern)
    matched = cast(Flags, pc.is_valid(found).to_numpy(zero_copy_only=False))
    columns = {name: found.field(name) for name in form.parts}
    local, real = _local_micros(columns, matched)
    offset, has_offset = _offsets(columns.get("z"), len(texts))
    real &= np.abs(offset) <= MAX_OFFSET_US
    micros = local - offset
    unreal = np.zeros(len(texts), np.bool_)
    naive = real & ~has_offset
    if zone != "UTC" and naive.any():
        micros[naive], unreal[naive] = _from_zone(local[naive], zone)
    return Instants(micros, real & ~unreal, unreal)


def _parse_epoch(texts: pa.Array, unit_us: int) -> Instants:
    found = pc.extract_regex(texts, pattern=r"^(?P<whole>-?\d{1,17})(?:\.(?P<part>\d+))?$")
    known = cast(Flags, pc.is_valid(found).to_numpy(zero_copy_only=False))
    whole = _integers(found.field("whole"))
    part = _fraction_micros(found.field("part")) * unit_us // 1_000_000
    limit = 8_000_000_000_000_000_000 // unit_us
    known &= np.abs(whole) < limit
    micros = np.where(known, whole * unit_us + np.where(whole < 0, -part, part), 0)
    return Instants(micros, known, np.zeros(len(texts), np.bool_))


def _integers(digits: pa.Array) -> Ints:
    filled = pc.if_else(pc.equal(digits, ""), "0", digits).fill_null("0")
    return cast(Ints, filled.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _fraction_micros(digits: pa.Array) -> Ints:
    padded = pc.utf8_rpad(digits.fill_null(""), width=6, padding="0")
    return _integers(pc.utf8_slice_codeunits(padded, start=0, stop=6))


def _months(names: pa.Array) -> Ints:
    short = pc.utf8_lower(pc.utf8_slice_codeunits(names.fill_null(""), start=0, stop=3))
    place = pc.index_in(short, value_set=pa.array(MONTHS)).fill_null(-1)
    return cast(Ints, place.to_numpy(zero_copy_only=False).astype(np.int64) + 1)


def _hours(columns: dict[str, pa.Array], size: int) -> tuple[Ints, Flags]:
    if "I" not in columns:
        hour = _integers(columns["H"]) if "H" in columns else np.zeros(size, np.int64)
        return hour, hour < 24
    hour = _integers(columns["I"])
    afternoon = pc.starts_with(pc.utf8_lower(columns["p"].fill_null("")), "p").to_numpy(zero_copy_only=False)
    return hour % 12 + np.where(afternoon, 12, 0), (hour >= 1) & (hour <= 12)


def _local_micros(columns: dict[str, pa.Array], matched: Flags) -> tuple[Ints, Flags]:
    size = len(matched)
    nothing = np.zeros(size, np.int64)
    if "Y" in columns:
        year = _integers(columns["Y"])
    else:
        short = _integers(columns["y"])
        year = short + np.where(short < 69, 2000, 1900)  # POSIX's pivot
    month = _months(columns["b"]) if "b" in columns else _integers(columns["m"])
    day = _integers(columns["d"])
    hour, hour_real = _hours(columns, size)
    minute = _integers(columns["M"]) if "M" in columns else nothing
    second = _integers(columns["S"]) if "S" in columns else nothing
    fraction = _fraction_micros(columns["f"]) if "f" in columns else nothing
    real = matched & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    real &= hour_real & (minute < 60) & (second < 60)
    first = ((year - 1970) * 12 + np.where(real, month - 1, 0)).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + (day - 1)
    real &= days.astype("datetime64[M]") == first
    clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    return np.where(real, days.astype(np.int64) * 86_400_000_000 + clock, 0), real


def _offsets(texts: pa.Array | None, size: int) -> tuple[Ints, Flags]:
    if texts is None:
        return np.zeros(size, np.int64), np.zeros(size, np.bool_)
    given = cast(Flags, pc.not_equal(texts, "").fill_null(False).to_numpy(zero_copy_only=False))
    digits = pc.replace_substring(pc.utf8_upper(texts.fill_null("")), pattern=":", replacement="")
    padded = pc.utf8_rpad(
        pc.replace_substring(digits, pattern="Z", replacement="+0000"), width=5, padding="0"
    )
    hours = _integers(pc.utf8_slice_codeunits(padded, start=1, stop=3))
    minutes = _integers(pc.utf8_slice_codeunits(padded, start=3, stop=5))
    west = pc.starts_with(padded, "-").to_numpy(zero_copy_only=False)
    micros = (hours * 60 + minutes) * 60_000_000
    return np.where(given, np.where(west, -micros, micros), 0), given


def _from_zone(local: Ints, zone: str) -> tuple[Ints, Flags]:
    # Arrow knows daylight saving until 2037; later times are refused as lying in the future until then.
    naive = pa.array(local.astype("datetime64[us]"))
    before, after = (
        pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent=side).cast(pa.int64()).to_numpy()
        for side in ("earliest", "latest")
    )
    return after, before != after
