"""What the estate tells beside what journeys and desks tell of the same component.

A fault at a component that alone hangs on a thing without a stand-in is one finding with it: what was
measured there holds what the thing's failing would add. A weak library in a component that fails is told
"together with" it: it has a cause and a day of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from towpath.improvement.measures.estates.seen import EstateTrouble
from towpath.improvement.measures.estates.telling import told_of_estate
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Detected, Together

ROOTS = frozenset({Family.FAULT, Family.SLOW, Family.EMERGING})


def with_estate(found: Sequence[Detected], troubles: Sequence[EstateTrouble]) -> tuple[Detected, ...]:
    """All findings by rank; a thing that carries only what another finding is about is told there."""
    before, beside = list(found), []
    for trouble in troubles:
        places = [n for n, root in enumerate(before) if _is_one(root, trouble)]
        if places:
            for place in places:
                before[place] = _folded(before[place], trouble)
        else:
            beside.append(_with_kin(told_of_estate(trouble), found))
            before = [_beside(root, trouble) for root in before]
    everything = [*before, *beside]
    everything.sort(key=_rank)
    return tuple(everything)


def _rank(each: Detected) -> tuple[object, ...]:
    return *each.rank, each.journey, each.step, each.culprit


def _is_one(root: Detected, trouble: EstateTrouble) -> bool:
    """Whether the thing carries nothing but the component (and the services it is part of) that the finding
    is about."""
    if trouble.family is not Family.SINGLE or Family(root.family) not in ROOTS or not root.where.component:
        return False
    return set(trouble.evidence.falls) - {root.where.service} == {root.where.component}


def _folded(root: Detected, trouble: EstateTrouble) -> Detected:
    """The days stay those that were measured: they hold the thing's."""
    return msgspec.structs.replace(
        root,
        kinds=tuple(dict.fromkeys([*root.kinds, trouble.family.value])),
        together=tuple(dict.fromkeys([*root.together, Together("item", trouble.item)])),
        estate=trouble.evidence,
    )


def _beside(root: Detected, trouble: EstateTrouble) -> Detected:
    if trouble.family is not Family.EXPOSURE or root.where.component != trouble.component:
        return root
    if not trouble.component:
        return root
    library = Together("exposure", trouble.item)
    return msgspec.structs.replace(root, together=tuple(dict.fromkeys([*root.together, library])))


def _with_kin(told: Detected, others: Sequence[Detected]) -> Detected:
    component = told.where.component
    if not component or all(each.where.component != component for each in others):
        return told
    return msgspec.structs.replace(told, together=(*told.together, Together("component", component)))
