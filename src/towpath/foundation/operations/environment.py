"""Reading what an operator set in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from zoneinfo import ZoneInfo

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(ValueError):
    """A variable of the environment holds something that it must not; the text says which and what to
    write."""


def flag(name: str, *, default: bool) -> bool:
    """A yes or no. Raises BadSetting for anything else."""
    given = os.environ.get(name, "").strip().lower()
    if not given:
        return default
    if given in TRUE:
        return True
    if given in FALSE:
        return False
    raise BadSetting(f"{name} is {given!r}; write yes or no.")


def words(name: str, *, default: list[str]) -> list[str]:
    """A list, separated by commas."""
    given = os.environ.get(name, "").strip()
    return [word.strip() for word in given.split(",") if word.strip()] if given else default


def text(name: str, *, default: str = "") -> str:
    """What is set, without the blanks around it."""
    return os.environ.get(name, "").strip() or default


def number(name: str, *, default: int) -> int:
    """A whole number from 0 up. Raises BadSetting for anything else."""
    given = text(name, default=str(default))
    if not given.isdecimal():
        raise BadSetting(f"{name} is {given!r}; write a whole number.")
    return int(given)


def choice(name: str, options: Iterable[str], *, default: str) -> str:
    """One of `options`. Raises BadSetting for anything else."""
    given = text(name, default=default)
    if given not in options:
        raise BadSetting(f"{name} is {given!r}; write one of {', '.join(options)}.")
    return given


def time_zone(name: str, *, default: str) -> str:
    """A name of the IANA time zone database. Raises BadSetting for anything else."""
    given = text(name, default=default)
    try:
        ZoneInfo(given)
    except (ValueError, OSError, KeyError) as error:
        raise BadSetting(f"{name} is {given!r}; write a time zone such as Europe/Amsterdam.") from error
    return given
