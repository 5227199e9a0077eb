"""Tickets are bound to others as their sources name them, and each leads there where it is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_exports import issue, pair, table_record
from django.test import Client
from test_desk_flow_pages import MAPPING, READING, put_in, told

from towpath.desk.following import refresh
from towpath.desk.importers.jira import issue_rows
from towpath.desk.importers.servicenow import record_rows
from towpath.desk.models import Desk
from towpath.desk.queries.linking import links_of_ticket
from towpath.desk.rules.proposing import propose
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


def bound(name: str, inward: str, outward: str, **other: str) -> dict[str, object]:
    ((way, key),) = other.items()
    return {"type": {"name": name, "inward": inward, "outward": outward}, way: {"key": key}}


def test_jira_says_how_an_issue_is_bound() -> None:
    cause = ("Problem/Incident", "is caused by", "causes")
    twin = ("Duplicate", "is duplicated by", "duplicates")
    links = [
        bound(*cause, inwardIssue="OPS-9"),
        bound(*cause, inwardIssue="OPS-10"),
        bound(*twin, outwardIssue="OPS-2"),
        bound("Relates", "relates to", "relates to", outwardIssue="OPS-3"),
    ]
    last = list(issue_rows(issue(issuelinks=links)))[-1]
    assert (last["caused_by"], last["duplicate_of"]) == ("OPS-9, OPS-10", "OPS-2")
    assert "affects" not in last


@pytest.mark.parametrize(
    "links", [None, "x", [None], [{"type": "x"}], [{"type": {"inward": "is caused by"}}]]
)
def test_links_of_another_shape_are_none(links: object) -> None:
    last = list(issue_rows(issue(issuelinks=links)))[-1]
    assert "caused_by" not in last


def test_servicenow_names_the_problem_and_the_change() -> None:
    now = list(record_rows(table_record(problem_id=pair("PRB0001"), caused_by=pair("CHG0007"))))[-1]
    assert (now["solved_through"], now["caused_by"]) == ("PRB0001", "CHG0007")


def test_a_tables_columns_are_proposed_by_their_usual_names() -> None:
    found = propose(["number", "parent_incident", "Caused_By", "problem_id"], {})
    assert (found.parent, found.caused_by, found.solved_through) == (
        "data.parent_incident", "data.Caused_By", "data.problem_id",
    )  # fmt: skip


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    reading = READING + "  caused_by: data.cause\n  duplicate_of: data.twin\n"
    rows = (
        "at,number,state,team,caller,topic,cause,twin\n"
        "2026-01-01T08:00:00Z,T1,Open,Front,anna,login,CHG7,\n"
        '2026-01-01T09:00:00Z,T2,Open,Front,bert,login,,"T1, T1, T9"\n'
    )
    put_in(tmp_path, MAPPING + reading, rows)
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def test_the_other_ticket_tells_who_names_it(
    acme: Desk, agent: Person, client_of: object, tmp_path: Path
) -> None:
    rows = (
        "at,number,state,team,caller,topic,cause,twin\n"
        "2026-01-02T08:00:00Z,CHG7,Open,Front,anna,change,,\n"
        "2026-01-02T09:00:00Z,T3,Open,Front,bert,login,CHG7,T1\n"
    )
    reading = READING + "  caused_by: data.cause\n  duplicate_of: data.twin\n"
    put_in(tmp_path, MAPPING + reading, rows)
    refresh(acme)

    def named_by(number: str) -> list[tuple[str, int, tuple[str, ...]]]:
        found = links_of_ticket(OPERATOR, "acme", number).named_by
        return [(each.kind, each.tickets, each.numbers) for each in found]

    assert named_by("CHG7") == [("caused_by", 2, ("T1", "T3"))]
    assert named_by("T1") == [("duplicate_of", 2, ("T2", "T3"))]
    assert named_by("T2") == []
    client: Client = client_of(agent)  # type: ignore[operator]
    page = client.get("/desk/acme/ticket-links/", {"number": "CHG7"}).content.decode()
    assert "Caused by this" in page
    assert "2 tickets" in page
    assert 'href="/desk/acme/tickets/T3/"' in page


def test_a_ticket_leads_to_those_that_are_known(acme: Desk, agent: Person, client_of: object) -> None:
    assert told("tickets", "--number", "T2")["links"] == [
        {"kind": "duplicate_of", "number": "T1", "desk": "acme"},
        {"kind": "duplicate_of", "number": "T9", "desk": ""},
    ]
    assert told("tickets", "--number", "T1")["links"] == [
        {"kind": "caused_by", "number": "CHG7", "desk": ""},
    ]  # fmt: skip
    client: Client = client_of(agent)  # type: ignore[operator]
    page = client.get("/desk/acme/tickets/T2/").content.decode()
    assert 'href="/desk/acme/tickets/T1/"' in page
    assert "not among the tickets here" in page
