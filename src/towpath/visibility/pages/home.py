"""Home: one question, one number, one ranked list. The part with the figures renews itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import xxhash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath import __version__
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.bars import Part, stacked_bar
from towpath.foundation.ui.figures import percent
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.visibility.pages.pictures import good_days, ruined_weeks
from towpath.visibility.queries.home import home
from towpath.visibility.queries.standing import state_of_figures
from towpath.visibility.schemas.home import Home, Pace, Piece

FRESH = timedelta(hours=36)
"""So long after the newest event its age is told; later its date says more."""
NARROW = 330
"""Pixels of the picture of weeks on a phone."""


@dataclass(frozen=True)
class Cause:
    """A piece of the bar of ruined days with the class that colours it there and in the legend."""

    piece: Piece
    fill: str
    name: str
    share: str

    @property
    def label(self) -> str:
        """Both together, for the bar and for those who hear it."""
        return f"{self.name} {self.share}"


def show(request: ActorRequest, shown: Home) -> HttpResponse:
    """The whole page. Its figures stand in records; no look into the lake is needed."""
    return render(request, "visibility/home.html", context_of(request, shown))


@require_GET
def now(request: ActorRequest) -> HttpResponse:
    """The part with the figures alone; 304 where the page that asks shows them already."""
    etag = validator(request)
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        answer = HttpResponse(status=304, headers=dict(known.items()))
    else:
        answer = render(request, "visibility/home_now.html", context_of(request, home(request.actor)))
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def validator(request: ActorRequest) -> str:
    """What the part depends on: figures, findings and their lives, language, zone, rights, day, version."""
    rights = request.actor.may(WRITE_FINDINGS)
    zone = timezone.get_current_timezone_name()
    parts = [state_of_figures(request.actor), get_language(), zone, rights, timezone.localdate(), __version__]
    return f'"{xxhash.xxh3_64_hexdigest("|".join(map(str, parts)).encode())}"'


def context_of(request: ActorRequest, shown: Home) -> dict[str, Any]:
    """What both templates are given: the record, its pictures, and what this person may do."""
    causes = causes_of(shown)
    return {
        "home": shown,
        "days": shown.days,
        "causes": causes,
        "causes_bar": bar_of(causes),
        "spark": good_days(shown.days, shown.releases) if shown.days else SafeString(""),
        "weeks": {"wide": ruined_weeks(shown.weeks), "narrow": ruined_weeks(shown.weeks, width=NARROW)},
        "fresh": is_fresh(shown),
        "better": [pace for pace in shown.paces if pace.change > 0],
        "worse": worst_first(shown.paces),
        "may_write": request.actor.may(WRITE_FINDINGS),
        "validator": validator(request),
        "heard": heard(shown),
    }


def is_fresh(shown: Home) -> bool:
    as_of = shown.days.as_of if shown.days else None
    return as_of is not None and timezone.now() - as_of < FRESH


def worst_first(paces: tuple[Pace, ...]) -> list[Pace]:
    """Journeys that are certainly worse than in their own four weeks before."""
    return sorted((pace for pace in paces if pace.direction == "worse"), key=lambda pace: pace.high)


def causes_of(shown: Home) -> list[Cause]:
    """The pieces of the bar; those without a name of their own are the rest, in grey."""
    return [
        Cause(
            piece,
            f"fill-{place}" if piece.digest else "rest",
            piece.sentence or _("the rest"),
            percent(piece.share, 0),
        )
        for place, piece in enumerate(shown.split, start=1)
    ]


def bar_of(causes: list[Cause]) -> SafeString:
    """The bar, with all that it shows in words for those who do not see it."""
    return stacked_bar(
        [Part(cause.piece.share, cause.label, cause.fill) for cause in causes],
        _("Ruined customer-days by what ruined them: %(causes)s")
        % {"causes": ", ".join(cause.label for cause in causes)},
    )


def heard(shown: Home) -> str:
    """What is said aloud when the figures changed: the number and the first finding, not all of it."""
    if shown.days is None or shown.days.good_rate is None:
        return ""
    said = _("Good days now %(rate)s.") % {"rate": percent(shown.days.good_rate)}
    if shown.findings:
        said += " " + _("First to mend: %(finding)s.") % {"finding": shown.findings[0].sentence}
    return said
