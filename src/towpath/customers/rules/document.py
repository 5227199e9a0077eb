"""The rules by which identifiers are joined: data, written as YAML, numbered when applied."""

from __future__ import annotations

import re
from typing import Literal

import msgspec
import yaml

from towpath.customers.rules.normalising import Way, kind_and_value, normalised
from towpath.foundation.operations.documents import Document, DocumentError, Form, Path, read_document

RULES = Form(longest=200_000, deepest=8, begin="Begin with `join:`, `ask:` and `kinds:`.")
OTHER = "other"
"""The kind of identifiers that name none, or one that the rules do not know."""
SESSION = "session"
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)
_PART = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>[0-9]+)\]")


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How identifiers of one kind are understood.

    `anchor`: names one customer for certain (an account): two of them are never joined without a person.
    `passing`: of a moment (a session): it joins, and is no lasting name of anybody. `accounts`: how many
    anchors it may be seen with; with more it is shared (a reception, a shared mailbox, a kiosk), marked, and
    joins nothing. `neighbours`: the same for other identifiers of any one kind that is not passing. `of`:
    identifiers of different ones are never joined: a person is neither their household nor their company.
    """

    normalise: Way = "exact"
    of: Literal["person", "organisation", "household"] = "person"
    anchor: bool = False
    passing: bool = False
    accounts: int = 3
    neighbours: int = 200


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sure it is (0 to 1) that two identifiers of these kinds, seen together, are one customer's."""

    kinds: tuple[str, str]
    confidence: float


class LinkRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that joining rests on.

    From `join` on identifiers are joined, from `ask` on a person is asked, below it nothing is done. `kinds`
    stand in the order in which they name a customer. `country`: calling code of phone numbers without one.
    `sessions`: whether a session's number means one session in each source, or in all together.
    """

    kinds: dict[str, Kind]
    pairs: tuple[Pair, ...]
    join: float = 0.9
    ask: float = 0.6
    country: str = ""
    sessions: Literal["of-source", "of-all"] = "of-source"

    def kind_of(self, kind: str) -> Kind:
        return self.kinds.get(kind, _UNKNOWN)

    def understood(self, identifier: str) -> tuple[str, str, str]:
        """Kind, value as written, and value in its one spelling."""
        kind, value = kind_and_value(identifier)
        if kind not in self.kinds:
            kind, value = OTHER, identifier
        return kind, value, normalised(value, self.kind_of(kind).normalise, self.country)

    def confidence(self, one: str, other: str) -> float:
        """Of two kinds seen together; 0 where no rule speaks of them."""
        if self.kind_of(one).of != self.kind_of(other).of:
            return 0.0
        return next(
            (pair.confidence for pair in self.pairs if sorted(pair.kinds) == sorted((one, other))), 0.0
        )


_UNKNOWN = Kind()
DEFAULT = LinkRules(
    kinds={
        "account": Kind(anchor=True),
        "mail": Kind(normalise="mail"),
        "phone": Kind(normalise="phone", accounts=2),
        "caller": Kind(normalise="phone", accounts=2),
        "device": Kind(),
        SESSION: Kind(passing=True, accounts=1, neighbours=5),
        "company": Kind(of="organisation", anchor=True),
        "household": Kind(of="household", anchor=True),
    },
    pairs=(
        Pair(("account", "account"), 0.7),
        Pair(("account", "mail"), 0.98),
        Pair(("account", "phone"), 0.95),
        Pair(("account", "caller"), 0.9),
        Pair(("account", "device"), 0.92),
        Pair(("account", SESSION), 0.95),
        Pair(("mail", "mail"), 0.8),
        Pair(("mail", "phone"), 0.9),
        Pair(("mail", "caller"), 0.8),
        Pair(("mail", "device"), 0.9),
        Pair(("mail", SESSION), 0.9),
        Pair(("phone", "caller"), 0.9),
        Pair(("phone", "device"), 0.8),
        Pair(("phone", SESSION), 0.8),
        Pair(("device", SESSION), 0.95),
    ),
)
"""In force until others are applied."""


def read_rules(text: str, name: str) -> LinkRules:
    """The rules that a YAML text holds; `name` is the file, for errors. Raises DocumentError with the
    line."""
    document = read_document(text, name, RULES)
    try:
        rules = msgspec.convert(document.value, LinkRules)
    except msgspec.ValidationError as error:
        raise _located(document, str(error)) from error
    for path, problem in _problems(rules):
        raise document.error(path, problem)
    return rules


def write_rules(rules: LinkRules) -> str:
    """The YAML of rules; reading it gives the same rules."""
    body = msgspec.to_builtins(rules)
    first = ("join", "ask", "country", "sessions")
    ordered = {name: body.pop(name) for name in first} | body
    dumped: str = yaml.safe_dump(
        ordered, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return dumped


def body_of(rules: LinkRules) -> str:
    """The rules as JSON text, as a version stores them."""
    return msgspec.json.encode(rules).decode()


def rules_of(body: str) -> LinkRules:
    """The rules that a version stored."""
    return msgspec.json.decode(body, type=LinkRules)


def _problems(rules: LinkRules) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    if not 0 < rules.ask <= rules.join <= 1:
        found.append((("ask",), "0 < ask <= join <= 1 must hold: asking comes before joining."))
    if rules.country and not re.fullmatch(r"[1-9][0-9]{0,2}", rules.country, re.ASCII):
        found.append((("country",), 'A calling code has one to three digits and no plus, in quotes: "41".'))
    for name, kind in rules.kinds.items():
        if name == OTHER or kind_and_value(f"{name}:x")[0] != name:
            found.append((("kinds", name), "A kind is a word of small letters, and not `other`."))
        if min(kind.accounts, kind.neighbours) < 1:
            found.append((("kinds", name), "`accounts` and `neighbours` are 1 or more."))
    seen: set[tuple[str, ...]] = set()
    for place, pair in enumerate(rules.pairs):
        unknown = [kind for kind in pair.kinds if kind not in rules.kinds]
        if unknown:
            found.append((("pairs", place), f"There is no kind {unknown[0]!r}: name it under `kinds`."))
        if not 0 <= pair.confidence <= 1:
            found.append((("pairs", place, "confidence"), "A confidence lies between 0 and 1."))
        if (both := tuple(sorted(pair.kinds))) in seen:
            found.append((("pairs", place), "These two kinds stand here twice: keep one of them."))
        seen.add(both)
    return found


def _located(document: Document, message: str) -> DocumentError:
    found = _PLACE.fullmatch(message)
    problem, place = (found["problem"], found["place"] or "$") if found else (message, "$")
    path: Path = tuple(
        int(part["index"]) if part["index"] is not None else part["name"] for part in _PART.finditer(place)
    )
    return document.error(path, f"{problem}.")
