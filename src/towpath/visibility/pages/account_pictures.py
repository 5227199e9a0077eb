"""The account's three pictures, for the page and for the PDF: good days over the weeks, what ruined days, and
each journey against its own past."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from towpath.foundation.ui.drawing import Drawing, wrap
from towpath.foundation.ui.figures import NBSP, number, percent, points
from towpath.visibility.pages.pictures import SMALL, Field, drawn, short_day, span_of
from towpath.visibility.schemas.home import Pace, Piece, Week

WIDTH = 460.0
ROW = 26.0
NAMES = 150.0
"""Room for the names of journeys, left of their lines."""
CHANGES = 84.0
"""Room for the change in words, right of them."""


def good_weeks(weeks: Sequence[Week], *, standalone: bool, height: float = 170.0) -> SafeString:
    """The good-day rate of each week, oldest first; empty where fewer than two had anybody."""
    known = [(week, week.good_rate) for week in weeks if week.good_rate is not None]
    if len(known) < 2:
        return SafeString("")
    drawing = Drawing(standalone=standalone)
    low, high = span_of([rate for _week, rate in known])
    first, last = known[0][0].last, known[-1][0].last
    field = Field(first, last, 44, WIDTH - 58, low, high, 10, height - 22)
    for share in (low, high):
        y = field.y(share)
        drawing.add("line", x1=field.left - 6, x2=WIDTH, y1=y, y2=y, stroke="line")
        label = f"{number(share * 100)}{NBSP}%"
        drawing.text(field.left - 12, y + 4, label, fill="mute", size=SMALL, text_anchor="end")
    places = [(field.x(week.last), field.y(rate)) for week, rate in known]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    under = f"{places[0][0]:.1f},{field.bottom:.1f} {line} {places[-1][0]:.1f},{field.bottom:.1f}"
    drawing.add("polygon", points=under, fill="canal-soft")
    drawing.add("polyline", points=line, fill="none", stroke="canal", stroke_width=2)
    for place, ((week, rate), (x, y)) in enumerate(zip(known, places, strict=True)):
        newest, told = place == len(known) - 1, f"{short_day(week.last)}: {percent(rate)}"
        drawing.add("circle", "", told, cx=x, cy=y, r=4 if newest else 2.5, fill="canal")
        if newest:
            drawing.text(x + 9, y + 5, percent(rate), size=14, font_weight=600)
        if (len(known) - 1 - place) % 3 == 0:
            drawing.text(x, height - 4, short_day(week.last), fill="mute", size=SMALL, text_anchor="middle")
    said = _("Good days week by week: from %(first)s in the week to %(since)s to %(last)s in the newest") % {
        "first": percent(known[0][1]),
        "since": short_day(first),
        "last": percent(known[-1][1]),
    }
    return drawn(drawing, WIDTH, height, said)


def causes_bar(split: Sequence[Piece], *, standalone: bool) -> SafeString:
    """What ruined days, as one bar; the pieces' names stand in the text beside it, in the same order."""
    if not split:
        return SafeString("")
    drawing = Drawing(standalone=standalone)
    start = 0.0
    for place, piece in enumerate(split, start=1):
        wide = min(WIDTH - start, WIDTH * piece.share)
        told = f"{piece.sentence or _('the rest')}: {percent(piece.share, 0)}"
        drawing.rect(start, 0, wide, 22, told, fill=colour_of(piece, place))
        start += wide
    told = ", ".join(f"{one.sentence or _('the rest')} {percent(one.share, 0)}" for one in split)
    said = _("Ruined customer-days by what ruined them: %(causes)s") % {"causes": told}
    return drawn(drawing, WIDTH, 22, said)


def colour_of(piece: Piece, place: int) -> str:
    """The token of a piece: those with a name by their place, what is left in the colour of bars."""
    return f"cause-{place}" if piece.digest else "bar"


def journeys_moved(paces: Sequence[Pace], *, standalone: bool) -> SafeString:
    """Each journey's change in points with its interval, around the line of no change; empty without any."""
    if not paces:
        return SafeString("")
    drawing = Drawing(standalone=standalone)
    height = ROW * len(paces) + 22
    left, right = NAMES, WIDTH - CHANGES
    reach = max(0.005, *(max(abs(pace.low), abs(pace.high)) for pace in paces))
    middle = (left + right) / 2

    def x(change: float) -> float:
        return middle + change / reach * (right - left) / 2

    drawing.add("line", x1=middle, x2=middle, y1=0, y2=height - 18, stroke="edge")
    for place, pace in enumerate(paces):
        _journey(drawing, pace, ROW * place + ROW / 2, (x(0), x(pace.low), x(pace.change), x(pace.high)))
    drawing.text(left, height - 3, _("worse"), fill="mute", size=SMALL)
    drawing.text(right, height - 3, _("better"), fill="mute", size=SMALL, text_anchor="end")
    said = _("Change of good days against the four weeks before: %(journeys)s") % {
        "journeys": ", ".join(f"{pace.name} {points(pace.change)}" for pace in paces)
    }
    return drawn(drawing, WIDTH, height, said)


TONES = {"better": "good", "worse": "harm", "same": "mute"}


def _journey(drawing: Drawing, pace: Pace, y: float, at: tuple[float, float, float, float]) -> None:
    zero, low, change, high = at
    tone = TONES[pace.direction]
    for line in wrap(pace.name, NAMES - 12, 13, lines=1):
        drawing.text(0, y + 4, line, size=13)
    drawing.rect(min(zero, change), y - 5, abs(change - zero), 10, fill=tone, opacity=0.35)
    drawing.add("line", x1=low, x2=high, y1=y, y2=y, stroke=tone, stroke_width=2)
    drawing.add("circle", "", f"{pace.name}: {points(pace.change)}", cx=change, cy=y, r=4, fill=tone)
    drawing.text(WIDTH, y + 4, points(pace.change), size=12, fill=tone, text_anchor="end", font_weight=600)
