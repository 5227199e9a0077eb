"""What the account's page and its PDF show, in words and pictures: one sheet for both."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from towpath.foundation.ui.charts import palette
from towpath.foundation.ui.figures import NOTHING, moment, number, percent, points, signed
from towpath.visibility.pages.account_pictures import causes_bar, colour_of, good_weeks, journeys_moved
from towpath.visibility.pages.pictures import short_day
from towpath.visibility.printing.pdf import Sheet
from towpath.visibility.schemas.account import Account
from towpath.visibility.schemas.home import Mended, Pace, Piece

Rows = list[list[str]]
ROOM = 4
"""Journeys at each end, and causes that are gone, which the printed page has room for."""


def title_of(account: Account) -> str:
    """Week 47: how our customers' days were."""
    return _("Week %(week)s: how our customers’ days were") % {"week": number(int(account.week[-2:]))}


def span_of_week(account: Account) -> str:
    """The seven days; of a week that is not over, it says so."""
    first, last = short_day(account.first), formats.date_format(account.last, pgettext("a date", "j M Y"))
    if account.whole:
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    return _("the week so far: the seven days from %(first)s to %(last)s") % {"first": first, "last": last}


def moved(account: Account) -> tuple[str, str]:
    """The change in points, and its tone; "" where there is nothing to hold it against."""
    if account.good_rate is None or account.before is None:
        return "", "mute"
    change = round(account.good_rate - account.before, 3)
    return points(change), "harm" if change < 0 else "good" if change > 0 else "mute"


def causes_in_words(account: Account) -> Rows:
    """A colour's token, the cause, its share."""
    return [
        [colour_of(piece, place), piece.sentence or _("the rest"), percent(piece.share, 0)]
        for place, piece in enumerate(account.split, start=1)
    ]


def spoiled_in_words(pieces: Sequence[Piece]) -> Rows:
    return [[piece.sentence, number(piece.days)] for piece in pieces]


def saved_in_words(mended: Sequence[Mended]) -> Rows:
    return [[one.sentence, signed(-(one.gained or 0.0))] for one in mended]


def most_moved(paces: Sequence[Pace]) -> tuple[Pace, ...]:
    """As many as one printed page has room for: those that gained and those that lost most."""
    if len(paces) <= 2 * ROOM:
        return tuple(paces)
    return (*paces[:ROOM], *paces[-ROOM:])


def foot_of(account: Account) -> str:
    """How old the figures are, and what a ruined day is."""
    with timezone.override(ZoneInfo(account.zone)):
        as_of = moment(account.as_of)
    text = _(
        "As of the newest event, %(as_of)s (%(zone)s). A customer-day is ruined by a fault, a step slower "
        "than four times its target, the first contact about an incident, or a broken promise; a day with "
        "two causes counts half to each. Intervals: %(rates)s for good days, %(counts)s else. Made by "
        "Towpath."
    )
    shown = {"rates": percent(0.95, 0), "counts": percent(0.9, 0)}
    return text % {"as_of": as_of, "zone": account.zone, **shown}


def sheet_of(account: Account) -> Sheet:
    """All that `account.typ` shows, in the language that is active; pictures as SVG with literal colours."""
    colours = palette("light")
    change, tone = moved(account)
    language, _dash, region = (get_language() or "en").partition("-")
    return {
        "lang": language,
        "region": "CN" if region == "hans" else None,
        "colours": {name: colours[name] for name in ("ink", "mute", "line", "canal", "harm", "good")},
        "title": title_of(account),
        "span": span_of_week(account),
        "rate_label": _("Good days"),
        "rate": percent(account.good_rate) if account.good_rate is not None else NOTHING,
        "moved": change,
        "moved_tone": tone,
        "against": _("against the four weeks before") if change else _("not measurable yet"),
        "sentences": list(account.sentences),
        "weeks_title": _("Good days, week by week"),
        "weeks_svg": good_weeks(account.weeks, standalone=True),
        "causes_title": _("What ruined days"),
        "causes_svg": causes_bar(account.split, standalone=True),
        "causes": [[colours[token], *words] for token, *words in causes_in_words(account)],
        "journeys_title": _("Better and worse, against their own past"),
        "journeys_svg": journeys_moved(most_moved(account.paces), standalone=True),
        "too_little": _("too little data"),
        "spoiled_title": _("Days that infrastructure spoiled"),
        "spoiled": number(account.spoiled),
        "spoiled_unit": _("customer-days this week"),
        "spoiled_by": spoiled_in_words(account.spoiled_by),
        "none_traced": _("No ruined day was traced to a component or a change."),
        "saved_title": _("Days that it saved"),
        "saved": _("too little data") if account.saved is None else number(account.saved),
        "saved_unit": "" if account.saved is None else _("ruined days a week fewer, as measured"),
        "measured": account.saved is not None,
        "saved_by": saved_in_words(account.saved_by[:ROOM]),
        "foot": foot_of(account),
    }
