"""What a page's address asks for: which entries, in which mode, compared by what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.measures.selection import Mode, Selection
from towpath.journeys.rules.durations import microseconds

MODES: tuple[Mode, ...] = get_args(Mode)
MODE_NAMES: dict[Mode, str | Promise] = {
    "ordered": gettext_lazy("In order"),
    "strict": gettext_lazy("Nothing between"),
    "any": gettext_lazy("Any order"),
    "first-touch": gettext_lazy("First touch"),
}
FIELDS = ("mode", "window", "from", "to", "by")


@dataclass(frozen=True)
class Question:
    """`selection`: for the measure; `kept`: for links; `problems`: what was not understood, in words."""

    selection: Selection
    kept: dict[str, str]
    problems: tuple[str, ...]

    @property
    def modes(self) -> list[tuple[str, str | Promise, bool]]:
        return [(mode, MODE_NAMES[mode], mode == self.selection.mode) for mode in MODES]


def asked(request: ActorRequest) -> Question:
    """Read the question from the address; what cannot be understood is left out and told."""
    kept = {name: request.GET[name].strip() for name in FIELDS if request.GET.get(name, "").strip()}
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in list(kept.items()):
        try:
            found |= _understood(name, value)
            Selection(**found)
        except ValueError as error:
            problems.append(str(error))
            kept.pop(name)
            found.pop(name, None)
    return Question(Selection(**found), kept, tuple(problems))


def _understood(name: str, value: str) -> dict[str, Any]:
    if name == "mode":
        if value not in MODES:
            raise ValueError(_("There is no mode %(mode)s.") % {"mode": value})
        return {"mode": value}
    if name == "window":
        return {"window_us": microseconds(value)}
    if name == "by":
        return {"by": value}
    day = parse_date(value)
    if day is None:
        raise ValueError(_("%(text)s is no date; write 2012-01-31.") % {"text": value})
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"entered_from": start} if name == "from" else {"entered_to": start + timedelta(days=1)}


def tabs_of(key: str) -> list[tuple[str, str]]:
    """The pages of one journey, for the tabs above each."""
    pages = (
        (_("Blueprint"), "journeys:blueprint"),
        (_("Funnel"), "journeys:funnel"),
        (_("Paths"), "journeys:flow"),
        (_("Segments"), "journeys:segments"),
        (_("Losses"), "journeys:losses"),
        (_("Friction"), "journeys:friction"),
        (_("Definition"), "journeys:definition"),
    )
    return [(name, reverse(route, args=[key])) for name, route in pages]
