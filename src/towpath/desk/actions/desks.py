"""Desks are made when an import is confirmed, and change when a person says how their source is read."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import msgspec
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from towpath.desk.announcements import DeskDefined
from towpath.desk.models import Desk
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.rules.proposing import propose
from towpath.desk.rules.reading import Reading
from towpath.desk.rules.reading_text import digest_of, read_reading, write_reading
from towpath.events.importers import ImportFailed
from towpath.events.mapping import Mapping
from towpath.events.models import FileImport
from towpath.events.rules import WRITE_EVENTS
from towpath.events.sniffing import examples
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.access.rules import Permission
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce

SECTION = "desk"
"""Of a mapping: how its source is read."""


def import_confirmed(actor: Actor, file_import: FileImport, mapping: Mapping) -> None:
    """Make or change the desk of the mapping's source, where it has the section or names tickets.

    A reading that a person changed since stays, unless the mapping brings another than it did before.
    """
    desk = Desk.objects.filter(source=mapping.source).first()
    if SECTION in mapping.sections:
        reading = msgspec.convert(mapping.sections[SECTION] or {}, Reading, strict=False)
        if desk is None or desk.given != digest_of(reading):
            _put(actor, desk, mapping.source, reading, WRITE_EVENTS, given=True)
    elif desk is None and "ticket" in mapping.events:
        reading = _proposed(file_import, mapping)
        _put(actor, None, mapping.source, reading, WRITE_EVENTS, proposed=True)


def define_desk(actor: Actor, name: str, text: str, file: str) -> Desk:
    """Read the desk's source by the YAML `text` from now on, also what happened before. `file` is what errors
    call it. Raises DocumentError with the line, Http404 without such a desk."""
    reading = read_reading(text, file)
    return _put(actor, fetch(Desk, actor, name=name), "", reading, MANAGE_DESK)


def make_desk(actor: Actor, source: str, text: str, file: str) -> Desk:
    """Read a source as a desk by the YAML `text`, as its mapping would say. Raises DocumentError with the
    line, PermissionDenied."""
    reading = read_reading(text, file)
    return _put(actor, Desk.objects.filter(source=source).first(), source, reading, WRITE_EVENTS, given=True)


def _put(
    actor: Actor,
    desk: Desk | None,
    source: str,
    reading: Reading,
    wanted: Permission,
    *,
    given: bool = False,
    proposed: bool = False,
) -> Desk:
    with writing(actor, "desk.defined", wanted) as write:
        found = Desk.objects.select_for_update().get(pk=desk.pk) if desk else Desk(source=source)
        before = {"reading": found.reading} if desk else None
        if reading.name and Desk.objects.filter(name=reading.name).exclude(pk=found.pk).exists():
            raise ValidationError(
                _("Another desk is called %(name)s: give this one another name.") % {"name": reading.name}
            )
        found.name = reading.name or found.name or _free_name(source)
        found.reading, found.proposed = write_reading(reading), proposed
        found.given = digest_of(reading) if given else found.given
        found.changed_by = actor.name or actor.kind
        found.save()
        write.about(found, before=before, after={"reading": found.reading})
        announce(DeskDefined(name=found.name))
    return found


def _free_name(source: str) -> str:
    """A name after the source that no other desk has."""
    plain = re.sub(r"[^a-z0-9]+", "-", slugify(source)).strip("-")[:50] or "desk"
    names = (plain if count == 1 else f"{plain}-{count}" for count in range(1, 1_000))
    return next(name for name in names if not Desk.objects.filter(name=name).exists())


def _proposed(file_import: FileImport, mapping: Mapping) -> Reading:
    columns: list[str] = list(mapping.columns())
    with contextlib.suppress(ImportFailed, OSError):
        columns += examples(Path(file_import.path), mapping)
    held = {
        pick.column: field
        for field, picks in mapping.events.items()
        for pick in picks
        if pick.column is not None and pick.keeps_value and field not in ("time", "seq", "id", "source")
    }
    return propose(dict.fromkeys(columns), held)
