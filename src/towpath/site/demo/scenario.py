"""Scenarios: YAML that says which causes are planted in the invented company. See docs/scenarios.md."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from towpath.foundation.operations.documents import Document, Form, read_document
from towpath.site.demo.company.landscape import (
    CALLS,
    CHANNELS,
    COMPONENT_AT,
    DEVICES,
    JOURNEYS,
    LANGUAGES,
    REGIONS,
    SERVICES,
    STEP_AT,
    TEAMS,
    TOPIC_AT,
)
from towpath.site.demo.company.plan import DAY, GRAVE, KINDS, RELEASE, Cause, Plan, Segment

FORM = Form(longest=100_000, deepest=6, begin="Begin with `name:` and `causes:`.")
USUAL = Path(__file__).parent / "scenarios" / "usual.yaml"
"""What is shown where nobody names a scenario."""
MOST_CAUSES = 50
_RELATIVE = re.compile(
    r"-(?P<days>[0-9]{1,4})d(?: (?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]))?", re.ASCII
)
_ALWAYS = ("kind", "target", "from", "to", "size")
_SEGMENT = {"channel": CHANNELS, "language": LANGUAGES, "region": REGIONS, "device": DEVICES}
_TARGETS = {
    "component": tuple(COMPONENT_AT), "step": tuple(STEP_AT), "service": SERVICES, "topic": tuple(TOPIC_AT),
    "journey": JOURNEYS,
}  # fmt: skip
_MOST = {
    "factor": 1_000.0,
    "rate": 1.0,
    "per_week": 10_000.0,
    "people": 100_000,
    "size": 100.0,
    "noise": 100.0,
}


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a run is. `until`: its end, UTC; `size` and `noise` multiply what the scenario says."""

    seed: int
    days: int
    customers: int
    until: datetime
    size: float = 1.0
    noise: float = 1.0


class Scenario(msgspec.Struct, frozen=True):
    """A scenario that was read, and the plan of its run."""

    name: str
    description: str
    plan: Plan


def read_scenario(text: str, name: str, size: Size) -> Scenario:
    """The scenario that a YAML text holds; `name`: the file, for errors. Raises DocumentError."""
    document = read_document(text, name, FORM)
    body = document.value
    if not isinstance(body, dict):
        raise document.error((), "This is not a scenario.", FORM.begin)
    _only(document, (), body, ("name", "description", "noise", "causes"))
    causes = body.get("causes", [])
    if causes is None:
        causes = []
    if not isinstance(causes, list) or len(causes) > MOST_CAUSES:
        raise document.error(("causes",), f"causes is a list of at most {MOST_CAUSES}.", "Write [] for none.")
    noise = _number(document, ("noise",), body.get("noise", 1.0), "noise")
    until = round(size.until.timestamp()) * 1_000_000
    if until % DAY:
        raise ValueError(f"A run ends at a midnight (UTC), not at {size.until}.")
    span = (until - size.days * DAY, until)
    plan = Plan(
        seed=size.seed, days=size.days, customers=size.customers, until=until, noise=noise * size.noise,
        causes=tuple(_cause(document, place, each, span, size.size) for place, each in enumerate(causes)),
    )  # fmt: skip
    return Scenario(_text(document, body, "name"), _text(document, body, "description"), plan)


def _cause(document: Document, place: int, body: Any, span: tuple[int, int], size: float) -> Cause:
    path = ("causes", place)
    if not isinstance(body, dict):
        raise document.error(path, "A cause is `key: value` pairs.", "Begin with `kind:`.")
    kind = KINDS.get(body.get("kind", "")) if isinstance(body.get("kind", ""), str) else None
    if kind is None:
        raise document.error((*path, "kind"), f"There is no kind {body.get('kind')!r}.", f"Use {_or(KINDS)}.")
    segments = tuple(_SEGMENT) if kind.segments else ()
    _only(document, path, body, (*_ALWAYS, *kind.figures, *segments))
    target = _one_of(document, (*path, "target"), body.get("target"), _TARGETS[kind.target], kind.target)
    begin, end = _span(document, path, body, span)
    for field in segments:
        if field in body:
            _one_of(document, (*path, field), body[field], _SEGMENT[field], field)
    figures = {field: _figure(document, (*path, field), body.get(field, default), field)
               for field, default in kind.figures.items()}  # fmt: skip
    own = _number(document, (*path, "size"), body.get("size", 1.0), "size")
    cause = Cause(
        kind=body["kind"], target=target, begin=begin, end=end, size=own * size,
        segment=Segment(**{field: body[field] for field in segments if field in body}), **figures,
    )  # fmt: skip
    _check(document, path, cause)
    return cause


