"""What people said of desks: other words, other findings."""

from __future__ import annotations

import xxhash
from django.db.models import Count, Max

from towpath.desk.models import Desk, ShiftDecision, TopicWord
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.access.gate import visible


def said() -> str:
    """Changes when a desk is read otherwise, or somebody named a topic."""
    parts = [f"{desk.name} {desk.source} {desk.reading}" for desk in visible(Desk, OPERATOR)]
    for rows, moment in ((TopicWord, "said_at"), (ShiftDecision, "decided_at")):
        figures = visible(rows, OPERATOR).aggregate(count=Count("pk"), newest=Max(moment))
        parts.append(f"{figures['count']} {figures['newest']}")
    return xxhash.xxh3_64_hexdigest("\x1f".join(parts).encode())
