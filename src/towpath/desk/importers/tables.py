"""Tables of tickets: CSV, JSON lines, Parquet or XES whose columns are those of a helpdesk's export."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from towpath.desk.importers.masking import SECTION as MASK
from towpath.desk.importers.proposal import unknown_states
from towpath.events.importers.chunks import Row
from towpath.events.mapping import Mapping

SIGNS = (
    re.compile(
        r"(?i)(incident|ticket|case|problem|request|issue)?[ _-]?(number|id|key|no)|number|case:concept:name"
    ),
    re.compile(
        r"(?i)(incident|ticket|issue|request|problem)?[ _-]?(state|status|stage)|concept:name|状态|"
        r"estado|statut"
    ),
    re.compile(
        r"(?i)(assignment|support|resolver|assigned|owner)[ _-]?(group|team)|org:group|"
        r"organization involved|queue|grupo.*|groupe.*|team|gruppe"
    ),
    re.compile(
        r"(?i)caller([ _-]?id)?|requester.*|requested[ _-](by|for)|opened[ _-]by|assigned[ _-]to|assignee|"
        r"demandeur|solicitante|reporter|org:resource"
    ),
    re.compile(
        r"(?i)priority|impact|urgency|made[ _-]sla|short[ _-]description|reassignment[ _-]count|"
        r"reopen(ed)?[ _-]?(count|ing)?|contact[ _-]type|close(d)?[ _-]code|knowledge|"
        r"prioridad|priorité|prioritet"
    ),
)
"""What the columns of a helpdesk's export say: which ticket, its state, who has it, who asked, how it is."""
ENOUGH = 4


def refine(mapping: Mapping, rows: Sequence[Row]) -> tuple[Mapping, tuple[str, ...]] | None:
    """The mapping for a table of tickets: it names the ticket, and masks who is named. None for other
    tables."""
    columns = {column for row in rows[:200] for column in row}
    signs = sum(any(sign.fullmatch(column) for column in columns) for sign in SIGNS)
    if signs < ENOUGH or "case" not in mapping.events or "ticket" in mapping.events:
        return None
    events = {**mapping.events, "ticket": mapping.events["case"]}
    sections = {MASK: "true", **mapping.sections}
    return replace(mapping, events=events, sections=sections), tuple(_doubts(mapping, rows))


def _doubts(mapping: Mapping, rows: Sequence[Row]) -> Iterator[str]:
    yield "This looks like tickets: names, addresses and numbers are masked; `mask: false` leaves them."
    state = mapping.events["type"][0].column
    if state is not None and (unknown := unknown_states(row.get(state) for row in rows)):
        yield f"What these states mean is not known: {', '.join(unknown[:5])}. Name them in desk.states."
    if "team" not in mapping.events:
        yield "No column says which team has a ticket; hand-overs and tiers cannot be told."
