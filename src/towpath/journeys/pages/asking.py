"""What a page's address asks for: which entries, in which mode, compared by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

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
LAST_DAY = date(9999, 1, 1)
FIELDS = ("mode", "window", "from", "to", "by")
Record = TypeVar("Record")


@dataclass(frozen=True)
class Question:
    """`selection`: for the measure; `kept`: for links; `problems`: what was not understood, in words."""

    selection: Selection
    kept: dict[str, str]
    problems: tuple[str, ...]

    @property
    def modes(self) -> list[tuple[str, str | Promise, bool]]:
        return [(mode, MODE_NAMES[mode], mode == self.selection.mode) for mode in MODES]

    @property
    def words(self) -> str:
        """What is asked, in words."""
        first, last = self.kept.get("from"), self.kept.get("to")
        parts = [str(MODE_NAMES[self.selection.mode])]
        if "window" in self.kept:
            parts.append(_("within %(window)s") % {"window": self.kept["window"]})
        if first or last:
            period = _("entered from %(first)s to %(last)s")
            parts.append(period % {"first": first or _("the start"), "last": last or _("the end")})
        else:
            parts.append(_("all entries"))
        if self.selection.by:
            parts.append(_("compared by %(by)s") % {"by": self.selection.by.removeprefix("data.")})
        return " · ".join(parts)

    def without(self, *names: str) -> Question:
        """The question as a page asks it that has no use for these fields; links still carry them."""
        usual = {name: getattr(Selection(), name) for name in names}
        return replace(self, selection=replace(self.selection, **usual))

    def to(self, address: str, **chosen: str | Sequence[str]) -> str:
        """The address with this question, and with what else is chosen there."""
        query = {name: value for name, value in chosen.items() if value} | self.kept
        return f"{address}?{urlencode(query, doseq=True)}" if query else address

    def answer(self, ask: Callable[[Selection], Record]) -> tuple[Question, Record | None]:
        """What `ask` finds; or nothing, and the question with the reason among its problems."""
        try:
            return self, ask(self.selection)
        except ValueError as error:
            return replace(self, problems=(*self.problems, str(error))), None


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
    if day is None or day >= LAST_DAY:
        raise ValueError(_("%(text)s is no date; write 2012-01-31.") % {"text": value})
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"entered_from": start} if name == "from" else {"entered_to": start + timedelta(days=1)}


def tabs_of(key: str, question: Question | None = None) -> list[tuple[str, str]]:
    """The pages of one journey, for the tabs above each; the question goes along."""
    pages = (
        (_("Blueprint"), "journeys:blueprint"),
        (_("Funnel"), "journeys:funnel"),
        (_("Paths"), "journeys:flow"),
        (_("Segments"), "journeys:segments"),
        (_("Losses"), "journeys:losses"),
        (_("Friction"), "journeys:friction"),
        (_("Definition"), "journeys:definition"),
    )
    found = [(name, reverse(route, args=[key])) for name, route in pages]
    return [(name, question.to(address)) for name, address in found] if question else found
