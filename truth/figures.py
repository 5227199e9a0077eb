"""What the runs come to: shares with their intervals, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from matching import wilson

from towpath.site.demo.truth import Effect

TOP = 5


class Told(msgspec.Struct, frozen=True):
    """A planted cause: its `place` in the list, None where it is not there; `held`: its interval held the
    truth, None where that is not measured."""

    name: str
    place: int | None
    held: bool | None
    effect: Effect


class Case(msgspec.Struct, frozen=True):
    """One run. `planted` counts all causes of the scenario, traps too; `findings` are for people."""

    scenario: str
    seed: int
    size: float
    noise: float
    causes: tuple[Told, ...]
    planted: int
    traps: int
    trapped: bool
    findings: tuple[str, ...]
    took_s: float


def table(cases: Sequence[Case]) -> str:
    """All figures; then those of planted causes by effect size, noise and scenario."""
    alone = [case for case in cases if case.planted == 1 and len(case.causes) == 1]
    every = [told for case in cases for told in case.causes]
    first = [told for told in every if told.place == 1]
    quiet = [case for case in cases if not case.planted]
    trap = [case for case in cases if case.planted and case.traps == case.planted]
    rows = [
        ("planted causes in the top five", top(every), "95 %"),
        ("first place right, one cause planted", share(case.causes[0].place == 1 for case in alone), "85 %"),
        ("90 % interval holds the truth, all matched", held(every), "85 to 95 %"),
        ("90 % interval holds the truth, first of the list", held(first), "85 to 95 %"),
        ("quiet runs with any finding", share(bool(case.findings) for case in quiet), "under 5 %"),
        ("runs of traps that named one", share(case.trapped for case in trap), "under 5 %"),
    ]
    lines = [f"{len(cases)} runs", "", "| | measured | aim |", "|---|---|---|"]
    lines += [f"| {name} | {figure} | {aim} |" for name, figure, aim in rows]
    for name in ("size", "noise", "scenario"):
        lines += ["", f"| by {name} | in the top five | first place right | interval holds |"]
        lines += ["|---|---|---|---|", *_by(name, cases)]
    return "\n".join(lines)


def _by(name: str, cases: Sequence[Case]) -> list[str]:
    with_causes = [case for case in cases if case.causes]
    lines = []
    for value in sorted({getattr(case, name) for case in with_causes}):
        here = [case for case in with_causes if getattr(case, name) == value]
        told = [each for case in here for each in case.causes]
        alone = share(case.causes[0].place == 1 for case in here if case.planted == 1)
        lines.append(f"| {value} | {top(told)} | {alone} | {held(told)} |")
    return lines


def top(told: Iterable[Told]) -> str:
    return share(each.place is not None and each.place <= TOP for each in told)


def held(told: Iterable[Told]) -> str:
    return share(each.held for each in told if each.held is not None)


def share(outcomes: Iterable[bool]) -> str:
    """`81 % (70 to 89; 48 of 59)`: the share, Wilson's 95 % interval, the counts."""
    all_of_them = list(outcomes)
    right, of = sum(all_of_them), len(all_of_them)
    if not of:
        return "none"
    low, high = wilson(right, of)
    return f"{right / of * 100:.0f} % ({low * 100:.0f} to {high * 100:.0f}; {right} of {of})"
