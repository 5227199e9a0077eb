"""Which libraries of the estate are weak, the most urgent first, and whether they are mended in time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.osv import Advisory
from towpath.estate.advisories.scoring import GRAVEST, score_of, scores_of
from towpath.estate.models import Assessment, Exposure, Fact, ItemKey, Link
from towpath.estate.queries.deadlines import (
    SETTLED,
    days_to_mend,
    promise_of,
    reasons_for,
    status_on,
)
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.queries.software import exploited_of, knowledge_in, likelihood_of
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.schemas.exposures import AssessmentShown, ExposureList, ExposureShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible
from towpath.foundation.operations.home import home

MOST = 500


def exposures(actor: Actor, item: int | None = None) -> ExposureList:
    """Of all libraries, or of one. Raises PermissionDenied."""
    rows = visible(Exposure, actor).select_related("item", "carrier").prefetch_related("assessments")
    chosen = list(rows.filter(item=item) if item is not None else rows)
    with reading(home().root) as known:
        shown = told_of(chosen, known)
        knowledge = knowledge_in(known)
    here = sorted((each for each in shown if each.gone_since is None), key=_urgency)
    due = [each for each in shown if each.deadline < timezone.localdate()]
    in_time = [each for each in due if each.promise == "met"]
    promises = Counter(each.promise for each in shown)
    rules = rules_in_force()
    return ExposureList(
        libraries=len({each.item for each in libraries(actor)}),
        open=sum(each.status not in SETTLED for each in here),
        late=sum(each.overdue for each in here),
        in_time=len(in_time) / len(due) if due else None,
        due=len(due),
        met=promises["met"],
        missed=promises["missed"],
        running=promises["open"],
        days=days_to_mend(rules),
        carrying_from=rules.mend_carrying_from,
        exposures=tuple(here[:MOST]),
        knowledge=knowledge,
    )


def exposures_of(actor: Actor, item: int) -> tuple[ExposureShown, ...]:
    """What is weak of a library, or in what holds some, the most urgent first. Raises PermissionDenied."""
    rows = visible(Exposure, actor).filter(Q(item=item) | Q(carrier=item), gone_since=None)
    chosen = rows.select_related("item", "carrier").prefetch_related("assessments")
    with reading(home().root) as known:
        return tuple(sorted(told_of(list(chosen), known), key=_urgency)[:MOST])


def exposures_beneath(actor: Actor, items: Collection[int]) -> list[ExposureShown]:
    """What is weak of these items and nobody settled, the most urgent first. Raises PermissionDenied."""
    wanted = Q(item__in=items) | Q(carrier__in=items)
    rows = visible(Exposure, actor).filter(wanted, gone_since=None).select_related("item", "carrier")
    with reading(home().root) as known:
        shown = told_of(list(rows.prefetch_related("assessments")), known)
    return sorted((each for each in shown if each.status not in SETTLED), key=_urgency)


def late(actor: Actor) -> list[ExposureShown]:
    """All that are past their deadline and that nobody settled, the most urgent first. Raises
    PermissionDenied."""
    rows = visible(Exposure, actor).select_related("item", "carrier").prefetch_related("assessments")
    with reading(home().root) as known:
        shown = told_of(list(rows.filter(gone_since=None)), known)
    return sorted((each for each in shown if each.overdue), key=_urgency)


@dataclass(frozen=True)
class Library:
    """A library of the estate. `version`: what its sources say, for a package URL without one. `carriers`:
    items that hold it directly."""

    item: int
    purl: str
    version: str
    carriers: tuple[int, ...]


def libraries(actor: Actor) -> list[Library]:
    """All that are here. Raises PermissionDenied."""
    rows = visible(ItemKey, actor).filter(scheme="purl", item__gone_since=None, item__merged_into=None)
    facts = Fact.objects.filter(field="version", until=None).order_by("last_seen")
    versions = dict(facts.filter(item__in=rows.values("item")).values_list("item_id", "value"))
    carriers: dict[int, set[int]] = defaultdict(set)
    holding = Link.objects.filter(kind="part_of", until=None, start__in=rows.values("item"))
    for library, carrier in holding.filter(end__gone_since=None).values_list("start_id", "end_id"):
        carriers[library].add(carrier)
    return [
        Library(item, purl, versions.get(item, ""), tuple(sorted(carriers[item])))
        for item, purl in rows.values_list("item_id", "value")
    ]


def exposure(actor: Actor, number: int) -> ExposureShown:
    """One of them. Raises Http404, PermissionDenied."""
    row = fetch(Exposure, actor, pk=number)
    with reading(home().root) as known:
        return told_of([row], known)[0]


def told_of(rows: Collection[Exposure], known: Advisories) -> list[ExposureShown]:
    """Rows that their reader may see, with their items and assessments loaded."""
    rules = rules_in_force()
    items = {row.item_id for row in rows}
    purls = dict(ItemKey.objects.filter(item__in=items, scheme="purl").values_list("item_id", "value"))
    return [_one(row, known, rules, purls.get(row.item_id, "")) for row in rows]


def _one(row: Exposure, known: Advisories, rules: EstateRules, purl: str) -> ExposureShown:
    told = known.advisory(row.advisory) or Advisory(row.advisory)
    said, vectors = list(row.assessments.all()), scores_of(told.severity)
    status = status_on(said, timezone.localdate())
    exploited = exploited_of(told, known)
    reasons = reasons_for(row, exploited, rules)
    deadline = reasons[0].by
    return ExposureShown(
        id=row.pk,
        item=row.item_id,
        library=row.item.name,
        purl=purl,
        advisory=row.advisory,
        names=told.names,
        title=told.title,
        severity=row.severity,
        score=score_of(vectors),
        vectors=vectors,
        exploited=exploited,
        likelihood=likelihood_of(told, known),
        first_seen=row.first_seen,
        gone_since=row.gone_since,
        deadline=deadline,
        reasons=reasons,
        promise=promise_of(row, said, deadline),
        overdue=row.gone_since is None and status not in SETTLED and deadline < timezone.localdate(),
        status=str(status),
        status_in_words=str(status.label),
        carrier=row.carrier_id,
        carrier_name=row.carrier.name if row.carrier else "",
        assessments=tuple(_assessment(each) for each in said),
    )


def _assessment(each: Assessment) -> AssessmentShown:
    words = str(Assessment.Status(each.status).label)
    return AssessmentShown(each.status, words, each.because, each.until, each.made_at, each.made_by)


def _urgency(each: ExposureShown) -> tuple[object, ...]:
    settled = each.status in SETTLED
    grave = GRAVEST.index(each.severity) if each.severity in GRAVEST else len(GRAVEST)
    return (
        settled,
        each.exploited is None,
        not each.overdue,
        grave,
        each.deadline,
        each.library,
        each.advisory,
    )
