"""What stands around every measure: the way here, the tabs, and the form that asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.measures.selection import RETURNING
from towpath.journeys.pages.asking import FIELDS, Question, tabs_of
from towpath.journeys.queries.attributes import attributes
from towpath.journeys.queries.journeys import definition
from towpath.journeys.rules.definition import Definition

ATTRIBUTE_NAMES: dict[str, str | Promise] = {
    "channel": gettext_lazy("channel"),
    "service": gettext_lazy("service"),
    "component": gettext_lazy("component"),
    "environment": gettext_lazy("environment"),
    "version": gettext_lazy("version"),
    "team": gettext_lazy("team"),
    "tier": gettext_lazy("tier"),
    "source": gettext_lazy("source"),
    "currency": gettext_lazy("currency"),
    "value": gettext_lazy("value"),
    RETURNING: gettext_lazy("new or returning"),
}


@dataclass(frozen=True)
class Frame:
    """A journey's page: `others` are parts of the address that the form must not lose."""

    request: ActorRequest
    definition: Definition
    question: Question

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def cases(self) -> bool:
        return self.definition.follows == "case"

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of steps, outcomes and inside items, by key."""
        body = self.definition
        found = [(step.key, step.name) for step in body.steps]
        found += [(outcome.key, outcome.name) for outcome in body.outcomes]
        return dict(found + [(item.key, item.name) for item in body.inside])

    @property
    def tabs(self) -> list[tuple[str, str]]:
        return tabs_of(self.key, self.question)

    @cached_property
    def attributes(self) -> list[tuple[str, str, bool]]:
        """What to compare by: value, name, whether it is chosen."""
        by = self.question.selection.by
        found = attributes(self.request.actor, self.key)
        return [(each, attribute_name(each), each == by) for each in dict.fromkeys((*found, by)) if each]

    @property
    def others(self) -> list[tuple[str, str]]:
        """What else the address says, which the form must not lose."""
        return [
            (name, value)
            for name, values in self.request.GET.lists()
            for value in values
            if name not in (*FIELDS, "page")
        ]

    def people(self, **chosen: str | Sequence[str]) -> str:
        """Where the people behind a number are listed."""
        return self.question.to(reverse("journeys:entities", args=[self.key]), **chosen)

    def context(self, **more: Any) -> dict[str, Any]:
        return {"frame": self, "question": self.question, "key": self.key, **more}


def frame_of(request: ActorRequest, key: str, question: Question) -> Frame:
    """Raises NoSuchJourney."""
    return Frame(request, definition(request.actor, key), question)


def attribute_name(name: str) -> str:
    known = ATTRIBUTE_NAMES.get(name)
    return str(known) if known else name.removeprefix("data.")


def entities_word(frame: Frame) -> str:
    return _("cases") if frame.cases else _("customers")
