"""What a list of calls would bring in."""

from __future__ import annotations

import re

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.desk.queries.calls import kept_mapping
from towpath.desk.rules.call_lists import CallList, CallListRefused, CallMapping, read_calls
from towpath.desk.rules.call_times import UnknownZone
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def preview_calls(actor: Actor, name: str, text: str, mapping: CallMapping) -> CallList:
    """What taking it in would read; nothing is kept. Raises ValidationError, PermissionDenied."""
    require(actor, MANAGE_DESK)
    if not NAME.fullmatch(name):
        raise ValidationError(_("Name the series with small letters, digits and dashes, like switchboard."))
    kept = kept_mapping(actor, name)
    given = {key: value for key, value in msgspec.structs.asdict(mapping).items() if value}
    try:
        found = read_calls(text, msgspec.structs.replace(kept or CallMapping(), **given))
    except (CallListRefused, UnknownZone) as error:
        raise ValidationError(str(error)) from error
    if kept and (kept.zone, kept.minutes) != (found.mapping.zone, found.mapping.minutes):
        told = {"name": name, "zone": kept.zone, "minutes": kept.minutes}
        raise ValidationError(
            _(
                "%(name)s is kept in %(zone)s, by %(minutes)s minutes: a list that differs would count calls "
                "twice. Give it a name of its own."
            )
            % told
        )
    return found
