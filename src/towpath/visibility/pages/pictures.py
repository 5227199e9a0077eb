"""The three pictures of the week: good days, ruined days by week, journeys against their own past.

Each is drawn once, for the page (colours follow light and dark) and for a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from towpath.foundation.ui.drawing import Attribute, Drawing, text_width
from towpath.foundation.ui.figures import NBSP, number, percent
from towpath.improvement.schemas.days import DayFigures, Days
from towpath.visibility.schemas.home import Release, Week

SMALL = 11.0
Look = dict[str, Attribute]
SHOWN_DAYS = 35
"""The seven days, and the four weeks before to which they are held."""
HEAD = 16.0
"""Room above the lines for the names of releases."""


def short_day(day: date) -> str:
    """A date of this year on an axis: "12 Nov"."""
    return formats.date_format(day, pgettext("a date without its year", "j M"))


def drawn(drawing: Drawing, width: float, height: float, label: str) -> SafeString:
    """The picture as markup: `Drawing` escapes all that it writes."""
    return mark_safe(drawing.svg(width, height, label))  # noqa: S308 - see above


@dataclass(frozen=True)
class Field:
    """Where days and shares lie: days from `first` to `last` between `left` and `right`; shares between
    `low` and `high`, which is never all of 0 to 1, so that its two ends are written beside it."""

    first: date
    last: date
    left: float
    right: float
    low: float
    high: float
    top: float
    bottom: float

    def x(self, day: date, hour: float = 12.0) -> float:
        """Noon of a day is its place; the first day's is at the left edge."""
        days = (day - self.first).days + (hour - 12) / 24
        return self.left + (self.right - self.left) * days / max(1, (self.last - self.first).days)

    def y(self, share: float) -> float:
        return self.bottom - (share - self.low) / (self.high - self.low) * (self.bottom - self.top)


def span_of(shares: Sequence[float]) -> tuple[float, float]:
    """Whole percents around all shares, at least two points apart."""
    high = min(1.0, int(max(shares) * 100 + 1) / 100)
    low = max(0.0, int(min(shares) * 100 - 0.5) / 100)
    return min(low, high - 0.02), high


def good_days(
    days: Days, releases: Sequence[Release], *, width: float = 264, height: float = 112
) -> SafeString:
    """The good-day rate of each of the last five weeks' days; the last seven stand out, releases are marked.

    Empty where fewer than two days had anybody.
    """
    shown = [found for found in days.days if found.active][-SHOWN_DAYS:]
    known = [(found.day, 1 - found.ruined / found.active) for found in shown]
    if len(known) < 2:
        return SafeString("")
    shares = [share for _day, share in known]
    low, high = span_of([*shares, *([] if days.before is None else [days.before])])
    field = Field(known[0][0], known[-1][0], 38, width - 6, low, high, HEAD, height - 18)
    drawing = Drawing(standalone=False)
    _frame(drawing, field)
    _line(drawing, field, known, begun=_has_begun(shown))
    _before(drawing, field, days)
    _marks(drawing, field, releases, ZoneInfo(days.zone))
    said = _("Good days from %(first)s to %(last)s, day by day: from %(low)s to %(high)s") % {
        "first": short_day(field.first),
        "last": short_day(field.last),
        "low": percent(min(shares)),
        "high": percent(max(shares)),
    }
    return drawn(drawing, width, height, said)


def _frame(drawing: Drawing, field: Field) -> None:
    for share in (field.low, field.high):
        y = field.y(share)
        drawing.add("line", x1=field.left, x2=field.right, y1=y, y2=y, stroke="line")
        label = f"{number(share * 100)}{NBSP}%"
        drawing.text(field.left - 5, y + 4, label, fill="mute", size=SMALL, text_anchor="end")
    foot = field.bottom + 15
    drawing.text(field.left, foot, short_day(field.first), fill="mute", size=SMALL)
    drawing.text(field.right, foot, short_day(field.last), fill="mute", size=SMALL, text_anchor="end")


def _has_begun(shown: Sequence[DayFigures]) -> bool:
    """Whether the last day is that of the newest event and young: with under half of a usual day's customers
    its rate says little."""
    return shown[-1].active < median(found.active for found in shown) / 2


