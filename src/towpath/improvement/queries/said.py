"""What people said of desks, and what the estate is: other words, other findings."""

from __future__ import annotations

import xxhash
from django.db.models import Count, Max

from towpath.desk.models import Desk, ShiftDecision, TopicWord
from towpath.estate.queries.weak import state_of_estate
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.access.gate import visible


def said() -> str:
    """Changes when a desk is read otherwise, somebody named a topic, or the estate is another."""
    parts = [f"{desk.name} {desk.source} {desk.reading}" for desk in visible(Desk, OPERATOR)]
    for rows, moment in ((TopicWord, "said_at"), (ShiftDecision, "decided_at")):
        figures = visible(rows, OPERATOR).aggregate(count=Count("pk"), newest=Max(moment))
        parts.append(f"{figures['count']} {figures['newest']}")
    parts.append(state_of_estate(OPERATOR))
    return xxhash.xxh3_64_hexdigest("\x1f".join(parts).encode())
