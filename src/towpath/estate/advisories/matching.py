"""Whether a version is affected, as the OSV format's evaluation says
(https://ossf.github.io/osv-schema/#evaluation)."""

from __future__ import annotations

from typing import Any

from towpath.estate.advisories.osv import COMPARED, Affected, Event, Range
from towpath.estate.advisories.versions import NotComparable, ordered

FIRST = "0"
"""As `introduced`: before all versions."""


def is_affected(ecosystem: str, version: str, package: Affected) -> bool:
    """Whether this version of the package is affected: named among its versions, or within a range. Raises
    NotComparable where only a comparison could tell and the version is none."""
    if version in package.versions:
        return True
    ranges = [each for each in package.ranges if each.type in COMPARED]
    if not ranges and not package.versions:
        return False
    own = ordered(ecosystem, version)
    return any(_within(ecosystem, own, each) for each in ranges) or any(
        _equal(ecosystem, own, each) for each in package.versions
    )


def fixed_in(package: Affected) -> tuple[str, ...]:
    """The versions in which it was mended."""
    found = (event.fixed for each in package.ranges if each.type in COMPARED for event in each.events)
    return tuple(dict.fromkeys(filter(None, found)))


def _within(ecosystem: str, own: Any, span: Range) -> bool:
    limits = [event.limit for event in span.events if event.limit and event.limit != "*"]
    if limits and not any(own < ordered(ecosystem, limit) for limit in limits):
        return False
    affected = False
    for event in _in_order(ecosystem, span.events):
        if event.introduced:
            affected |= event.introduced == FIRST or own >= ordered(ecosystem, event.introduced)
        elif event.fixed:
            affected &= own < ordered(ecosystem, event.fixed)
        elif event.last_affected:
            affected &= own <= ordered(ecosystem, event.last_affected)
    return affected


def _in_order(ecosystem: str, events: list[Event]) -> list[Event]:
    """By version, as the format asks for: files need not have them so."""
    begin = [event for event in events if event.introduced == FIRST]
    others = [event for event in events if event.introduced != FIRST and not event.limit]
    return begin + sorted(
        others, key=lambda event: ordered(ecosystem, event.introduced or event.fixed or event.last_affected)
    )


def _equal(ecosystem: str, own: Any, written: str) -> bool:
    try:
        return bool(own == ordered(ecosystem, written))
    except NotComparable:
        return False
