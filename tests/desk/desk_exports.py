"""Small exports of helpdesks, made by hand in the shapes that their interfaces give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from towpath.events import actions
from towpath.events.ingest import run_import
from towpath.events.mapping import Mapping, dump_mapping
from towpath.events.models import FileImport
from towpath.events.sniffing import sniff
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR

ANNA = {
    "accountId": "qm:1:anna", "accountType": "customer", "displayName": "Anna Berg",
    "emailAddress": "anna.berg@kund.example",
}  # fmt: skip
OLA = {"accountId": "5b10", "accountType": "atlassian", "displayName": "Ola Lind"}
BOT = {"accountId": "557", "accountType": "app", "displayName": "Automation"}


def paragraph(*words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": each} for each in words]}


def document(*paragraphs: str) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": [paragraph(each) for each in paragraphs]}


def group(number: int, created: str, *items: tuple[str, str | None, str | None]) -> dict[str, Any]:
    return {
        "id": str(number), "author": OLA, "created": created,
        "items": [
            {"field": field, "fieldtype": "jira", "fromString": before, "toString": after}
            for field, before, after in items
        ],
    }  # fmt: skip


def issue(key: str = "IT-1", **more: Any) -> dict[str, Any]:
    """An issue that went from first to second level, waited for its customer and was resolved."""
    fields = {
        "summary": "Cannot sign in", "description": document("Dear Ola,", "my account is locked."),
        "status": {"name": "Resolved", "statusCategory": {"key": "done"}}, "priority": {"name": "High"},
        "issuetype": {"name": "[System] Incident"}, "project": {"key": "IT", "name": "IT help"},
        "created": "2026-01-05T09:00:00.000+0100", "updated": "2026-01-06T12:00:00.000+0100",
        "resolutiondate": "2026-01-06T12:00:00.000+0100", "resolution": {"name": "Done"},
        "reporter": ANNA, "assignee": OLA, "components": [{"name": "sso"}], "labels": ["login"],
        "customfield_10010": {"requestType": {"name": "Password"}},
        "customfield_10020": {"name": "Time to resolution", "completedCycles": [{"breached": True}]},
        "customfield_10030": {"value": "2nd level"},
        "comment": {"comments": [
            {"author": BOT, "body": document("Received."), "created": "2026-01-05T09:00:05.000+0100"},
            {"author": OLA, "body": document("Looking."), "created": "2026-01-05T09:30:00.000+0100",
             "jsdPublic": False},
            {"author": OLA, "body": document("Which user?"), "created": "2026-01-05T10:00:00.000+0100"},
            {"author": ANNA, "body": document("anna.berg@kund.example"),
             "created": "2026-01-05T11:00:00.000+0100"},
        ]},
    }  # fmt: skip
    fields.update(more)
    histories = [
        group(4, "2026-01-06T12:00:00.000+0100", ("status", "In Progress", "Resolved"),
              ("resolution", None, "Done")),
        group(3, "2026-01-05T11:00:10.000+0100", ("status", "Waiting for customer", "In Progress")),
        group(2, "2026-01-05T10:00:10.000+0100", ("status", "Open", "Waiting for customer"),
              ("Support team", "1st level", "2nd level")),
        group(1, "2026-01-05T09:10:00.000+0100", ("assignee", None, "Ola Lind")),
    ]  # fmt: skip
    return {
        "expand": "names,changelog", "id": "10001", "key": key,
        "self": "https://acme.example/rest/api/3/issue/10001",
        "names": {"customfield_10030": "Support team"}, "fields": fields,
        "changelog": {"startAt": 0, "maxResults": 4, "total": 4, "histories": histories},
    }  # fmt: skip


def zammad_ticket(number: str = "22005", **more: Any) -> dict[str, Any]:
    """A ticket with articles and history, as `expand=true` gives them."""
    history = [
        {"object": "Ticket", "type": "created", "created_at": "2026-02-02T08:00:00.000Z"},
        {"object": "Ticket", "type": "updated", "attribute": "group", "value_from": "1st Level",
         "value_to": "Network", "created_at": "2026-02-02T09:00:00.000Z"},
        {"object": "Ticket", "type": "updated", "attribute": "state", "value_from": "new",
         "value_to": "open", "created_at": "2026-02-02T08:30:00.000Z"},
        {"object": "Ticket", "type": "updated", "attribute": "state", "value_from": "open",
         "value_to": "closed", "created_at": "2026-02-03T08:00:00.000Z"},
    ]  # fmt: skip
    articles = [
        {"id": 1, "sender": "Customer", "type": "email", "internal": False, "content_type": "text/html",
         "body": "<p>No <b>network</b><br>in room 5</p><script>steal()</script>",
         "created_at": "2026-02-02T08:00:00.000Z"},
        {"id": 2, "sender": "System", "type": "email", "internal": False, "body": "Ticket received.",
         "created_at": "2026-02-02T08:00:02.000Z"},
        {"id": 3, "sender": "Agent", "type": "email", "internal": False, "body": "We look at it.",
         "created_at": "2026-02-02T08:30:00.000Z"},
    ]  # fmt: skip
    return {
        "id": 5, "number": number, "title": "No network", "group": "Network", "group_id": 2,
        "state": "closed", "state_id": 4, "priority": "2 normal", "priority_id": 2,
        "owner": "kim@desk.example", "owner_id": 3, "customer": "eva@kund.example",
        "created_at": "2026-02-02T08:00:00.000Z",
        "updated_at": "2026-02-03T08:00:00.000Z", "close_at": "2026-02-03T08:00:00.000Z",
        "article_count": 3, "articles": articles, "history": history, **more,
    }  # fmt: skip


def pair(value: str, shown: str | None = None) -> dict[str, str]:
    return {"value": value, "display_value": value if shown is None else shown}


def table_record(number: str = "INC0010001", **more: Any) -> dict[str, Any]:
    """An incident of the Table API with `sysparm_display_value=all`."""
    return {
        "sys_id": pair("a" * 32), "number": pair(number), "sys_class_name": pair("incident", "Incident"),
        "state": pair("3", "On Hold"), "hold_reason": pair("1", "Awaiting Caller"),
        "opened_at": pair("2026-03-01 08:00:00", "2026-03-01 09:00:00"),
        "sys_updated_on": pair("2026-03-02 10:00:00", "2026-03-02 11:00:00"),
        "resolved_at": pair(""), "closed_at": pair(""), "priority": pair("2", "2 - High"),
        "caller_id": {**pair("b" * 32, "Eva Holm"), "link": "https://acme.example/api/now/table/sys_user/b"},
        "assignment_group": pair("c" * 32, "Network"), "assigned_to": pair("d" * 32, "Kim Ek"),
        "contact_type": pair("phone", "Phone"), "category": pair("network", "Network"),
        "short_description": pair("Eva Holm cannot reach the VPN"), "made_sla": pair("true"),
        "description": pair("Call me on +46 70 123 45 67"), **more,
    }  # fmt: skip


def written(path: Path, content: object) -> Path:
    """The content as JSON in a file."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def imported(path: Path, mapping: Mapping | None = None, name: str = "") -> FileImport:
    """The file taken in by the mapping given, or by the one that is proposed for it."""
    mapping = mapping or sniff(path, name=name or path.name).mapping
    draft = actions.draft_import(OPERATOR, path, path.name, mapping=dump_mapping(mapping))
    done = run_import(actions.confirm_import(OPERATOR, draft, dump_mapping(mapping)))
    assert done.error == "", done.error
    return done


def events(columns: str = "*", source: str = "") -> list[dict[str, Any]]:
    """What lies in the lake, in order."""
    found: list[dict[str, Any]] = lake().snapshot().query("from events").to_pylist()
    rows = [row for row in found if not source or row["source"] == source]
    for row in rows:
        row["data"] = json.loads(row["data"]) if row["data"] else {}
    names = columns.split()
    ordered = sorted(rows, key=lambda row: (row["ticket"], row["time"], row["seq"]))
    return ordered if names == ["*"] else [{name: row[name] for name in names} for row in ordered]
