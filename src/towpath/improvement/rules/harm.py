"""What is harm, and from when on it counts: data of a person, else what Towpath brings.

A quiet week has faults too. A finding is made where more went wrong than before, than elsewhere, or than is
tolerated; the tolerances, and what is so grave that no number excuses it, are in `TOWPATH_HOME/harm.yaml`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from towpath.foundation.operations.documents import DocumentError, Form, read_document
from towpath.journeys.rules.matching import MatchError, rule_of

FILE = "harm.yaml"
FORM = Form(longest=100_000, deepest=8, begin="Begin with `tolerated:` or `grave:`.")


class Tolerated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of a step's customer-days. `fault`, `frustrated`: what is no finding even where it lasts.
    `loss`: by how much a group may be lost more often than the rest. `repeated`: tried again though nothing
    failed. `waiting`: promises broken. Of a desk: `returning`, the customers of a topic for whom what was
    solved came back, and `looping`, the tickets between two teams that went back. `hanging`:
    of a week's customers, how many may hang on one thing that has no stand-in and that nobody measured."""

    fault: float = 0.01
    frustrated: float = 0.02
    loss: float = 0.03
    repeated: float = 0.10
    waiting: float = 0.05
    returning: float = 0.10
    looping: float = 0.10
    hanging: float = 0.10


class Grave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`kind`: safety, money, privacy, shut_out, or another word. `match`: which events are such harm."""

    kind: str
    match: dict[str, Any]


class Harm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`contact`, `incident`: which events are a customer's getting in touch, and which of these are about an
    incident whatever was met before. `least_customers`: fewer customers in a week are no finding, unless the
    harm is grave. `contact_within_hours`: a contact so soon after a bad experience is about that."""

    tolerated: Tolerated = Tolerated()
    grave: tuple[Grave, ...] = (
        Grave("money", {"type": ["payment.duplicate", "payment.wrong_amount", "refund.missing"]}),
        Grave("safety", {"type": ["safety.*"]}),
        Grave("privacy", {"type": ["privacy.*"]}),
        Grave("shut_out", {"type": ["access.shut_out"]}),
        Grave("safety", {"data.grave": "safety"}),
        Grave("money", {"data.grave": "money"}),
        Grave("privacy", {"data.grave": "privacy"}),
        Grave("shut_out", {"data.grave": "shut_out"}),
    )
    contact: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "contact.*"})
    incident: dict[str, Any] = msgspec.field(default_factory=lambda: {"data.kind": "incident"})
    least_customers: int = 5
    contact_within_hours: float = 72.0

    def matches(self) -> tuple[dict[str, Any], ...]:
        """Contact, incident, then each class of grave harm."""
        return (self.contact, self.incident, *(each.match for each in self.grave))


DEFAULT = Harm()


def read_harm(text: str, name: str) -> Harm:
    """Raises DocumentError with the place of what is wrong, and what to do."""
    document = read_document(text, name, FORM)
    try:
        harm = msgspec.convert(document.value or {}, Harm)
        for match in harm.matches():
            rule_of(match)
    except (msgspec.ValidationError, MatchError) as error:
        raise DocumentError(
            name, 1, 1, f"{error}.", "See docs/findings.md for what may stand here."
        ) from error
    return harm
