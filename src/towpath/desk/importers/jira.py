"""Jira and Jira Service Management: issues of the REST interface (search, version 2 or 3) with changelog.

Bodies are text (version 2) or documents (ADF, version 3). An export made with `expand=names` tells what
custom fields are called, and so which one holds the team.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from towpath.desk.importers.records import NotATicket, blocks_of, read_records
from towpath.desk.importers.snapshots import AGENT, CUSTOMER, MACHINE, Change, history, moment, written
from towpath.desk.importers.texts import plain
from towpath.events.importers.chunks import Block, Row
from towpath.events.importers.files import Source

ARRAYS = ("issues",)
_TEAM = re.compile(
    r"(?i)(support |assigned |assignment |responsible )?(team|group)s?( name)?|equipo|grupo|équipe|团队|组"
)
_FOLLOWED = {
    "status": "state", "assignee": "agent", "priority": "priority", "issuetype": "kind", "summary": "title",
    "description": "text", "component": "component", "resolution": "solved_by", "parent": "parent",
    "impact": "impact", "urgency": "urgency",
}  # fmt: skip
"""Fields of a changelog (lower case), and the column that each is."""
_BOUND = {
    "is caused by": "caused_by", "is blocked by": "caused_by", "causes": "affects", "blocks": "affects",
    "duplicates": "duplicate_of", "is duplicated by": "affects", "is resolved by": "solved_through",
    "is fixed by": "solved_through", "is implemented by": "solved_through",
}  # fmt: skip
"""What Jira's own link types say of the other issue, and the column that it is. What only "relates to"
another, or is cloned, tells nothing of cause."""
_BEGINNING = re.compile(
    r'\s*[\[{].*?("expand"\s*:\s*"[^"]*(names|schema|operations|editmeta|changelog)|"changelog"\s*:\s*\{'
    r'|"self"\s*:\s*"https?://[^"]*/rest/api/)',
    re.DOTALL,
)


def recognises(beginning: str) -> bool:
    return _BEGINNING.match(beginning[:8_000]) is not None and (
        '"fields"' in beginning or '"issues"' in beginning
    )


def read_jira(source: Source, chunk_rows: int) -> Iterator[Block]:
    """Blocks of rows, one for each movement of each issue."""
    yield from blocks_of(read_records(source, ARRAYS), issue_rows, chunk_rows)


def issue_rows(issue: Row, site: str = "") -> Iterator[Row]:
    """The history of one issue, as rows. `site`: the address that people open it under. Raises NotATicket."""
    fields, number = issue.get("fields"), issue.get("key")
    opened = moment(fields.get("created")) if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or not number or opened is None:
        raise NotATicket("this is no issue: it has no key, no fields, or no time of creation")
    names = issue.get("names")
    team_fields = _team_fields(fields, names if isinstance(names, dict) else {})
    told, whole = _changes(issue.get("changelog"))
    today = _today(fields, team_fields)
    changes = [*_moves(told, set(team_fields.values())), *_comments(fields)]
    late = {
        **_late(fields),
        **_links(fields),
        "first_reply": _first_reply(changes),
        "history_cut": None if whole else True,
    }
    yield from history(opened, today, changes, _always(issue, fields, site), late)


def name_of(value: object) -> str | None:
    """What people call something that Jira tells as an object, a list of such, or a text."""
    if isinstance(value, dict):
        found = value.get("displayName") or value.get("name") or value.get("value") or value.get("key")
        return str(found) if found else None
    if isinstance(value, list):
        return ", ".join(filter(None, map(name_of, value))) or None
    return str(value) if value not in (None, "") else None


def _team_fields(fields: Row, names: Row) -> dict[str, str]:
    """Fields that hold the team: the key, and the name that the changelog calls it by."""
    found = {key: str(name) for key, name in names.items() if _TEAM.fullmatch(str(name).strip())}
    found.update({key: key for key in fields if _TEAM.fullmatch(key)})
    return found


def _today(fields: Row, team_fields: dict[str, str]) -> Row:
    team = next((name for key in team_fields if (name := name_of(fields.get(key)))), None)
    return {
        "state": name_of(fields.get("status")),
        "agent": name_of(fields.get("assignee")),
        "priority": name_of(fields.get("priority")),
        "kind": name_of(fields.get("issuetype")),
        "title": plain(fields.get("summary")),
        "text": plain(fields.get("description")),
        "component": name_of(fields.get("components")),
        "solved_by": name_of(fields.get("resolution")),
        "parent": name_of(fields.get("parent")),
        "team": team,
    }


def _always(issue: Row, fields: Row, site: str) -> Row:
    reporter = fields.get("reporter") or fields.get("creator") or {}
    person = reporter if isinstance(reporter, dict) else {"displayName": reporter}
    return {
        "number": issue["key"],
        "caller": person.get("emailAddress")
        or person.get("accountId")
        or person.get("name")
        or name_of(person),
        "caller_name": person.get("displayName"),
        "caller_mail": person.get("emailAddress"),
        "service": name_of(fields.get("project")),
        "opened": written(moment(fields.get("created"))),
        "link": _link(issue, site),
    }


def _late(fields: Row) -> Row:
    labels = fields.get("labels")
    return {
        "category": _request_type(fields),
        "labels": labels if isinstance(labels, list) else None,
        "made_sla": _made_sla(fields),
        "resolved": written(moment(fields.get("resolutiondate"))),
    }


def _link(issue: Row, site: str) -> str | None:
    own, marked = str(issue.get("self") or ""), "/rest/api/"
    base = site.rstrip("/") or (own.partition(marked)[0] if marked in own else "")
    return f"{base}/browse/{issue['key']}" if base.startswith(("https://", "http://")) else None


def _links(fields: Row) -> Row:
    """Issues that this one names, by how it says that it is bound to them; several with commas between."""
    found: dict[str, list[str]] = {}
    listed = fields.get("issuelinks")
    for each in listed if isinstance(listed, list) else ():
        kind = each.get("type") if isinstance(each, dict) else None
        for way in ("inward", "outward"):
            other = each.get(f"{way}Issue") if isinstance(kind, dict) else None
            column = _BOUND.get(str(kind.get(way) or "").casefold()) if isinstance(kind, dict) else None
            if column and isinstance(other, dict) and other.get("key"):
                found.setdefault(column, []).append(str(other["key"]))
    return {column: ", ".join(numbers) for column, numbers in found.items()}


def _request_type(fields: Row) -> str | None:
    """Jira Service Management's request type, where one of the fields is one."""
    for value in fields.values():
        kind = value.get("requestType") if isinstance(value, dict) else None
        if isinstance(kind, dict) and kind.get("name"):
            return str(kind["name"])
    return None