def _check(document: Document, path: tuple[str | int, ...], cause: Cause) -> None:
    """What must hold between a cause's own words."""
    if cause.kind == GRAVE and cause.target != "pay.confirm":
        raise document.error((*path, "target"), "Only a payment is taken twice.", "Write pay.confirm.")
    if cause.kind == RELEASE:
        called = {int(each) for each in CALLS[STEP_AT[cause.step]].ravel()}
        if COMPONENT_AT[cause.target] not in called:
            problem = f"The step {cause.step} does not call {cause.target}."
            calling = (key for key, place in COMPONENT_AT.items() if place in called)
            raise document.error((*path, "step"), problem, f"It calls {_or(calling)}.")


def _span(
    document: Document, path: tuple[str | int, ...], body: dict[str, Any], span: tuple[int, int]
) -> tuple[int, int]:
    moment = partial(_moment, document, span=span)
    begin = moment((*path, "from"), body["from"]) if "from" in body else span[0]
    end = moment((*path, "to"), body["to"]) if "to" in body else span[1]
    if end <= begin:
        raise document.error((*path, "to"), "This is not after `from`.", "Leave `to` out for the run's end.")
    if end <= span[0] or begin >= span[1]:
        first, last = (datetime.fromtimestamp(each / 1e6, UTC) for each in span)
        problem = f"This lies outside the run, from {first:%Y-%m-%d} until {last:%Y-%m-%d}."
        raise document.error((*path, "from"), problem, "Move it, or make the run longer with --days.")
    return max(begin, span[0]), min(end, span[1])


def _moment(document: Document, path: tuple[str | int, ...], written: Any, span: tuple[int, int]) -> int:
    """UTC microseconds of `-6d 09:00` (counted from the run's end) or of a date, with or without a time."""
    text = str(written)
    if found := _RELATIVE.fullmatch(text):
        since = timedelta(hours=int(found["hour"] or 0), minutes=int(found["minute"] or 0))
        return span[1] - int(found["days"]) * DAY + round(since.total_seconds()) * 1_000_000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problem, remedy = (
            f"{text!r} is no time.",
            "Write -6d, -6d 09:00, 2026-11-02, or 2026-11-02 09:00 (UTC).",
        )
        raise document.error(path, problem, remedy) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return round(moment.timestamp()) * 1_000_000


def _figure(document: Document, path: tuple[str | int, ...], value: Any, field: str) -> Any:
    if field == "hours":
        return _hours(document, path, value)
    if field == "teams":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise document.error(path, "Two teams hand over to each other.", "Write [one, other].")
        return tuple(_one_of(document, path, each, TEAMS, "team") for each in value)
    if field == "step":
        return _one_of(document, path, value, tuple(STEP_AT), "step")
    if field == "version":
        if not isinstance(value, str) or len(value) > 40:
            raise document.error(path, f"{value!r} is no version.", 'Write it in quotes, such as "4.12.0".')
        return value
    number = _number(document, path, value, field)
    return round(number) if field == "people" else number


def _hours(document: Document, path: tuple[str | int, ...], value: Any) -> tuple[int, int]:
    """[first, last): 0 to 24; over midnight where the first is the later."""
    pair = list(value) if isinstance(value, list | tuple) else []
    if (
        len(pair) != 2
        or not all(type(hour) is int and 0 <= hour <= 24 for hour in pair)
        or pair[0] == pair[1]
    ):
        raise document.error(
            path, f"{value!r} are no hours.", "Write [18, 22] for from 18:00 until 22:00 UTC."
        )
    return pair[0], pair[1]


def _number(document: Document, path: tuple[str | int, ...], value: Any, field: str) -> float:
    most = _MOST[field]
    if type(value) not in (int, float) or not 0 <= value <= most:
        raise document.error(path, f"{field} is {value!r}.", f"Write a number from 0 to {most:g}.")
    return float(value)


def _text(document: Document, body: dict[str, Any], field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str) or len(value) > 2_000:
        raise document.error((field,), f"{field} is no text.", "Write a few words.")
    return value


def _one_of(
    document: Document, path: tuple[str | int, ...], value: Any, known: tuple[str, ...], what: str
) -> str:
    if not isinstance(value, str) or value not in known:
        raise document.error(path, f"There is no {what} {value!r}.", f"Use {_or(known)}.")
    return value


def _only(
    document: Document, path: tuple[str | int, ...], body: dict[str, Any], known: tuple[str, ...]
) -> None:
    for field in body:
        if field not in known:
            raise document.error((*path, field), f"{field!r} is not known here.", f"Use {_or(known)}.")


def _or(names: Any) -> str:
    return ", ".join(names)
