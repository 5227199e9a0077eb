"""Writes to journeys."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.outbox.announcing import announce
from towpath.journeys.announcements import JourneyApplied
from towpath.journeys.models import Journey, JourneyVersion
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.rules.reading import body_of, digest_of, read_journey
from towpath.journeys.schemas.definitions import Applied


class Superseded(ValueError):
    """Somebody else applied a version since; the text says who. `number` is that version's."""

    def __init__(self, version: JourneyVersion) -> None:
        super().__init__(
            _(
                "Version %(number)d came into force meanwhile (by %(who)s). What you typed is kept: "
                "apply again to put it in its place."
            )
            % {"number": version.number, "who": version.created_by}
        )
        self.number = version.number
        self.seen_another = _(
            "Version %(number)d is in force (by %(who)s), not the one that you saw. Nothing was changed: "
            "look at it first, then say that you saw it."
        ) % {"number": version.number, "who": version.created_by}


def apply_journey(actor: Actor, text: str, name: str, *, key: str = "", seen: int | None = None) -> Applied:
    """Make the YAML `text` the journey's newest version; an equal definition changes nothing.

    `name` is the file as errors shall call it; `key`, if given, is the journey that it must be; `seen` is the
    version that was changed. Raises DocumentError with the line of what is wrong, Superseded where `seen` is
    not the newest any more, PermissionDenied without journeys:write.
    """
    require(actor, WRITE_JOURNEYS)
    definition = read_journey(text, name)
    if key and definition.key != key:
        raise DocumentError(name, 1, 1, f"key: this is the journey {definition.key!r}, expected was {key!r}")
    digest = digest_of(definition)
    with transaction.atomic():
        # Locked before it is compared: of two who apply at once, the second sees what the first made.
        journey, _made = Journey.objects.select_for_update().get_or_create(
            key=definition.key, defaults={"name": definition.name}
        )
        newest = journey.versions.order_by("-number").first()
        if newest is not None and newest.digest == digest:
            return Applied(definition.key, newest.number, new=False)
        if newest is not None and seen is not None and newest.number != seen:
            raise Superseded(newest)
        version = _next_version(actor, journey, newest, definition)
    return Applied(journey.key, version.number, new=True)


def _next_version(
    actor: Actor, journey: Journey, newest: JourneyVersion | None, definition: Definition
) -> JourneyVersion:
    with writing(actor, "journey.applied", WRITE_JOURNEYS) as write:
        Journey.objects.filter(pk=journey.pk).update(name=definition.name)
        version = JourneyVersion.objects.create(
            journey=journey,
            number=newest.number + 1 if newest else 1,
            definition=body_of(definition),
            digest=digest_of(definition),
            created_by=actor.name,
        )
        write.about(version, before=newest.definition if newest else None, after=version.definition)
        announce(JourneyApplied(key=journey.key, version=version.number, digest=version.digest))
    return version
