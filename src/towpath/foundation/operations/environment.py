"""Reading what an operator set in the environment."""

from __future__ import annotations

import os

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(ValueError):
    """A variable of the environment holds something that it must not; the text says which and what to write."""


def flag(name: str, *, default: bool) -> bool:
    """A yes or no. Raises BadSetting for anything else."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise BadSetting(f"{name} is {text!r}; write yes or no.")


def words(name: str, *, default: list[str]) -> list[str]:
    """A list, separated by commas."""
    text = os.environ.get(name, "").strip()
    return [word.strip() for word in text.split(",") if word.strip()] if text else default
