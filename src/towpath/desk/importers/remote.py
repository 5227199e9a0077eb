"""Tickets as helpdesks' interfaces give them, page by page, those that changed longest ago first.

An interface is asked for what changed since a time. Paging goes by the time of the change, never by counting
rows of a list that moves meanwhile, or by the interface's own mark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from towpath.desk.importers import jira, servicenow
from towpath.desk.importers.records import NotATicket
from towpath.desk.importers.snapshots import moment
from towpath.events.importers.chunks import Row

PAGE = 100
Ask = Callable[[str, Mapping[str, str]], Any]
"""GET a path of the helpdesk with a query; the JSON of its answer. Raises NotDelivered."""


class NotUnderstood(ValueError):
    """The helpdesk answered with something else than its interface promises; the text says what."""


@dataclass(frozen=True)
class Fetched:
    """A ticket, when it last changed, and its history as rows; `refused`: why it has none."""

    number: str
    updated: datetime
    rows: tuple[Row, ...]
    refused: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which tickets: those that changed at `since` or later (None: all), of `query`; `now` is the moment of
    asking, `site` the address that people open, `table` ServiceNow's."""

    since: datetime | None
    now: datetime
    site: str
    query: str = ""
    table: str = "incident"


def jira_pages(ask: Ask, wanted: Wanted) -> Iterator[list[Fetched]]:
    """Issues of Jira Cloud, with their whole changelog and all comments."""
    mark = ""
    while True:
        asked = {"jql": _jql(wanted), "fields": "*all", "expand": "changelog,names", "maxResults": str(PAGE)}
        answer = ask("/rest/api/3/search/jql", {**asked, **({"nextPageToken": mark} if mark else {})})
        yield [_issue(ask, each, answer, wanted, "3") for each in _listed(answer, "issues")]
        mark = answer.get("nextPageToken") or ""
        if not mark or answer.get("isLast") is True:
            return


def jira_dc_pages(ask: Ask, wanted: Wanted) -> Iterator[list[Fetched]]:
    """Issues of Jira Data Center. What changes while pages are turned moves to the end and comes again."""
    begin = 0
    while True:
        asked = {"jql": _jql(wanted), "fields": "*all", "expand": "changelog,names", "maxResults": str(PAGE)}
        answer = ask("/rest/api/2/search", {**asked, "startAt": str(begin)})
        found = _listed(answer, "issues")
        yield [_issue(ask, each, answer, wanted, "2") for each in found]
        # A page less one overlaps: an issue that changed meanwhile left its place to its neighbour.
        begin += max(len(found) - 1, 1)
        if len(found) < 2 or begin + 1 >= int(answer.get("total") or 0):
            return


def servicenow_pages(ask: Ask, wanted: Wanted) -> Iterator[list[Fetched]]:
    """Records of a table of ServiceNow."""
    since, skipped = wanted.since or datetime(1990, 1, 1, tzinfo=UTC), 0
    while True:
        at = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        conditions = [f"sys_updated_on>={at}", wanted.query, "ORDERBYsys_updated_on", "ORDERBYsys_id"]
        asked = {
            "sysparm_query": "^".join(filter(None, conditions)),
            "sysparm_display_value": "all",
            "sysparm_limit": str(PAGE),
            "sysparm_offset": str(skipped),
        }
        answer = ask(f"/api/now/table/{quote(wanted.table, safe='')}", asked)
        found = [_record(each, wanted) for each in _listed(answer, "result")]
        yield found
        if len(found) < PAGE:
            return
        last = found[-1].updated
        with_last = sum(each.updated == last for each in found)
        since, skipped = last, with_last + (skipped if last == since else 0)


PAGES = {"jira": jira_pages, "jira-dc": jira_dc_pages, "servicenow": servicenow_pages}
"""By kind of connection."""


def _jql(wanted: Wanted) -> str:
    """Relative minutes: a time of day would be read in the zone of whoever the account is."""
    conditions = [f"({wanted.query})"] if wanted.query else []
    if wanted.since is not None:
        minutes = math.ceil(max((wanted.now - wanted.since).total_seconds(), 0) / 60) + 1
        conditions.append(f"updated >= -{minutes}m")
    return " AND ".join(conditions) + (" " if conditions else "") + "ORDER BY updated ASC, key ASC"


def _listed(answer: object, name: str) -> list[Row]:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NotUnderstood(f"the answer holds no list called {name!r}; is this the right address?")
    return found


def _issue(ask: Ask, issue: Row, answer: Row, wanted: Wanted, version: str) -> Fetched:
    fields = issue.get("fields")
    updated = moment(fields.get("updated")) if isinstance(fields, dict) else None
    number = str(issue.get("key") or issue.get("id") or "?")
    if not isinstance(fields, dict) or updated is None:
        raise NotUnderstood(f"issue {number} has no fields, or no time of its last change")
    whole = {**issue, "names": issue.get("names") or answer.get("names")}
    base = f"/rest/api/{version}/issue/{quote(number, safe='')}"
    log = issue.get("changelog")
    if isinstance(log, dict) and int(log.get("total") or 0) > len(log.get("histories") or ()):
        histories = list(_all_of(ask, f"{base}/changelog", "values"))
        whole["changelog"] = {"total": len(histories), "histories": histories}
    said = fields.get("comment")
    if isinstance(said, dict) and int(said.get("total") or 0) > len(said.get("comments") or ()):
        comments = list(_all_of(ask, f"{base}/comment", "comments"))
        whole["fields"] = {**fields, "comment": {"comments": comments}}
    return _fetched(number, updated, lambda: jira.issue_rows(whole, wanted.site))


def _all_of(ask: Ask, path: str, name: str) -> Iterator[Row]:
    begin = 0
    while True:
        answer = ask(path, {"startAt": str(begin), "maxResults": str(PAGE)})
        found = _listed(answer, name)
        yield from found
        begin += len(found)
        if not found or begin >= int(answer.get("total") or 0):
            return


def _record(record: Row, wanted: Wanted) -> Fetched:
    held = record.get("sys_updated_on")
    updated = moment(held.get("value") if isinstance(held, dict) else held)
    shown = record.get("number")
    number = str((shown.get("value") if isinstance(shown, dict) else shown) or "?")
    if updated is None:
        raise NotUnderstood(f"record {number} has no sys_updated_on; may the account read that field?")
    return _fetched(number, updated, lambda: servicenow.record_rows(record, wanted.site))


def _fetched(number: str, updated: datetime, rows: Callable[[], Iterator[Row]]) -> Fetched:
    try:
        return Fetched(number, updated, tuple(rows()))
    except NotATicket as reason:
        return Fetched(number, updated, (), str(reason))
