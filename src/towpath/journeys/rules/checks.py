"""What must hold within a definition beyond its shape. Each check yields a place in the document and a
problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from towpath.analytics.recognition import MAX_RULES
from towpath.foundation.operations.documents import Path
from towpath.journeys.rules.definition import CUSTOMER, Definition, InsideItem, Step, Turn
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.rules.matching import MatchError, rule_of
from towpath.journeys.rules.stages import STAGES

LONGEST_NAME = 120
LONGEST_TEXT = 2000
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
Problem = tuple[Path, str]


def problems(definition: Definition) -> Iterator[Problem]:
    """Everything that is wrong, in the order of the document's parts; nothing when the definition holds."""
    if not definition.steps:
        yield ("steps",), "a journey needs at least one step"
        return
    if definition.stages not in STAGES:
        yield ("stages",), f"there is no vocabulary {definition.stages!r}; use {_either(STAGES)}"
    yield from _texts(msgspec.to_builtins(definition), ())
    yield from _durations(definition)
    yield from _keys(definition)
    yield from _matches(definition)
    yield from _steps(definition)
    yield from _turns(definition)
    yield from _inside(definition)
    yield from _exclusions(definition)
    bits = activity_count(definition)
    if bits > MAX_RULES:
        yield (
            (),
            f"steps, outcomes, live items and turns with `when` are {bits} together; at most {MAX_RULES} fit",
        )


def activity_count(definition: Definition) -> int:
    """How many rules the definition needs: steps, outcomes, live items, and turns that have a `when`."""
    live = [item for item in definition.inside if item.match]
    parts: list[Step | InsideItem] = [*definition.steps, *live]
    whens = sum(len(conditional_turns(part)) for part in parts)
    return len(definition.steps) + len(definition.outcomes) + len(live) + whens


def turns_of(part: Step | InsideItem) -> tuple[Turn, ...]:
    """Its turns, also where `then` is written as one word."""
    return (Turn(whose=part.then),) if isinstance(part.then, str) else part.then


def conditional_turns(part: Step | InsideItem) -> tuple[Turn, ...]:
    """Its turns where the first has a `when`: up to and with the first that has none."""
    turns = turns_of(part)
    if not turns or turns[0].when is None:
        return ()
    always = next((place for place, turn in enumerate(turns) if turn.when is None), len(turns))
    return turns[: always + 1]


def _texts(part: object, path: Path) -> Iterator[Problem]:
    """Keys that make good addresses, names that are there, texts that fit on a page."""
    if isinstance(part, dict):
        for field, value in part.items():
            if field == "key" and not _KEY.fullmatch(str(value)):
                yield (*path, field), f"{value!r} is no key; use up to 60 letters, digits, - and _"
            if field == "name" and not 0 < len(str(value).strip()) <= LONGEST_NAME:
                yield (*path, field), f"a name has 1 to {LONGEST_NAME} characters"
            yield from _texts(value, (*path, field))
    elif isinstance(part, list | tuple):
        for place, value in enumerate(part):
            yield from _texts(value, (*path, place))
    elif isinstance(part, str) and len(part) > LONGEST_TEXT:
        yield path, f"the text has {len(part):,} characters; at most {LONGEST_TEXT:,} are kept"


def _either(names: Iterable[str]) -> str:
    return ", ".join(names) or "(none is declared)"


def _durations(definition: Definition) -> Iterator[Problem]:
    written: list[tuple[Path, str]] = [(("window",), definition.window)]
    for i, step in enumerate(definition.steps):
        written += [(("steps", i, name), getattr(step, name)) for name in ("target", "window", "promise")]
    for path, text in written:
        if text or path == ("window",):
            try:
                microseconds(text)
            except ValueError as error:
                yield path, str(error)


