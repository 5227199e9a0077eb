"""How a rule is written in a journey, and the `Rule` that it becomes.

match: {type: A_SUBMITTED}                      # equals
match: {type: [O_SENT, "O_SENT *"], channel: web}   # any of the list (globs too), and
match: {latency_ms: {at_least: 4000, below: 60000}}
match: {team: {missing: true}}
match: {type: call, any: [{outcome: ok}, {data.answer: "yes"}]}
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from towpath.analytics.recognition import Condition, Rule
from towpath.foundation.operations.documents import Path

TEXT_COLUMNS = (
    "source", "type", "identifier", "session", "case", "channel", "service", "component", "environment",
    "version", "outcome", "currency", "team", "tier", "ticket", "change", "trace",
)  # fmt: skip
NUMBER_COLUMNS = ("latency_ms", "value")
MOST_ALTERNATIVES = 256
Alternative = tuple[Condition, ...]


class MatchError(ValueError):
    """What is wrong with a match, and where in it (`path`, from the match's own root)."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(problem)
        self.path, self.problem = path, problem


def rule_of(match: Mapping[str, Any]) -> Rule:
    """The rule that a written match means. Raises MatchError."""
    return Rule(tuple(_alternatives(match, ())))


def both(first: Rule, second: Rule) -> Rule:
    """The rule that holds where both hold."""
    return Rule(tuple(a + b for a, b in itertools.product(first.any_of, second.any_of)))


def _alternatives(match: Any, path: Path) -> list[Alternative]:
    if not isinstance(match, Mapping) or not match:
        raise MatchError(path, "a match names at least one column, such as {type: A_SUBMITTED}")
    found: list[Alternative] = [()]
    for column, wanted in match.items():
        here = (*path, column)
        options = _any(wanted, here) if column == "any" else [_conditions(column, wanted, here)]
        found = [a + b for a, b in itertools.product(found, options)]
        if len(found) > MOST_ALTERNATIVES:
            raise MatchError(here, f"the match unfolds to more than {MOST_ALTERNATIVES} alternatives")
    return found


def _any(options: Any, path: Path) -> list[Alternative]:
    if not isinstance(options, list) or not options:
        raise MatchError(path, "any takes a list of matches, such as [{outcome: ok}, {channel: web}]")
    return [
        alternative for i, option in enumerate(options) for alternative in _alternatives(option, (*path, i))
    ]


def _conditions(column: str, wanted: Any, path: Path) -> Alternative:
    attribute = column.startswith("data.") and len(column) > len("data.")
    if not attribute and column not in (*TEXT_COLUMNS, *NUMBER_COLUMNS):
        known = ", ".join((*TEXT_COLUMNS, *NUMBER_COLUMNS))
        raise MatchError(path, f"there is no column {column!r}; use {known}, data.NAME or any")
    tests = wanted if isinstance(wanted, Mapping) else {"in": wanted}
    if not tests:
        raise MatchError(path, "say what the column shall be")
    return tuple(_condition(column, test, value, path) for test, value in tests.items())


def _condition(column: str, test: str, value: Any, path: Path) -> Condition:
    if test in ("missing", "present"):
        if value is not True:
            raise MatchError(path, f"{test} takes true")
        return Condition(column, test)  # type: ignore[arg-type]
    try:
        if test in ("at_least", "below"):
            return Condition(column, test, (value,))  # type: ignore[arg-type]
        if test in ("in", "is"):
            return _one_of(
                column, [_plain(v, path) for v in (value if isinstance(value, list) else [value])], test
            )
    except ValueError as error:
        if isinstance(error, MatchError):
            raise
        raise MatchError(path, str(error)) from error
    raise MatchError(
        path, f"there is no test {test!r}; use a value, a list, is, at_least, below, missing or present"
    )


def _one_of(column: str, values: list[str | float], test: str) -> Condition:
    globs = test == "in" and any(
        isinstance(value, str) and ("*" in value or "?" in value) for value in values
    )
    if not globs:
        return Condition(column, "in", tuple(values))
    if column in NUMBER_COLUMNS:
        raise ValueError(f"{column} holds numbers; a pattern compares text")
    return Condition(column, "glob", tuple(str(value) for value in values))


def _plain(value: Any, path: Path) -> str | float:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return value
    if value is None:
        raise MatchError(path, "nothing stands here; write {missing: true} for events without a value")
    raise MatchError(path, "a value is text, a number, true or false")
