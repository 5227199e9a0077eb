"""Signals of one trouble become one: the same key, a consequence into its root; kin is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from towpath.improvement.measures.troubles import Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Together

LATER = timedelta(days=2)
ROOTS = (Family.FAULT, Family.SLOW)
CONSEQUENCES = (Family.LOSS, Family.LOOP, Family.CONTACT, Family.WAIT)


def merged(troubles: Sequence[Trouble]) -> list[Trouble]:
    """One trouble a cause; the strongest kinds first."""
    found: list[Trouble] = []
    ordered = sorted(troubles, key=lambda each: (each.family not in ROOTS, -each.excess))
    for trouble in ordered:
        root = next((place for place, each in enumerate(found) if _one(each, trouble)), None)
        if root is None:
            found.append(trouble)
        else:
            found[root] = _folded(found[root], trouble)
    return [replace(each, together=(*each.together, *_kin(each, found))) for each in found]


def _one(root: Trouble, other: Trouble) -> bool:
    """Whether the other is evidence of the same cause."""
    if root.key == other.key:
        return True
    if root.journey is not other.journey or root.step != other.step:
        return _same_hole(root, other) or _looped(root, other)
    if root.family in ROOTS and other.family in ROOTS:
        same = bool(root.culprit) and root.culprit == other.culprit
        return same or bool(root.component and root.component == other.component and _overlap(root, other))
    return root.family in ROOTS and other.family in CONSEQUENCES and _overlap(root, other)


def _same_hole(root: Trouble, other: Trouble) -> bool:
    """Nobody came to any journey in the same hours: one outage."""
    if root.family is not Family.MISSING or other.family is not Family.MISSING:
        return False
    one, two = root.description.hours, other.description.hours
    same_day = root.onset is not None and other.onset is not None and root.onset.day == other.onset.day
    return same_day and one is not None and two is not None and one[0] < two[1] and two[0] < one[1]


def _looped(root: Trouble, other: Trouble) -> bool:
    """People who met a fault or waited for too long come again, from an earlier step."""
    known = root.onset is not None and other.onset is not None
    both = root.family in ROOTS and other.family is Family.LOOP and root.journey is other.journey
    return both and known and _overlap(root, other)


def _overlap(root: Trouble, other: Trouble) -> bool:
    """Onsets that may be one; unknown ones may. In many events an interval is one day, and what follows is
    seen a day or two after."""
    if root.onset is None or other.onset is None:
        return True
    return root.onset.low <= other.onset.high + LATER and other.onset.low <= root.onset.high + LATER


def _folded(root: Trouble, other: Trouble) -> Trouble:
    kinds = tuple(dict.fromkeys([*root.kinds, *other.kinds]))
    excess, error = root.excess, root.error
    if other.family in ROOTS or other.family is Family.MISSING:
        excess, error = excess + other.excess, float((error**2 + other.error**2) ** 0.5)
    return replace(
        root,
        kinds=kinds,
        signals=(*root.signals, *other.signals),
        excess=excess,
        error=error,
        lost=max(root.lost, other.lost),
        folded=(*root.folded, other.key),
    )


def _kin(trouble: Trouble, found: Sequence[Trouble]) -> tuple[Together, ...]:
    """Other steps that the same component spoils."""
    if not trouble.component:
        return ()
    others = [each for each in found if each is not trouble and each.component == trouble.component]
    return (Together("component", trouble.component),) if others else ()