def _line(drawing: Drawing, field: Field, known: Sequence[tuple[date, float]], *, begun: bool) -> None:
    """The earlier days pale, the week strong; a day that has only begun is a ring at the end of a dashed
    line."""
    places = [(field.x(day), field.y(share)) for day, share in known]
    told = [f"{x:.1f},{y:.1f}" for x, y in places]
    under = f"{places[0][0]:.1f},{field.bottom:.1f} {' '.join(told)} {places[-1][0]:.1f},{field.bottom:.1f}"
    drawing.add("polygon", points=under, fill="canal-soft")
    line: Look = {"fill": "none", "stroke_width": 2, "stroke_linejoin": "round"}
    over = told[:-1] if begun else told
    drawing.add("polyline", points=" ".join(over), stroke="canal-water", **line)
    drawing.add("polyline", points=" ".join(over[-7 if begun else -8 :]), stroke="canal", **line)
    if begun:
        drawing.add("polyline", points=" ".join(told[-2:]), stroke="canal", stroke_dasharray="2 3", **line)
    for place, ((day, share), (x, y)) in list(enumerate(zip(known, places, strict=True)))[-7:]:
        ring = begun and place == len(known) - 1
        words = f"{short_day(day)}: {percent(share)}"
        dot: Look = {"cx": x, "cy": y, "r": 2.5, "stroke": "canal", "fill": "card" if ring else "canal"}
        drawing.add("circle", "", words, **dot)


def _before(drawing: Drawing, field: Field, days: Days) -> None:
    if days.before is not None:
        y = field.y(days.before)
        line: Look = {"y1": y, "y2": y, "stroke": "mute", "stroke_dasharray": "2 3"}
        drawing.add("line", x1=field.left, x2=field.right, **line)


def _marks(drawing: Drawing, field: Field, releases: Sequence[Release], zone: ZoneInfo) -> None:
    """A dashed line where a release came; its name stands left of it, else right, else it is told alone."""
    free = field.right + 60
    for release in sorted(releases, key=lambda one: one.at, reverse=True):
        at = release.at.astimezone(zone)
        if not field.first <= at.date() <= field.last:
            continue
        x = field.x(at.date(), at.hour + at.minute / 60)
        line: Look = {"x1": x, "x2": x, "y1": HEAD - 8, "y2": field.bottom}
        told = f"{release.name}, {short_day(at.date())}"
        drawing.add("line", "", told, stroke="warn", stroke_dasharray="3 3", **line)
        wide = text_width(release.name, SMALL) + 6
        name: Look = {"fill": "warn", "font_size": SMALL, "y": HEAD - 4}
        if x - wide >= 0 and x <= free:
            drawing.add("text", release.name, x=x - 4, text_anchor="end", **name)
            free = x - wide
        elif x + wide <= free:
            drawing.add("text", release.name, x=x + 4, **name)
            free = x


def ruined_weeks(weeks: Sequence[Week], *, width: float = 840, height: float = 128) -> SafeString:
    """Ruined customer-days of each week as bars; in red what is beyond the usual (the median before).

    Where the bars are narrow, only every third is labelled, and the last.
    """
    if not weeks:
        return SafeString("")
    drawing = Drawing(standalone=False)
    most = max([week.ruined for week in weeks] + [1])
    step = width / max(len(weeks), 8)
    for place, week in enumerate(weeks):
        bar = Bar(place * step, step * 0.83, 18, height - 18, week, most)
        from_end = len(weeks) - 1 - place
        _bar(drawing, bar, now=not from_end, labelled=step > ROOMY or from_end % 3 == 0)
    said = _(
        "Ruined customer-days a week, the last %(count)s weeks: from %(low)s to %(high)s, now %(now)s"
    ) % {
        "count": number(len(weeks)),
        "low": number(min(week.ruined for week in weeks)),
        "high": number(most),
        "now": number(weeks[-1].ruined),
    }
    return drawn(drawing, width, height, said)


ROOMY = 46.0
"""Pixels from one bar to the next from which each can carry its number."""


@dataclass(frozen=True)
class Bar:
    """One week's bar between `top` and `bottom`, where `most` ruined days reach the top."""

    x: float
    width: float
    top: float
    bottom: float
    week: Week
    most: int

    def height(self, ruined: float) -> float:
        return (self.bottom - self.top) * ruined / self.most


def _bar(drawing: Drawing, bar: Bar, *, now: bool, labelled: bool) -> None:
    week = bar.week
    tall = bar.height(week.ruined)
    usual = tall if week.usual is None else min(tall, bar.height(week.usual))
    told = _("%(first)s to %(last)s: %(ruined)s ruined days of %(active)s") % {
        "first": short_day(week.first),
        "last": short_day(week.last),
        "ruined": number(week.ruined),
        "active": number(week.active),
    }
    drawing.rect(bar.x, bar.bottom - usual, bar.width, usual, told, fill="edge" if now else "bar")
    drawing.rect(bar.x, bar.bottom - tall, bar.width, tall - usual, told, fill="harm")
    if labelled:
        middle, ink = bar.x + bar.width / 2, "ink" if now else "mute"
        label: Look = {"text_anchor": "middle", "font_weight": 650 if now else 400}
        count, day = number(week.ruined), short_day(week.first)
        drawing.text(middle, bar.bottom - tall - 5, count, fill=ink, size=SMALL, **label)
        drawing.text(middle, bar.bottom + 15, day, fill=ink, size=SMALL, **label)