def _keys(definition: Definition) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for kind in ("steps", "outcomes", "inside"):
        for i, part in enumerate(getattr(definition, kind)):
            if part.key in seen:
                yield (kind, i, "key"), f"the key {part.key!r} is already used in {seen[part.key]}"
            seen.setdefault(part.key, kind)
    parties = {CUSTOMER: "every journey"}
    for kind in ("departments", "suppliers"):
        for i, party in enumerate(getattr(definition, kind)):
            if party.key in parties:
                yield (kind, i, "key"), f"the key {party.key!r} is already used in {parties[party.key]}"
            parties.setdefault(party.key, kind)


def _matches(definition: Definition) -> Iterator[Problem]:
    for kind in ("steps", "outcomes", "inside"):
        for i, part in enumerate(getattr(definition, kind)):
            if part.match is not None or kind != "inside":
                yield from _match(part.match, (kind, i, "match"))
            for j, turn in enumerate(getattr(part, "then", ())):
                if isinstance(turn, Turn) and turn.when is not None:
                    yield from _match(turn.when, (kind, i, "then", j, "when"))


def _match(match: dict[str, object] | None, path: Path) -> Iterator[Problem]:
    try:
        rule_of(match or {})
    except MatchError as error:
        yield (*path, *error.path), error.problem


def _steps(definition: Definition) -> Iterator[Problem]:
    stages = STAGES.get(definition.stages, ())
    for i, step in enumerate(definition.steps):
        if step.stage and stages and step.stage not in stages:
            yield (
                ("steps", i, "stage"),
                f"{definition.stages} has no stage {step.stage!r}; use {_either(stages)}",
            )
        if step.feels is not None and not -2 <= step.feels.score <= 2:
            yield ("steps", i, "feels", "score"), "the score goes from -2 (awful) to 2 (delighted)"
    first = definition.steps[0]
    if first.optional:
        yield (
            ("steps", 0, "optional"),
            "the first step is where the journey is entered; it cannot be optional",
        )
    for name in ("window", "promise"):
        if getattr(first, name):
            yield ("steps", 0, name), f"the first step has none before it; leave the {name} out"


def _turns(definition: Definition) -> Iterator[Problem]:
    parties = definition.parties()
    for kind in ("steps", "inside"):
        for i, part in enumerate(getattr(definition, kind)):
            for j, turn in enumerate(turns_of(part)):
                if turn.whose not in parties:
                    path = (kind, i, "then") if isinstance(part.then, str) else (kind, i, "then", j, "whose")
                    yield path, f"{turn.whose!r} is nobody here; use {_either(parties)}"


def _inside(definition: Definition) -> Iterator[Problem]:
    steps = [step.key for step in definition.steps]
    departments = [party.key for party in definition.departments]
    for i, item in enumerate(definition.inside):
        for j, key in enumerate(item.behind):
            if key not in steps:
                yield ("inside", i, "behind", j), f"there is no step {key!r}; use {_either(steps)}"
        if not item.behind:
            yield ("inside", i, "behind"), "say behind which steps it stands"
        if item.department and item.department not in departments:
            yield (
                ("inside", i, "department"),
                f"no department {item.department!r}; use {_either(departments)}",
            )
        if item.lane == "back_stage" and not item.department:
            yield ("inside", i), "back stage is shown by department; say which"
        if item.then and item.match is None:
            yield ("inside", i, "then"), "without a match no event can pass the turn on"


def _exclusions(definition: Definition) -> Iterator[Problem]:
    steps = [step.key for step in definition.steps]
    live = [*steps, *(outcome.key for outcome in definition.outcomes)]
    live += [item.key for item in definition.inside if item.match]
    for i, exclusion in enumerate(definition.exclusions):
        path: Path = ("exclusions", i)
        missing = [key for key in (exclusion.after, exclusion.before) if key not in steps]
        if missing:
            yield path, f"there is no step {missing[0]!r}; use {_either(steps)}"
        elif steps.index(exclusion.after) >= steps.index(exclusion.before):
            yield path, f"{exclusion.after!r} must come before {exclusion.before!r} in the steps"
        for j, key in enumerate(exclusion.without):
            if key not in live:
                yield (*path, "without", j), f"nothing here with a match is called {key!r}"
        if not exclusion.without:
            yield (*path, "without"), "say what must not occur"
