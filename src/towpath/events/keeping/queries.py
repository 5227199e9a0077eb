"""How Towpath is, for those who may know."""

from __future__ import annotations

import msgspec

from towpath.events.keeping.state import Keeping, measured
from towpath.events.keeping.telling import signs, worst
from towpath.events.rules import READ_KEEPING
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require


def keeping(actor: Actor) -> Keeping:
    """How Towpath is now, in words and figures. Raises PermissionDenied, LakeError, InboxBroken."""
    require(actor, READ_KEEPING)
    found = measured()
    told = signs(found)
    return Keeping(level=worst(told), signs=told, **msgspec.structs.asdict(found))
