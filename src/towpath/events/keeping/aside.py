"""Batches of this node's inbox that could not be put into the lake: shown, and brought back by a person."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.events.rules import READ_KEEPING, REPAIR
from towpath.events.store import inbox
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing


class BatchAside(msgspec.Struct, frozen=True):
    """So many events that were accepted and are not in the lake; `reason`: why, as the flush said."""

    number: int
    accepted: datetime
    events: int
    bytes: int
    reason: str


def set_aside(actor: Actor) -> tuple[BatchAside, ...]:
    """Those of this node, the oldest first. Raises PermissionDenied, InboxBroken."""
    require(actor, READ_KEEPING)
    return tuple(
        BatchAside(each.number, each.accepted, each.events, each.bytes, each.reason)
        for each in inbox().set_aside_batches()
    )


def bring_back(actor: Actor, number: int) -> None:
    """Let the next flush try this batch again. What it still cannot take it sets aside anew.

    Raises PermissionDenied, Http404, InboxBroken.
    """
    with writing(actor, "inbox.brought_back", REPAIR) as write:
        found = {each.number: each for each in inbox().set_aside_batches()}.get(number)
        if found is None or not inbox().bring_back(number):
            raise Http404(_("No batch %(number)d is set aside on this node.") % {"number": number})
        write.target_type, write.target = "inbox.Batch", str(number)
        write.after = {"events": found.events, "accepted": found.accepted.isoformat()}
