"""Which journeys there are, and what they say."""

from __future__ import annotations

from django.db.models import F, Max
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.journeys.measures.carrying import types_of
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.plan import plan_of, plan_of_types
from towpath.journeys.models import Journey, JourneyVersion
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.permissions import READ_JOURNEYS
from towpath.journeys.rules.reading import definition_of, write_journey
from towpath.journeys.schemas.definitions import JourneySummary


class NoSuchJourney(Http404):
    """Neither a journey nor a source has that name; the text names those that exist."""


def journeys(actor: Actor) -> list[JourneySummary]:
    """Every journey with its newest version, by name."""
    versions = visible(JourneyVersion, actor).select_related("journey")
    newest = versions.alias(newest=Max("journey__versions__number")).filter(number=F("newest"))
    return sorted((_summary(version) for version in newest), key=lambda found: found.name)


def newest_version(actor: Actor, key: str) -> JourneyVersion:
    """Raises NoSuchJourney, naming those that exist."""
    versions = visible(JourneyVersion, actor).select_related("journey")
    found = versions.filter(journey__key=key).order_by("-number").first()
    if found is None:
        raise NoSuchJourney(_unknown(actor, key, ()))
    return found


def definition(actor: Actor, key: str, number: int | None = None) -> Definition:
    """The newest definition, or that of one version. Raises NoSuchJourney."""
    if number is None:
        return definition_of(newest_version(actor, key).definition)
    version = visible(JourneyVersion, actor).filter(journey__key=key, number=number).first()
    if version is None:
        raise NoSuchJourney(
            _("The journey %(key)s has no version %(number)d.") % {"key": key, "number": number}
        )
    return definition_of(version.definition)


def export_journey(actor: Actor, key: str, number: int | None = None) -> str:
    """The YAML of a journey; applying it changes nothing. Raises NoSuchJourney."""
    return write_journey(definition(actor, key, number))


def evidence_of(actor: Actor, name: str) -> Evidence:
    """What the journey of that key sees in the lake as it is now. Raises NoSuchJourney."""
    version = newest_version(actor, name)
    return Evidence(plan_of(definition_of(version.definition), version.number), lake().snapshot())


def evidence_of_any(actor: Actor, name: str) -> Evidence:
    """The same, where a source without a journey will do: its event types stand for the activities."""
    require(actor, READ_JOURNEYS)
    if Journey.objects.filter(key=name).exists():
        return evidence_of(actor, name)
    snapshot = lake().snapshot()
    if name not in snapshot.sources():
        raise NoSuchJourney(_unknown(actor, name, tuple(sorted(snapshot.sources()))))
    return Evidence(plan_of_types(name, types_of(snapshot, [name], cases_only=True)), snapshot)


def _summary(version: JourneyVersion) -> JourneySummary:
    body = definition_of(version.definition)
    return JourneySummary(
        key=version.journey.key,
        name=body.name,
        version=version.number,
        follows=body.follows,
        steps=len(body.steps),
        outcomes=len(body.outcomes),
        applied_at=version.created_at,
        applied_by=version.created_by,
    )


def _unknown(actor: Actor, name: str, sources: tuple[str, ...]) -> str:
    known = ", ".join(found.key for found in journeys(actor))
    text = _("There is no journey %(name)r.") % {"name": name} + " "
    text += _("There are: %(known)s.") % {"known": known} if known else _("None was applied yet.")
    if sources:
        text += " " + _("Sources: %(sources)s.") % {"sources": ", ".join(sources)}
    return text
