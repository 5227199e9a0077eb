"""Who is told of a finding, and when: which changes are news, and which rule they concern."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

News = Literal["new", "back", "grave", "gone"]
NEWS: tuple[News, ...] = ("new", "back", "grave", "gone")
MOST_TRIES = 12
FIRST_PAUSE_S = 5.0
"""Doubles after each try: the twelfth comes three hours after the first."""


def news_of(before: str, state: str, *, grave: bool) -> list[News]:
    """What a change of state is news of."""
    found: list[News] = []
    if not before:
        found.append("new")
    elif state in ("back", "gone") and before != state:
        found.append("back" if state == "back" else "gone")
    if grave and found and state != "gone":
        found.append("grave")
    return found


def concerns(
    news: Collection[str],
    *,
    family: str,
    score: float,
    wanted: Collection[str],
    families: Collection[str],
    least_score: float,
) -> bool:
    """Whether a rule asks to be told. Grave harm is told whatever its score."""
    if not set(news) & set(wanted):
        return False
    if families and family not in families:
        return False
    return score >= least_score or ("grave" in news and "grave" in wanted)


def first_of(news: Sequence[str], wanted: Collection[str]) -> str:
    """What it is told as: grave before anything else."""
    asked = [each for each in news if each in wanted]
    return "grave" if "grave" in asked else asked[0]
