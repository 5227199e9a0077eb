"""Which of the estate's weak spots are troubles: what many customers hang on, and what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from towpath.estate.schemas.blast import ItemPlace
from towpath.estate.schemas.exposures import ExposureShown
from towpath.estate.schemas.weak import StandsAlone, Unmanaged
from towpath.improvement.measures.estates.seen import EstateTrouble, Week
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.harm import Harm
from towpath.improvement.schemas.findings import EstateEvidence, EstateThing

MOST, MOST_LATE = 2, 5
"""Of things without a stand-in, and of weak libraries, that are told at once, the largest first."""
MOST_STEPS = 8
NAMED = 20


def without_stand_in(alone: Iterable[StandsAlone], week: Week, day: date, harm: Harm) -> list[EstateTrouble]:
    """Where its share of time was measured, told if that makes so many ruined days a week as would be a
    finding elsewhere: what is known to hold is no trouble. Else told if more of the week's customers hang on
    it than is tolerated."""
    whole, found = week.everybody(), []
    for each in alone:
        customers = week.customers(each.falls)
        share = None if each.item.assumed else each.item.by_itself
        if share is None:
            much = customers > harm.tolerated.hanging * whole and customers >= harm.least_customers
        else:
            much = customers * share >= harm.least_customers
        if much:
            found.append(_alone(each, week, day, (customers, whole, share)))
    found.sort(key=lambda one: (-expected(one.evidence), -(one.evidence.customers or 0), one.culprit))
    return found[:MOST]


def expected(evidence: EstateEvidence) -> float:
    """Customers a week whom it hits by failing, where its share of time was measured; else 0."""
    return (evidence.unavailable or 0.0) * (evidence.customers or 0)


def _alone(each: StandsAlone, week: Week, day: date, figures: tuple[int, int, float | None]) -> EstateTrouble:
    customers, whole, share = figures
    return EstateTrouble(
        family=Family.SINGLE,
        culprit=f"{each.item.kind}={each.item.name}",
        item=each.item.name,
        component="",
        last_day=day,
        evidence=EstateEvidence(
            count=1,
            things=(_thing(each.item),),
            customers=customers,
            of=whole,
            unavailable=share,
            falls=each.falls[:NAMED],
            between=each.between[:NAMED],
            steps=week.hanging(each.falls, MOST_STEPS),
        ),
    )


def past_deadline(
    late: Sequence[ExposureShown], falls: Mapping[int, Sequence[str]], week: Week | None, day: date
) -> list[EstateTrouble]:
    """One for each library in each holder. `falls`: by exposure, what falls with its holder."""
    together: dict[tuple[str, str], list[ExposureShown]] = defaultdict(list)
    for each in late:
        together[each.library, each.carrier_name].append(each)
    found = [_late(group, falls, week, day) for group in together.values()]
    found.sort(key=lambda one: (-(one.evidence.customers or 0), -one.evidence.days_late, one.culprit))
    return found[:MOST_LATE]


def _late(
    group: Sequence[ExposureShown], falls: Mapping[int, Sequence[str]], week: Week | None, day: date
) -> EstateTrouble:
    first = group[0]
    names = sorted({name for each in group for name in falls[each.id]})
    called = f"{first.library} in {first.carrier_name}" if first.carrier_name else first.library
    return EstateTrouble(
        family=Family.EXPOSURE,
        culprit=f"library={called}",
        item=first.library,
        component=first.carrier_name,
        last_day=day,
        evidence=EstateEvidence(
            count=len(group),
            things=tuple(
                EstateThing(each.item, "", each.library, each.id, each.advisory) for each in group[:NAMED]
            ),
            customers=week.customers(names) if week else None,
            of=week.everybody() if week else 0,
            falls=tuple(names[:NAMED]),
            steps=week.hanging(names, MOST_STEPS) if week else (),
            days_late=max((day - each.deadline).days for each in group),
        ),
    )


def managed_by_nobody(found: Unmanaged, week: Week | None, day: date) -> list[EstateTrouble]:
    """All of them are one."""
    if not found.count:
        return []
    return [
        EstateTrouble(
            family=Family.UNMANAGED,
            culprit="",
            item="",
            component="",
            last_day=day,
            evidence=EstateEvidence(
                count=found.count,
                things=tuple(_thing(each) for each in found.items[:NAMED]),
                customers=week.customers(found.falls) if week else None,
                of=week.everybody() if week else 0,
                falls=found.falls[:NAMED],
                steps=week.hanging(found.falls, MOST_STEPS) if week else (),
            ),
        )
    ]


def _thing(item: ItemPlace) -> EstateThing:
    return EstateThing(item.id, item.kind_in_words, item.name)
