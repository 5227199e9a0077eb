"""How services are, from what was measured alone, and whether promises are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import repeat

from towpath.catalogue.measures.attempts import Asked, Went, went
from towpath.catalogue.rules.declaring import DeclaredAgreement, DeclaredService, DeclaredTarget
from towpath.catalogue.rules.promises import (
    ENOUGH,
    LATENCY_SHARE,
    MEASURES,
    Verdict,
    differs,
    in_first_unit,
    judged,
)
from towpath.catalogue.rules.wording import CONNECT, HEALTH, KINDS, VERDICTS
from towpath.catalogue.rules.wording import MEASURES as MEASURES_IN_WORDS
from towpath.catalogue.schemas.service import PromiseShown
from towpath.catalogue.schemas.services import Health, ServiceHealth
from towpath.events.lake import Snapshot

WEEK = timedelta(days=7)
Told = tuple[ServiceHealth, tuple[PromiseShown, ...]]


def health_of(
    snapshot: Snapshot, services: Sequence[DeclaredService], agreements: Iterable[DeclaredAgreement]
) -> dict[str, Told]:
    """Of each service, by name: how it is, and its promises. One reading of the lake."""
    until = max(snapshot.watermarks().values(), default=None)
    agreed: dict[str, list[tuple[DeclaredAgreement, DeclaredTarget]]] = {each.name: [] for each in services}
    for agreement in agreements:
        if agreement.service in agreed:
            agreed[agreement.service] += [(agreement, target) for target in agreement.targets]
    answers: Iterator[Went] = repeat(Went())
    if until is not None:
        targets = {name: [target for _agreement, target in pairs] for name, pairs in agreed.items()}
        asked = [one for each in services for one in _asked(each, targets[each.name], until)]
        answers = iter(went(snapshot, asked))
    told = {}
    for each in services:
        week, before = next(answers), next(answers)
        promises = tuple(_promise(*pair, next(answers)) for pair in agreed[each.name])
        told[each.name] = (_health(week, before, promises, until), promises)
    return told


def _asked(each: DeclaredService, targets: Iterable[DeclaredTarget], until: datetime) -> Iterator[Asked]:
    yield Asked(each.names, until - WEEK, until)
    yield Asked(each.names, until - 2 * WEEK, until - WEEK)
    for target in targets:
        within = in_first_unit(target) if target.measure == "latency" else None
        yield Asked(each.names, until - timedelta(days=target.days), until, within)


def _health(
    week: Went, before: Went, promises: Sequence[PromiseShown], until: datetime | None
) -> ServiceHealth:
    missed = sum(each.verdict == "missed" for each in promises)
    word = _word(week, before, missed)
    return ServiceHealth(
        word=word,
        in_words=str(HEALTH[word]),
        as_of=until,
        attempts=week.attempts,
        faults=week.faults,
        faults_per_thousand=_per_thousand(week),
        faults_per_thousand_before=_per_thousand(before),
        customers_a_week=week.customers,
        latency_ms=week.latency_ms,
        promises=len(promises),
        kept=sum(each.verdict == "kept" for each in promises),
        missed=missed,
    )


def _word(week: Went, before: Went, missed: int) -> Health:
    if missed:
        return "missed"
    if not week.attempts:
        return "unknown"
    if min(week.attempts, before.attempts) < ENOUGH:
        return "little"
    return differs(week.faults, week.attempts, before.faults, before.attempts) or "usual"


def _per_thousand(found: Went) -> float | None:
    return 1_000 * found.faults / found.attempts if found.attempts else None


def _promise(agreement: DeclaredAgreement, target: DeclaredTarget, found: Went) -> PromiseShown:
    measured, attempts, verdict = _measured(target, found)
    return PromiseShown(
        agreement=agreement.name,
        kind=agreement.kind,
        kind_in_words=str(KINDS[agreement.kind]),
        provider=agreement.provider,
        consumer=agreement.consumer,
        measure=target.measure,
        measure_in_words=str(MEASURES_IN_WORDS[target.measure]),
        value=target.value,
        unit=target.unit,
        days=target.days,
        measured=measured,
        attempts=attempts,
        verdict=verdict,
        verdict_in_words=str(VERDICTS[verdict]),
        connect=str(CONNECT[target.measure]) if verdict == "not_measurable" else "",
    )


def _measured(target: DeclaredTarget, found: Went) -> tuple[float | None, int, Verdict]:
    """In the target's unit, of how many attempts, and whether it was kept."""
    if target.measure == "availability" and found.attempts:
        good = found.attempts - found.faults
        return 100 * good / found.attempts, found.attempts, judged(good, found.attempts, target.value / 100)
    if target.measure == "latency" and found.timed and found.latency_ms is not None:
        shown = found.latency_ms / MEASURES["latency"].units[target.unit]
        return shown, found.timed, judged(found.within, found.timed, LATENCY_SHARE)
    return None, 0, "not_measurable"
