"""Which libraries of the estate are weak, the most urgent first, and whether they are mended in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.osv import Advisory
from towpath.estate.models import Assessment, Exposure, Fact, ItemKey, Link
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.queries.software import GRAVEST, exploited_of, knowledge_in, likelihood_of
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.schemas.exposures import AssessmentShown, ExposureList, ExposureShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible
from towpath.foundation.operations.home import home

MOST = 500
SETTLED = frozenset({Assessment.Status.NOT_AFFECTED, Assessment.Status.FIXED, Assessment.Status.ACCEPTED})


def exposures(actor: Actor, item: int | None = None) -> ExposureList:
    """Of all libraries, or of one. Raises PermissionDenied."""
    rows = visible(Exposure, actor).select_related("item", "carrier").prefetch_related("assessments")
    chosen = list(rows.filter(item=item) if item is not None else rows)
    with reading(home().root) as known:
        shown = _told(chosen, known)
        knowledge = knowledge_in(known)
    here = sorted((each for each in shown if each.gone_since is None), key=_urgency)
    due = [each for each in shown if each.deadline < timezone.localdate()]
    in_time = [each for each in due if _settled_by(each, each.deadline)]
    return ExposureList(
        libraries=len({each.item for each in libraries(actor)}),
        open=sum(each.status not in SETTLED for each in here),
        late=sum(each.overdue for each in here),
        in_time=len(in_time) / len(due) if due else None,
        due=len(due),
        exposures=tuple(here[:MOST]),
        knowledge=knowledge,
    )


def late(actor: Actor) -> list[ExposureShown]:
    """All that are past their deadline and that nobody settled, the most urgent first. Raises
    PermissionDenied."""
    rows = visible(Exposure, actor).select_related("item", "carrier").prefetch_related("assessments")
    with reading(home().root) as known:
        shown = _told(list(rows.filter(gone_since=None)), known)
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
        return _told([row], known)[0]


def _told(rows: Collection[Exposure], known: Advisories) -> list[ExposureShown]:
    rules = rules_in_force()
    items = {row.item_id for row in rows}
    purls = dict(ItemKey.objects.filter(item__in=items, scheme="purl").values_list("item_id", "value"))
    return [_one(row, known, rules, purls.get(row.item_id, "")) for row in rows]


def _one(row: Exposure, known: Advisories, rules: EstateRules, purl: str) -> ExposureShown:
    told = known.advisory(row.advisory) or Advisory(row.advisory)
    said = list(row.assessments.all())
    status = _status(said)
    deadline = timezone.localtime(row.first_seen).date() + timedelta(days=rules.days_for(row.severity))
    return ExposureShown(
        id=row.pk,
        item=row.item_id,
        library=row.item.name,
        purl=purl,
        advisory=row.advisory,
        names=told.names,
        title=told.title,
        severity=row.severity,
        exploited=exploited_of(told, known),
        likelihood=likelihood_of(told, known),
        first_seen=row.first_seen,
        gone_since=row.gone_since,
        deadline=deadline,
        overdue=row.gone_since is None and status not in SETTLED and deadline < timezone.localdate(),
        status=str(status),
        status_in_words=str(status.label),
        carrier=row.carrier_id,
        carrier_name=row.carrier.name if row.carrier else "",
        assessments=tuple(_assessment(each) for each in said),
    )


def _status(said: Collection[Assessment]) -> Assessment.Status:
    """What the latest says; what is accepted until a day is open again after it."""
    latest = max(said, key=lambda each: each.pk, default=None)
    if latest is None or (latest.until is not None and latest.until < timezone.localdate()):
        return Assessment.Status.OPEN
    return Assessment.Status(latest.status)


def _assessment(each: Assessment) -> AssessmentShown:
    words = str(Assessment.Status(each.status).label)
    return AssessmentShown(each.status, words, each.because, each.until, each.made_at, each.made_by)


def _settled_by(each: ExposureShown, day: date) -> bool:
    if each.gone_since is not None and timezone.localtime(each.gone_since).date() <= day:
        return True
    by_then: Iterable[AssessmentShown] = (
        said for said in each.assessments if timezone.localtime(said.made_at).date() <= day
    )
    return any(said.status in SETTLED for said in by_then)


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
