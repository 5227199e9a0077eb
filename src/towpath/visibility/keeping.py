"""A week is kept as the last look in it saw it: a worker's doing, on which nobody decides."""

from __future__ import annotations

import msgspec
from django.db import transaction

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.visibility.models import KeptWeek
from towpath.visibility.queries.account import body_now, week_of
from towpath.visibility.queries.home import latest_look


def keep_week(actor: Actor) -> str:
    """Keep the figures that stand under the ISO week of their last day; returns its name, "" for no change.

    A later look in the same week replaces them; once the newest event is in the next week they stay. Raises
    PermissionDenied.
    """
    standing, body = latest_look(actor), body_now(actor)
    if standing is None or body is None:
        return ""
    name = week_of(body)
    with transaction.atomic():
        kept = visible(KeptWeek, actor).filter(name=name).first() or KeptWeek(name=name)
        if kept.pk and kept.made_at >= standing.made_at:
            return ""
        kept.body, kept.made_at = msgspec.to_builtins(body), standing.made_at
        kept.save()
    return name