def _made_sla(fields: Row) -> bool | None:
    """Whether every finished cycle of every SLA was met; None where no field tells of one."""
    cycles = [
        cycle
        for value in fields.values()
        if isinstance(value, dict) and isinstance(value.get("completedCycles"), list)
        for cycle in [*value["completedCycles"], value.get("ongoingCycle")]
        if isinstance(cycle, dict) and "breached" in cycle
    ]
    return None if not cycles else not any(cycle["breached"] for cycle in cycles)


def _changes(changelog: object) -> tuple[list[Row], bool]:
    """Groups of changes, oldest first, and whether these are all that there are."""
    if not isinstance(changelog, dict):
        return [], False
    listed = changelog.get("histories", changelog.get("values"))
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    total = changelog.get("total")
    return sorted(found, key=_when), not isinstance(total, int) or total <= len(found)


def _when(group: Row) -> tuple[str, int]:
    number = str(group.get("id") or "")
    return written(moment(group.get("created"))) or "", int(number) if number.isdigit() else 0


def _moves(groups: Iterable[Row], team_names: set[str]) -> Iterator[Change]:
    teams = {name.casefold() for name in team_names}
    for group in groups:
        time, items = moment(group.get("created")), group.get("items")
        before: Row = {}
        after: Row = {}
        for item in items if isinstance(items, list) else ():
            column = _column(item, teams) if isinstance(item, dict) else None
            if column is not None:
                before.setdefault(column, plain(item.get("fromString")))
                after[column] = plain(item.get("toString"))
        if time is not None:
            yield Change(time, before, after)


def _column(item: Row, teams: set[str]) -> str | None:
    field, key = (str(item.get(name) or "").casefold() for name in ("field", "fieldId"))
    if field in teams or key in teams or _TEAM.fullmatch(field):
        return "team"
    return _FOLLOWED.get(field) or _FOLLOWED.get(key)


def _comments(fields: Row) -> Iterator[Change]:
    held = fields.get("comment")
    listed = held.get("comments") if isinstance(held, dict) else None
    for comment in listed if isinstance(listed, list) else ():
        time = moment(comment.get("created")) if isinstance(comment, dict) else None
        if time is not None:
            said: Row = {"comment": plain(comment.get("body")), "by": _by(comment.get("author"), fields)}
            if comment.get("jsdPublic") is False:
                said["internal"] = True
            yield Change(time, said=said)


def _by(author: object, fields: Row) -> str:
    if not isinstance(author, dict):
        return MACHINE
    if author.get("accountType") == "app":
        return MACHINE
    reporter = fields.get("reporter")
    own = ("accountId", "emailAddress", "key", "name")
    same = isinstance(reporter, dict) and any(author.get(k) and author.get(k) == reporter.get(k) for k in own)
    return CUSTOMER if same or author.get("accountType") == "customer" else AGENT


def _first_reply(changes: Iterable[Change]) -> str | None:
    replies = [each.time for each in changes if each.said.get("by") == AGENT and "internal" not in each.said]
    return written(min(replies, default=None))
