"""Problem analysis after Kepner and Tregoe (The New Rational Manager, 1981).

A deviation is described by what IS and what could be but IS NOT, in four dimensions; what is distinct about
the one, and what changed there, leads to possible causes; each cause is tested on every pair: it must explain
why the trouble is there and is not elsewhere. The one that stands all tests with fewest assumptions is most
probable, and is verified before anything is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

Dimension = Literal["what", "where", "when", "extent"]
Test = Literal["", "explains", "assumes", "fails"]
DIMENSIONS: tuple[Dimension, ...] = ("what", "where", "when", "extent")
TESTS: tuple[Test, ...] = ("", "explains", "assumes", "fails")
MOST_PAIRS, MOST_CAUSES, LONGEST = 12, 6, 2_000


class Pair(msgspec.Struct, frozen=True):
    """One pair of IS and IS NOT, what is distinct about the first, and what changed there."""

    dimension: Dimension
    is_: str = msgspec.field(default="", name="is")
    is_not: str = ""
    distinction: str = ""
    change: str = ""

    @property
    def is_said(self) -> bool:
        return bool(self.is_ or self.is_not)


class Cause(msgspec.Struct, frozen=True):
    """A possible cause. `tests`: on each pair whether it explains it, does so only with an assumption, or
    fails; "" is not tested yet. `verified`: how it was verified; empty: not yet."""

    text: str
    tests: tuple[Test, ...] = ()
    verified: str = ""


class Analysis(msgspec.Struct, frozen=True):
    """`deviation`: what should be, and what is instead."""

    deviation: str = ""
    pairs: tuple[Pair, ...] = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a cause (its place) stands: pairs that it fails to explain, explains with an assumption only, and
    on which it was not tested."""

    place: int
    fails: int
    assumes: int
    untested: int


def standings(analysis: Analysis) -> list[Standing]:
    """The causes, the most probable first: by what they fail on, then assume, then were not tested on."""
    tested = [place for place, pair in enumerate(analysis.pairs) if pair.is_said]
    found = []
    for place, cause in enumerate(analysis.causes):
        said = [cause.tests[pair] if pair < len(cause.tests) else "" for pair in tested]
        found.append(Standing(place, said.count("fails"), said.count("assumes"), said.count("")))
    return sorted(found, key=lambda each: (each.fails, each.assumes, each.untested, each.place))


def most_probable(analysis: Analysis) -> int | None:
    """The place of the cause that stands every test, with fewer assumptions than any other that does.

    None where there is no pair, none stands them all, one that might is not tested to its end, or two stand
    them equally well.
    """
    ranked = standings(analysis)
    if not ranked or not any(pair.is_said for pair in analysis.pairs):
        return None
    first = ranked[0]
    if first.fails or first.untested:
        return None
    rivals = [each for each in ranked[1:] if not each.fails and each.assumes <= first.assumes]
    return None if rivals else first.place


def problems(analysis: Analysis) -> list[str]:
    """Places of what cannot be: too much, too long, or tests of pairs that are not there."""
    wrong = []
    if len(analysis.pairs) > MOST_PAIRS:
        wrong.append("pairs")
    if len(analysis.causes) > MOST_CAUSES:
        wrong.append("causes")
    texts = {"deviation": [analysis.deviation]}
    for place, pair in enumerate(analysis.pairs):
        texts[f"pairs[{place}]"] = [pair.is_, pair.is_not, pair.distinction, pair.change]
    for place, cause in enumerate(analysis.causes):
        texts[f"causes[{place}]"] = [cause.text, cause.verified]
        if len(cause.tests) > len(analysis.pairs):
            wrong.append(f"causes[{place}].tests")
        if not cause.text.strip():
            wrong.append(f"causes[{place}].text")
    wrong += [place for place, held in texts.items() if any(len(text) > LONGEST for text in held)]
    return wrong
