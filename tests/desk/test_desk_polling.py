"""Tickets are fetched from Jira and ServiceNow, a little at a time, and taken in once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk_exports import events, group, issue, pair, table_record
from django.core.exceptions import PermissionDenied, ValidationError
from helpdesk_stand_in import StandIn, serving

from towpath.desk import polling
from towpath.desk.actions.connections import connect, disconnect, set_active
from towpath.desk.importers import remote
from towpath.desk.models import Connection, Desk
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home

pytestmark = pytest.mark.django_db
SECRET = "token-of-the-test"


@pytest.fixture
def helpdesk(settings: Any) -> Iterator[StandIn]:
    settings.WEBHOOKS_PRIVATE = True
    with serving() as stand_in:
        yield stand_in


def connected(helpdesk: StandIn, kind: str = "jira", **more: Any) -> Connection:
    account = more.pop("account", "me@acme.example")
    return connect(OPERATOR, name="acme", kind=kind, url=helpdesk.url, secret=SECRET, account=account, **more)


def looked(row: Connection) -> Connection:
    polling.poll(OPERATOR, row.pk)
    row.refresh_from_db()
    return row


def at(key: str, updated: str, **more: Any) -> dict[str, Any]:
    return issue(key, updated=f"{updated}.000+0000", **more)


def test_all_pages_are_fetched_and_the_desk_is_made(tmp_home: Home, helpdesk: StandIn) -> None:
    helpdesk.issues = [at(f"IT-{number}", f"2026-01-06T1{number}:00:00") for number in range(5)]
    row = looked(connected(helpdesk, query="project = IT"))
    assert (row.problem, row.tickets) == ("", 5)
    assert row.cursor == datetime(2026, 1, 6, 14, tzinfo=UTC)
    assert {each["ticket"] for each in events()} == {f"IT-{number}" for number in range(5)}
    assert Desk.objects.get().source == "acme"
    asked = [query for _path, query, _headers in helpdesk.asked]
    assert asked[0]["jql"] == "(project = IT) ORDER BY updated ASC, key ASC"
    given = {headers["Authorization"] for _path, _query, headers in helpdesk.asked}
    assert given == {"Basic " + b64encode(f"me@acme.example:{SECRET}".encode()).decode()}


def test_the_next_look_asks_from_where_it_was_and_what_is_known_counts_once(
    tmp_home: Home, helpdesk: StandIn
) -> None:
    helpdesk.issues = [at("IT-1", "2026-01-06T11:00:00"), at("IT-2", "2026-01-06T12:00:00")]
    row = looked(connected(helpdesk))
    before, imports = len(events()), FileImport.objects.count()
    looked(row)
    assert "updated >= -" in helpdesk.asked[-1][1]["jql"]
    assert (len(events()), FileImport.objects.count()) == (before, imports)
    moved = at("IT-2", "2026-01-07T12:00:00")
    moved["changelog"]["histories"].append(
        group(9, "2026-01-07T12:00:00.000+0000", ("status", "Resolved", "Open"))
    )
    moved["changelog"]["total"] = 5
    helpdesk.issues[1] = moved
    assert looked(row).tickets == 3
    assert len(events()) == before + 1


def test_the_time_asked_from_reaches_back_before_the_last_change(tmp_home: Home, helpdesk: StandIn) -> None:
    row = connected(helpdesk)
    now = datetime.now(UTC)
    helpdesk.issues = [at("IT-1", f"{now - timedelta(minutes=10):%Y-%m-%dT%H:%M:%S}")]
    looked(looked(row))
    minutes = int(helpdesk.asked[-1][1]["jql"].split("-")[1].split("m")[0])
    assert minutes in (16, 17)


def test_a_history_that_comes_in_parts_is_fetched_whole(tmp_home: Home, helpdesk: StandIn) -> None:
    one = issue("IT-1")
    one["whole"] = one["changelog"]["histories"]
    one["changelog"] = {"total": 4, "histories": one["whole"][:1]}
    helpdesk.issues = [one]
    looked(connected(helpdesk))
    assert [row["type"] for row in events()].count("Waiting for customer") == 2
    assert not any("history_cut" in row["data"] for row in events())


def test_jira_data_center_is_asked_with_a_token_alone(tmp_home: Home, helpdesk: StandIn) -> None:
    helpdesk.issues = [at(f"IT-{number}", f"2026-01-06T1{number}:00:00") for number in range(5)]
    row = looked(connected(helpdesk, "jira-dc", account=""))
    assert (row.problem, row.tickets) == ("", 5)
    assert {headers["Authorization"] for _path, _query, headers in helpdesk.asked} == {f"Bearer {SECRET}"}
    assert {each["data"]["link"] for each in events()} == {
        f"{helpdesk.url}/browse/IT-{number}" for number in range(5)
    }


def test_servicenow_pages_go_by_the_time_of_change_also_where_many_share_one(
    tmp_home: Home, helpdesk: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PAGE", 3)
    same = pair("2026-03-02 10:00:00")
    helpdesk.records = [
        table_record(f"INC{number}", sys_id=pair(f"{number:032}"), sys_updated_on=same) for number in range(8)
    ]
    helpdesk.records.append(table_record("INC9", sys_updated_on=pair("2026-03-03 10:00:00")))
    row = looked(connected(helpdesk, "servicenow", query="active=true"))
    assert (row.problem, row.tickets) == ("", 9)
    assert len({each["ticket"] for each in events()}) == 9
    assert all("^active=true^ORDERBY" in query["sysparm_query"] for _path, query, _ in helpdesk.asked)
    looked(row)
    assert helpdesk.asked[-1][1]["sysparm_query"].startswith("sys_updated_on>=2026-03-03 09:55:00")


def test_who_is_named_is_masked_before_anything_is_kept(tmp_home: Home, helpdesk: StandIn) -> None:
    helpdesk.issues = [issue("IT-1")]
    looked(connected(helpdesk))
    kept = str(events())
    assert "Anna" not in kept
    assert "Ola" not in kept
    assert "anna.berg" not in kept
    assert list(tmp_home.uploads.iterdir()) == []


def test_names_stay_where_masking_is_not_wanted(tmp_home: Home, helpdesk: StandIn) -> None:
    helpdesk.issues = [issue("IT-1")]
    looked(connected(helpdesk, mask=False))
    assert events()[0]["identifier"] == "caller:anna.berg@kund.example"


def test_a_helpdesk_that_asks_to_wait_is_not_asked_before(tmp_home: Home, helpdesk: StandIn) -> None:
    helpdesk.troubles = [(429, {"Retry-After": "120"}, b"")]
    row = looked(connected(helpdesk))
    assert "asks to wait" in row.problem
    assert row.not_before is not None
    waits = (row.not_before - datetime.now(UTC)).total_seconds()
    assert 100 < waits <= 120
    assert polling.due(datetime.now(UTC)) == []
    assert polling.due(datetime.now(UTC) + timedelta(seconds=121)) == [row.pk]


def test_what_came_before_a_failure_is_kept_and_the_next_look_goes_on(
    tmp_home: Home, helpdesk: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "BATCH", 2)
    helpdesk.issues = [at(f"IT-{number}", f"2026-01-06T1{number}:00:00") for number in range(4)]
    first = helpdesk.answer
    calls = iter(range(10))

    def failing(path: str, query: dict[str, str]) -> object:
        return {"error": "no"} if next(calls) == 1 else first(path, query)

    monkeypatch.setattr(helpdesk, "answer", failing)
    row = looked(connected(helpdesk))
    assert "no list called 'issues'" in row.problem
    assert row.tickets == 2
    row = looked(row)
    assert (row.problem, row.tickets) == ("", 4)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, b"", "does not let this account in"),
        (302, b"", "answered with 302"),
        (200, b"<html>", "no JSON"),
        (500, b"", "answered with 500"),
    ],
)
def test_trouble_is_told_in_words_without_the_secret(
    tmp_home: Home, helpdesk: StandIn, status: int, body: bytes, told: str
) -> None:
    helpdesk.troubles = [(status, {"Location": "http://127.0.0.1/"}, body)]
    row = looked(connected(helpdesk))
    assert told in row.problem
    assert SECRET not in row.problem


def test_tickets_that_cannot_be_read_lie_in_quarantine(tmp_home: Home, helpdesk: StandIn) -> None:
    odd = issue("IT-2")
    odd["fields"]["created"] = "long ago"
    helpdesk.issues = [issue("IT-1"), odd]
    assert looked(connected(helpdesk)).problem == ""
    (record,) = QuarantinedRecord.objects.all()
    assert "IT-2" in record.raw


def test_the_secret_is_nowhere_in_clear(tmp_home: Home, helpdesk: StandIn) -> None:
    row = connected(helpdesk)
    assert SECRET not in row.secret
    assert SECRET not in str(list(AuditEntry.objects.values()))


def test_addresses_inside_a_private_network_are_refused_unless_allowed(tmp_home: Home) -> None:
    for url in ("http://127.0.0.1/", "https://169.254.169.254", "https://10.0.0.1", "ftp://a.example"):
        with pytest.raises(ValidationError) as refused:
            connect(OPERATOR, name="x", kind="jira", url=url, secret="s")
        assert set(refused.value.message_dict) == {"url"}


def test_an_address_that_leads_inside_later_is_refused_when_asked(
    tmp_home: Home, helpdesk: StandIn, settings: Any
) -> None:
    row = connected(helpdesk)
    settings.WEBHOOKS_PRIVATE = False
    assert "127.0.0.1" in looked(row).problem or "https" in looked(row).problem
    assert helpdesk.asked == []


def test_what_is_wrong_is_told_by_field(tmp_home: Home, helpdesk: StandIn) -> None:
    with pytest.raises(ValidationError) as refused:
        connect(OPERATOR, name="No Way", kind="fax", url=helpdesk.url, secret=" ", table="a b", every_s=1)
    assert set(refused.value.message_dict) == {"name", "kind", "secret", "table", "every_s"}


def test_one_who_may_not_manage_desks_may_not_connect(tmp_home: Home, helpdesk: StandIn) -> None:
    with pytest.raises(PermissionDenied):
        connect(ANONYMOUS, name="x", kind="jira", url=helpdesk.url, secret="s")


def test_a_stopped_connection_is_not_due_and_a_removed_one_is_forgotten(
    tmp_home: Home, helpdesk: StandIn
) -> None:
    row = connected(helpdesk)
    set_active(OPERATOR, "acme", active=False)
    assert polling.due(datetime.now(UTC)) == []
    set_active(OPERATOR, "acme", active=True)
    assert polling.due(datetime.now(UTC)) == [row.pk]
    disconnect(OPERATOR, "acme")
    assert polling.poll(OPERATOR, row.pk) == 0
