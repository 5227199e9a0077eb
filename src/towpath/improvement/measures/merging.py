"""Signals of one trouble become one: the same key, a consequence into its root; kin is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from towpath.improvement.measures.troubles import Trouble
from towpath.improvement.rules.causes import CauseKey, Family
from towpath.improvement.schemas.findings import Onset, Together

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


@dataclass(frozen=True)
class Known:
    """A finding that an earlier look saw: its key, and since when."""

    key: CauseKey
    since: Onset | None


def with_known_keys(troubles: Sequence[Trouble], known: Sequence[Known]) -> list[Trouble]:
    """The troubles under the keys that they have already.

    From look to look the same trouble may be told better by its component than by its hours: where one at a
    step took the place of one, and began when that did, it is the same. A change is never another one's.
    """
    seen = {each.key for each in known}
    return [_known(trouble, troubles, known) if trouble.key not in seen else trouble for trouble in troubles]


def _known(trouble: Trouble, troubles: Sequence[Trouble], known: Sequence[Known]) -> Trouble:
    place = _place(trouble.key)
    now = {each.key for each in troubles}
    before = [each for each in known if _place(each.key) == place and each.key not in now]
    others = [each for each in troubles if each is not trouble and _place(each.key) == place]
    if len(before) != 1 or others:
        return trouble
    culprit = before[0].key.culprit
    changed = trouble.culprit.startswith("change=") or culprit.startswith("change=")
    same_time = _meet(trouble.onset, before[0].since)
    return replace(trouble, kept_culprit=culprit) if same_time and not changed else trouble


def _place(key: CauseKey) -> tuple[str, str, str]:
    return key.journey, key.step, key.family


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
    both = root.family in ROOTS and other.family is Family.LOOP and root.journey is other.journey
    return both and _overlap(root, other)


def _overlap(root: Trouble, other: Trouble) -> bool:
    """Onsets that may be one; unknown ones may. In many events an interval is one day, and what follows is
    seen a day or two after."""
    return _meet(root.onset, other.onset)


def _meet(one: Onset | None, other: Onset | None) -> bool:
    if one is None or other is None:
        return True
    return one.low <= other.high + LATER and other.low <= one.high + LATER


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
