"""One advisory: what it says, who holds what it affects, and what customers meet through that."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.matching import fixed_in
from towpath.estate.advisories.osv import Advisory
from towpath.estate.advisories.scoring import score_of, scores_of, severity_of
from towpath.estate.advisories.versions import package_of
from towpath.estate.models import Exposure
from towpath.estate.queries.at_risk import carried_through
from towpath.estate.queries.exposures import told_of
from towpath.estate.queries.libraries import MOST, package_meant
from towpath.estate.queries.software import exploited_of, knowledge_in, likelihood_of
from towpath.estate.schemas.exposures import ExposureShown
from towpath.estate.schemas.libraries import AdvisoryShown, PackageAffected
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.foundation.operations.home import home


def advisory(actor: Actor, named: str) -> AdvisoryShown:
    """By its identifier; by another of its names where some library here is exposed to it. Raises Http404,
    PermissionDenied."""
    rows = visible(Exposure, actor).select_related("item", "carrier").prefetch_related("assessments")
    with reading(home().root) as known:
        told = _found(named, known, set(rows.values_list("advisory", flat=True).distinct()))
        exposed = told_of(list(rows.filter(advisory=told.id)), known)
        here = [each for each in exposed if each.gone_since is None]
        vectors = scores_of(told.severity)
        return AdvisoryShown(
            id=told.id,
            names=told.names,
            title=told.title,
            details=told.details,
            published=told.published[:10],
            modified=told.modified[:10],
            withdrawn=told.withdrawn[:10],
            severity=severity_of(told),
            score=score_of(vectors),
            vectors=vectors,
            exploited=exploited_of(told, known),
            likelihood=likelihood_of(told, known),
            packages=_packages(told.id, here, known),
            exposures=tuple(here[:MOST]),
            carried=carried_through(actor, {each.carrier or each.item for each in here}),
            knowledge=knowledge_in(known),
        )


def _found(named: str, known: Advisories, exposed: set[str]) -> Advisory:
    if told := known.advisory(named):
        return told
    for each in sorted(exposed):
        told = known.advisory(each) or Advisory(each)
        if named in told.names:
            return told
    raise Http404(_("No advisory %(name)s was taken in.") % {"name": named[:100]})


def _packages(named: str, here: list[ExposureShown], known: Advisories) -> tuple[PackageAffected, ...]:
    held = {
        package[:2]: package_meant(each.purl)
        for each in here
        if each.purl and (package := package_of(each.purl))
    }
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for ecosystem, name, affected in known.packages_of(named):
        found[ecosystem, name] = (*found.get((ecosystem, name), ()), *fixed_in(affected))
    return tuple(
        PackageAffected(ecosystem, name, tuple(dict.fromkeys(fixed)), held.get((ecosystem, name), ""))
        for (ecosystem, name), fixed in found.items()
    )
