"""ServiceNow: records of the Table API as JSON, plain or as pairs of value and display value.

A record tells no changes: what is known is when it was opened, resolved, closed and last touched. Exported
or fetched again later, what earlier exports saw is kept beside. Times are those of `value` (UTC); a display
value is in somebody's own zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from towpath.desk.importers.records import NotATicket, blocks_of, read_records
from towpath.desk.importers.snapshots import marks, moment, written
from towpath.desk.importers.texts import plain
from towpath.events.importers.chunks import Block, Row
from towpath.events.importers.files import Source

ARRAYS = ("result", "records")
KINDS = {
    "incident": "incident", "sc_request": "request", "sc_req_item": "request", "sc_task": "request",
    "problem": "problem", "change_request": "change", "interaction": "contact", "new_call": "contact",
}  # fmt: skip
STATES = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled"}
"""Of incidents, as ServiceNow ships them; other tables have their own, so a bare number there stays one."""
HOLD_REASONS = {
    "1": "Awaiting Caller",
    "2": "Awaiting Change",
    "3": "Awaiting Problem",
    "4": "Awaiting Vendor",
}
COLUMNS = {
    "priority": "priority", "impact": "impact", "urgency": "urgency", "category": "category",
    "subcategory": "subcategory", "team": "assignment_group", "agent": "assigned_to", "caller": "caller_id",
    "channel": "contact_type", "service": "business_service", "component": "cmdb_ci", "change": "rfc",
    "solved_by": "close_code", "made_sla": "made_sla", "country": "country", "company": "company",
    "location": "location", "solved_through": "problem_id", "parent": "parent_incident",
    "reopened": "reopen_count", "reassigned": "reassignment_count", "caused_by": "caused_by",
    "duplicate_of": "duplicate_of",
}  # fmt: skip
"""Columns of a row, and ServiceNow's fields that they are."""
TEXTS = {"title": "short_description", "text": "description", "solution": "close_notes"}
_FIRST = ("number", "kind", "caller", "channel", "opened", "link")
"""What is known of a ticket's opening; the rest may have changed since."""
_BEGINNING = re.compile(r'"(sys_id|sys_updated_on|sys_created_on|sys_mod_count)"\s*:')


def recognises(beginning: str) -> bool:
    json = beginning.startswith(("[", "{")) and "documentkey" not in beginning
    return json and _BEGINNING.search(beginning) is not None and '"number"' in beginning


def read_table(source: Source, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows: of each record its opening, resolution, closing, and how it is now."""
    yield from blocks_of(read_records(source, ARRAYS), record_rows, chunk_rows)


def record_rows(record: Row, site: str = "") -> Iterator[Row]:
    """One record, as rows. `site`: the instance's address, for links. Raises NotATicket."""
    number = _value(record, "number")
    times = {
        "opened": _time(record, "opened_at") or _time(record, "sys_created_on"),
        "resolved": _time(record, "resolved_at"),
        "closed": _time(record, "closed_at"),
        "updated": _time(record, "sys_updated_on"),
    }
    if not number or not times["opened"]:
        raise NotATicket("this is no ticket: it has no number, or neither opened_at nor sys_created_on")
    today = _today(record, site)
    today.update({name: times[name] for name in ("opened", "resolved", "closed")})
    first = {name: today.get(name) for name in _FIRST}
    yield from marks(
        number, dict(times), today, first, {"opened": "New", "resolved": "Resolved", "closed": "Closed"}
    )


def _today(record: Row, site: str) -> Row:
    held: Row = {"kind": KINDS.get(_value(record, "sys_class_name") or "", _shown(record, "sys_class_name"))}
    held["state"] = _state(record)
    held.update({name: _shown(record, field) for name, field in COLUMNS.items()})
    held.update({name: plain(_shown(record, field)) for name, field in TEXTS.items()})
    held["caller_name"] = _shown(record, "caller_id.name")
    held["link"] = _link(record, site)
    held.update({key: _shown(record, key) for key in record if key.startswith("u_")})
    return held


def _value(record: Row, field: str) -> str | None:
    found = record.get(field)
    if isinstance(found, dict):
        found = found.get("value", found.get("display_value"))
    return str(found) if found not in (None, "") and not isinstance(found, list | dict) else None


def _shown(record: Row, field: str) -> str | None:
    """What people see, else what is stored."""
    found = record.get(field)
    if isinstance(found, dict):
        found = found.get("display_value") or found.get("value")
    return str(found) if found not in (None, "") and not isinstance(found, list | dict) else None


def _time(record: Row, field: str) -> str | None:
    return written(moment(_value(record, field)))


def _state(record: Row) -> str | None:
    field = "incident_state" if "incident_state" in record else "state"
    shown = _shown(record, field)
    if shown is not None and shown.isdigit() and _value(record, "sys_class_name") in (None, "incident"):
        shown = STATES.get(shown, shown)
    reason = _shown(record, "hold_reason")
    if shown == "On Hold" and reason:
        return f"{shown}: {HOLD_REASONS.get(reason, reason)}"
    return shown


def _link(record: Row, site: str) -> str | None:
    key, table = _value(record, "sys_id"), _value(record, "sys_class_name") or "incident"
    base = site.rstrip("/") or _site_of(record)
    if not key or not base:
        return None
    return f"{base}/nav_to.do?uri={quote(table)}.do%3Fsys_id%3D{quote(key)}"


def _site_of(record: Row) -> str:
    """The instance, from the link of any field that refers to another record."""
    for value in record.values():
        link = value.get("link") if isinstance(value, dict) else None
        if isinstance(link, str) and "/api/now/" in link and urlsplit(link).scheme == "https":
            return link.partition("/api/now/")[0]
    return ""
