"""Libraries of the estate are held against advisories; people say what that means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.estate.actions.reports import take_in
from towpath.estate.actions.vex import take_statements
from towpath.estate.bills import Bill, Part, read_bill
from towpath.estate.bills.locks import read_checkout
from towpath.estate.models import Assessment, Discovery, Exposure
from towpath.estate.queries.at_risk import customers_of
from towpath.estate.queries.exposures import Library, libraries
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.software import scanned
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.estate.sources.parts import report_of
from towpath.estate.vex.reading import vex_of
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require
from towpath.foundation.audit.writing import writing

BATCH = 500
WEIGHING_S = 60.0
"""In which customers are counted; what is left over keeps its last count, and comes first the next time."""
Held = tuple[int, int | None, str]
"""Library, what holds it, advisory."""


def hold_against_advisories(actor: Actor) -> int:
    """Find anew which libraries are weak; returns how many exposures are new. What is no more is ended, and
    stays on record."""
    fresh = _find(actor)
    _count_customers(actor)
    return fresh


def _find(actor: Actor) -> int:
    require(actor, WRITE_ESTATE)
    now, wanted = timezone.now(), _affected(libraries(actor))
    held = {(each.item_id, each.carrier_id, each.advisory): each for each in Exposure.objects.all()}
    fresh = [key for key in wanted if key not in held]
    back = [each for key, each in held.items() if key in wanted and _differs(each, wanted[key])]
    gone = [each.pk for key, each in held.items() if key not in wanted and each.gone_since is None]
    if not (fresh or back or gone):
        return 0
    for each in back:
        each.gone_since, each.severity = None, wanted[each.item_id, each.carrier_id, each.advisory]
    with writing(actor, "exposures.found", WRITE_ESTATE) as write:
        Exposure.objects.bulk_create(
            [
                Exposure(item_id=item, carrier_id=carrier, advisory=named, severity=severity, first_seen=now)
                for item, carrier, named in fresh
                for severity in (wanted[item, carrier, named],)
            ],
            batch_size=BATCH,
        )
        Exposure.objects.bulk_update(back, ["gone_since", "severity"], batch_size=BATCH)
        for some in (gone[first : first + BATCH] for first in range(0, len(gone), BATCH)):
            Exposure.objects.filter(pk__in=some).update(gone_since=now)
        write.target_type, write.target = Exposure._meta.label, "all"
        write.after = {"new": len(fresh), "changed": len(back), "gone": len(gone)}
    return len(fresh)


def _count_customers(actor: Actor) -> None:
    """Of everything that holds a weak library: what carries customers is to be mended sooner."""
    rows: dict[int, list[Exposure]] = {}
    waiting = Exposure.objects.filter(gone_since=None)
    for each in waiting.order_by(F("customers_a_week").asc(nulls_first=True), "pk"):
        rows.setdefault(each.carrier_id or each.item_id, []).append(each)
    changed = []
    for item, customers in customers_of(actor, rows, WEIGHING_S):
        for each in rows[item]:
            if each.customers_a_week != customers:
                each.customers_a_week = customers
                changed.append(each)
    if changed:
        with writing(actor, "exposures.customers_counted", WRITE_ESTATE) as write:
            Exposure.objects.bulk_update(changed, ["customers_a_week"], batch_size=BATCH)
            write.target_type, write.target = Exposure._meta.label, "all"
            write.after = {"changed": len(changed)}


def _affected(known: list[Library]) -> dict[Held, str]:
    """Severity of each library that an advisory affects, in each item that holds it."""
    parts = tuple(
        Part(ref=str(place), name=each.purl, version=each.version, purl=each.purl)
        for place, each in enumerate(known)
    )
    by_purl = {each.purl: each for each in known}
    found = scanned("estate", Bill("estate", "", None, parts)).vulnerabilities
    return {
        (by_purl[each.purl].item, carrier, each.advisory): each.severity
        for each in found
        for carrier in by_purl[each.purl].carriers or (None,)
    }


def _differs(each: Exposure, severity: str) -> bool:
    return each.gone_since is not None or each.severity != severity


def assess(
    actor: Actor, number: int, status: str, because: str = "", until: date | None = None
) -> Assessment:
    """Say, under one's own name, what an exposure is. Raises Http404, ValidationError, PermissionDenied."""
    with writing(actor, "exposure.assessed", WRITE_ESTATE) as write:
        row = fetch(Exposure, actor, pk=number)
        if status not in Assessment.Status.values:
            known = ", ".join(Assessment.Status.values)
            raise ValidationError(_("Say one of: %(known)s.") % {"known": known})
        settles = status in {Assessment.Status.NOT_AFFECTED, Assessment.Status.ACCEPTED}
        if settles and not because.strip():
            raise ValidationError(_("Say why: somebody will ask when it is exploited."))
        if status == Assessment.Status.ACCEPTED and (until is None or until <= timezone.localdate()):
            raise ValidationError(_("Say until which day it is accepted, in the future."))
        accepted = until if status == Assessment.Status.ACCEPTED else None
        made = Assessment.objects.create(
            exposure=row,
            status=status,
            because=because.strip()[:500],
            until=accepted,
            made_by=(actor.name or actor.kind)[:200],
        )
        write.about(row, after={"status": status, "because": made.because, "until": str(accepted or "")})
    return made


def import_bill(actor: Actor, place: Path, named: str) -> Discovery:
    """The parts of an SBOM (or of a checkout's lock files) become libraries that the item holds; what an
    earlier bill of the item held and this one does not is gone. Raises BillRefused, Http404,
    ValidationError, PermissionDenied."""
    require(actor, WRITE_ESTATE)
    item = item_meant(actor, named)
    bill = read_checkout(place) if place.is_dir() else read_bill(place)
    found = take_in(actor, f"sbom-{item.pk}", report_of(bill, f"{item.kind}:{item.name}", _now(place)))
    hold_against_advisories(actor)
    take_statements(actor, vex_of(bill, place.name), item)
    return found


def _now(place: Path) -> datetime:
    return datetime.fromtimestamp(place.stat().st_mtime, UTC) if place.is_file() else timezone.now()
