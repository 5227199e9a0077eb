"""Numbers, shares, durations and times as people read them: text, and "—" where there is no value.

Groups of digits and decimal signs follow the language of the page; a no-break space keeps a number and
its unit together. The template filters of the same names are in `templatetags/figures.py`.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import SupportsFloat

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

NOTHING = "—"
NBSP = "\u00a0"
MINUS = "−"
ABOUT = "≈"

Figure = SupportsFloat | None

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def _known(value: object) -> float | None:
    """The value as a float; None where it is missing, not finite or no number at all."""
    if value is None or isinstance(value, (bool, str)) or not isinstance(value, SupportsFloat):
        return None
    as_float = float(value)
    return as_float if math.isfinite(as_float) else None


def number(value: Figure, decimals: int = 0) -> str:
    """1234.5 -> "1,234" ("1,234.5" with one decimal)."""
    known = _known(value)
    if known is None:
        return NOTHING
    rounded = round(Decimal(repr(known)), decimals)
    text = formats.number_format(abs(rounded), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if rounded < 0 else text


def signed(value: Figure, decimals: int = 0) -> str:
    """A change: 1234 -> "+1,234", 0 -> "0"."""
    text = number(value, decimals)
    known = _known(value)
    rises = known is not None and round(Decimal(repr(known)), decimals) > 0
    return f"+{text}" if rises else text


def percent(share: Figure, decimals: int = 1) -> str:
    """A share from 0 to 1: 0.347 -> "34.7 %". What is not quite all or nothing never reads as 0 or 100 %."""
    known = _known(share)
    if known is None:
        return NOTHING
    smallest = 10.0**-decimals
    if 0 < known * 100 < smallest / 2:
        return _("below %(limit)s") % {"limit": f"{number(smallest, decimals)}{NBSP}%"}
    if 100 - smallest / 2 < known * 100 < 100:
        return _("above %(limit)s") % {"limit": f"{number(100 - smallest, decimals)}{NBSP}%"}
    return f"{number(known * 100, decimals)}{NBSP}%"


def points(difference: Figure, decimals: int = 1) -> str:
    """A difference of two shares: 0.021 -> "+2.1 points"."""
    known = _known(difference)
    if known is None:
        return NOTHING
    return _("%(number)s points") % {"number": signed(known * 100, decimals)}


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    first = f"{number(large)}{NBSP}{large_unit}"
    return f"{first} {small}{NBSP}{small_unit}" if small else first


def duration(value: Figure | dt.timedelta) -> str:
    """Seconds: 0.25 -> "250 ms", 2.4 -> "2.4 s", 7800 -> "2 h 10 min", 800000 -> "9 d 6 h"."""
    known = value.total_seconds() if isinstance(value, dt.timedelta) else _known(value)
    if known is None:
        return NOTHING
    if known < 0:
        return f"{MINUS}{duration(-known)}"
    if round(known, 3) < 1:
        return _short(known)
    if round(known, 1) < 10:
        return f"{number(known, 1)}{NBSP}{pgettext('seconds', 's')}"
    return _long(round(known))


def milliseconds(value: Figure) -> str:
    """As `duration`, of milliseconds."""
    known = _known(value)
    return NOTHING if known is None else duration(known / 1_000)


def _short(seconds: float) -> str:
    if seconds == 0:
        return f"0{NBSP}{pgettext('seconds', 's')}"
    if seconds < 0.0005:
        return _("below %(limit)s") % {"limit": f"1{NBSP}{pgettext('milliseconds', 'ms')}"}
    return f"{number(seconds * 1000)}{NBSP}{pgettext('milliseconds', 'ms')}"


def _long(seconds: int) -> str:
    s, m, h, d = (
        pgettext("seconds", "s"),
        pgettext("minutes", "min"),
        pgettext("hours", "h"),
        pgettext("days", "d"),
    )
    if seconds < MINUTE:
        return f"{seconds}{NBSP}{s}"
    if seconds < 10 * MINUTE:
        return _two(seconds // MINUTE, m, seconds % MINUTE, s)
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return f"{minutes}{NBSP}{m}"
    if minutes < 48 * 60:
        return _two(minutes // 60, h, minutes % 60, m)
    hours = round(seconds / HOUR)
    if hours < 10 * 24:
        return _two(hours // 24, d, hours % 24, h)
    return f"{number(round(seconds / DAY))}{NBSP}{d}"


def about(text: str) -> str:
    """The sign for figures that come from rounded or summed parts: "≈ 1.2 h". Nothing stays nothing."""
    return text if text == NOTHING else f"{ABOUT}{NBSP}{text}"


def out_of(part: Figure, whole: Figure) -> str:
    """2 and 3 -> "2 of 3"."""
    return _("%(part)s of %(whole)s") % {"part": number(part), "whole": number(whole)}


def interval(low: str, high: str) -> str:
    """Two figures as text -> "2,080 to 2,540"; the unit that both end with is said once."""
    if NOTHING in (low, high):
        return NOTHING
    unit = low.rpartition(NBSP)[2]
    if NBSP in low and low.count(NBSP) == high.count(NBSP) == 1 and high.endswith(NBSP + unit):
        low = low.removesuffix(NBSP + unit)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def money(amount: Figure, currency: str, decimals: int = 0) -> str:
    """41200 and "EUR" -> "€41,200"; a currency without a sign of its own stands in front: "CHF 41,200"."""
    text = number(amount, decimals)
    if text == NOTHING:
        return NOTHING
    sign = SYMBOLS.get(currency) or f"{currency}{NBSP}"
    return f"{MINUS}{sign}{text.removeprefix(MINUS)}" if text.startswith(MINUS) else f"{sign}{text}"


def _local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def day(value: dt.datetime | dt.date | None) -> str:
    """A date, in the person's time zone: "12 Nov 2026"."""
    if value is None:
        return NOTHING
    local = _local(value) if isinstance(value, dt.datetime) else value
    return formats.date_format(local, pgettext("a date", "j M Y"))


def clock(value: dt.datetime | None, *, seconds: bool = False) -> str:
    """The time of day, in the person's time zone: "09:40" or "09:40:07"."""
    if value is None:
        return NOTHING
    return formats.date_format(_local(value), "H:i:s" if seconds else "H:i")


def moment(value: dt.datetime | None, *, seconds: bool = False) -> str:
    """Date and time, in the person's time zone: "12 Nov 2026, 09:40"."""
    if value is None:
        return NOTHING
    return f"{day(value)}, {clock(value, seconds=seconds)}"
