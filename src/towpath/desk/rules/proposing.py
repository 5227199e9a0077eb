"""A reading proposed for a source that names tickets: what its columns mean, by their usual names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from towpath.desk.rules.reading import Reading

NAMES: dict[str, str] = {
    "priority": "priority|prioridad|prioritet|priorität|priorité|优先级",
    "impact": "impact|impacto|påverkan|auswirkung",
    "urgency": "urgency|urgencia|brådska|dringlichkeit|urgence|紧急度",
    "country": "country|(organi[sz]ation|resource|caller|user)[ _]country|land|pays|país",
    "agent": "assigned_to|assignee|agent|technician|owner|org:resource|handläggare|bearbeiter|technicien",
    "title": "short_description|title|summary|subject|name|titel|título|titre|标题",
    "text": "description|body|text|content|beskrivning|beschreibung|descripción",
    "solved_by": "close_notes|resolution(_notes)?|solution|closed_code|close_code",
    "parent": "parent(_incident)?",
    "caused_by": "caused_by(_change)?",
    "solved_through": "problem(_id)?|rfc",
    "duplicate_of": "duplicate_of|duplicates",
    "affects": "affects|causes",
    "made_sla": "made_sla|sla_met|within_sla",
    "link": "link|url",
}
"""For each field of a reading the names (a pattern, any case) that a column for it goes by."""
TOPICS = (
    ("category", "subcategory"),
    ("product",),
    ("issue_type",),
    ("topic",),
    ("kategori",),
    ("categoría",),
)
"""Columns that make a topic; the first that are there."""


def propose(columns: Collection[str], taken: Mapping[str, str]) -> Reading:
    """The reading for a source whose file has these columns; `taken`: those that a field of the envelope
    holds already (by column). States go by the usual words, tiers stay unknown unless a column says them."""
    found = {}
    for field, pattern in NAMES.items():
        fitting = (name for name in columns if re.fullmatch(pattern, name.strip(), re.IGNORECASE))
        if (first := next(fitting, None)) is not None:
            found[field] = taken.get(first, f"data.{first}")
    low = {name.strip().casefold(): name for name in columns}
    made_of = next((names for names in TOPICS if set(names) <= low.keys()), ())
    topic = tuple(taken.get(low[name], f"data.{low[name]}") for name in made_of)
    return msgspec.structs.replace(Reading(topic=topic), **found)
