"""A customer planted everywhere is found nowhere after `towpath forget`, and does not come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django_tasks_db.models import DBTaskResult
from traces import found_in
from who import customer_of, event, met, put_in, take_in

from towpath.customers.actions.deciding import merge, part
from towpath.customers.actions.forgetting import forget
from towpath.customers.jobs import forget_customer
from towpath.customers.joining.observing import key_of
from towpath.customers.models import Customer, Decision, Identifier
from towpath.desk.models import CallImport, CallSeries, Desk, ProblemAnalysis, Ticket
from towpath.events import forgetting, keys
from towpath.events.envelope import EVENT_SCHEMA, subject_key
from towpath.events.ingest import quarantine_received
from towpath.events.jobs import flush_inbox, import_file
from towpath.events.lake.log import Turn
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.receiving import RefusedEvent
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import OPERATOR, Actor
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.audit.queries import record_of
from towpath.foundation.audit.sealing import seal
from towpath.foundation.operations.blotting import Names
from towpath.foundation.operations.forgetting import places
from towpath.foundation.operations.home import Home
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding, Review, ReviewAction, ReviewLine

MAIL, ACCOUNT, PHONE = "mail:rosa.winter@post.example", "account:4711-rosa", "phone:+49301234567"
TRACES = ("rosa.winter", "4711-rosa", "+49301234567")
NOW = datetime.now(UTC)


def plant_finding() -> None:
    """One that shows a ruined day of theirs, and whose next step names them."""
    shown = {"customer": str(subject_key(f"customer:{ACCOUNT}")), "source": "shop", "id": "1"}
    found = Finding.objects.create(
        digest="planted",
        key="planted",
        detected={"moments": [shown]},
        score=1.0,
        first_seen=NOW,
        last_seen=NOW,
        next_step=f"Call {PHONE}",
    )
    review = Review.objects.create(finding=found, begin=NOW, happened=f"{MAIL} told us", started_by="ana")
    ReviewLine.objects.create(review=review, at=NOW, text=f"{PHONE} called", by="ana")
    ReviewAction.objects.create(
        review=review,
        kind="prevent",
        text=f"Ask {MAIL}",
        owner="Payments",
        due=NOW.date(),
        result=f"{PHONE} knows",
    )


def plant_ticket() -> None:
    """One of theirs, as it stands."""
    desk = Desk.objects.create(name="planted", source="planted", reading="")
    Ticket.objects.create(
        desk=desk,
        number="T1",
        kind="incident",
        title=f"{PHONE} cannot sign in",
        customer=MAIL,
        subjects=str(key_of(MAIL)),
        opened=0,
        moved=0,
        state="new",
        is_open=True,
        hand_overs=0,
        reopened=0,
        ping_pong=False,
        disordered=False,
        words="t1 rosa.winter cannot sign in",
        digest=0,
    )
    body = {"deviation": f"{MAIL} cannot sign in", "pairs": [], "causes": []}
    ProblemAnalysis.objects.create(desk=desk, number="T1", version=1, body=body, changed_by="ana")
    series = CallSeries.objects.create(name="planted", zone="UTC", minutes=30, mapping={})
    CallImport.objects.create(series=series, by="ana", refused=[{"line": 2, "text": f"{PHONE},sales,1"}])


def plant(home: Home) -> None:
    """Body, tail, inbox, replaced files, quarantine, upload, staged rows, story, job, finding, messages."""
    take_in([met(1, ACCOUNT, MAIL), met(2, ACCOUNT, PHONE), met(3, "account:other"), met(4, MAIL)], "first")
    put_in([met(number, ACCOUNT) for number in range(5, 9)], "second")
    talk = event("call", "c-77", 9, identifier="account:agent", data=f'{{"asked_about": "{MAIL}"}}')
    with lake().writing() as tail:
        rows = [talk, met(10, PHONE)]
        tail.append(Turn("planted", 1), pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))
    inbox().accept(pa.RecordBatch.from_pylist([met(11, MAIL), met(12, "account:other")], schema=EVENT_SCHEMA))
    quarantine_received([RefusedEvent("event 1", "no time", json.dumps({"subject": MAIL}), 0)], source="shop")
    upload = home.uploads / "letters.csv"
    upload.write_text(f"who,what\n{MAIL},wrote\n")
    FileImport.objects.create(name="letters.csv", path=str(upload), uploaded=True, digest="d")
    (home.staging / "stopped" / "month=2024-01").mkdir(parents=True)
    (home.root / "stories" / "0.1").mkdir(parents=True)
    (home.root / "histories" / "shop" / "kept").mkdir(parents=True)
    pq.write_table(
        pa.Table.from_pylist([met(1, MAIL)], schema=EVENT_SCHEMA),
        home.staging / "stopped" / "month=2024-01" / "0.parquet",
    )
    import_file.enqueue(f"not an import, but {MAIL}")
    plant_finding()
    plant_ticket()
    for handled in (None, NOW):
        OutboxMessage.objects.create(
            announcement="Seen", listener="x", body={"who": MAIL.upper()}, handled_at=handled
        )
    key = customer_of(MAIL)
    AuditEntry.objects.create(
        actor_kind="person", actor="anna", verb="noted", target=str(key), after={"of": seal([key], [PHONE])}
    )
    Decision.objects.create(verdict="together", why=f"{MAIL} said so", by="anna")


def records_text() -> str:
    """Every row of every table of the records, whichever server keeps them."""
    with connection.cursor() as cursor:
        rows: list[Any] = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')
            rows += cursor.fetchall()
    return str(rows).lower()


def test_after_forgetting_no_file_and_no_record_names_them(transactional_db: None, tmp_home: Home) -> None:
    plant(tmp_home)
    planted = found_in(tmp_home, TRACES)
    assert {name.split("/")[0] for name in planted} >= {"lake", "inbox.sqlite3", "uploads", "staging"}
    assert all(trace in records_text() for trace in TRACES[:2])
    noted = AuditEntry.objects.get(verb="noted")
    assert record_of(noted).after == {"of": [PHONE]}
    done = forget(OPERATOR, MAIL)
    assert record_of(noted).after == {"of": "(forgotten)"}
    assert found_in(tmp_home, TRACES) == {}
    assert [trace for trace in TRACES if trace in records_text()] == []
    assert done.identifiers == 3
    assert list(done.removed) == places()
    assert list(done.removed).index("the inbox") < list(done.removed).index("the lake")
    assert places()[0] == "the list of who must not come back"
    assert {place for place, count in done.removed.items() if not count} == set()


def test_others_keep_what_is_theirs(transactional_db: None, tmp_home: Home) -> None:
    plant(tmp_home)
    before = lake().snapshot().rows
    forget(OPERATOR, ACCOUNT)
    left = lake().snapshot().query('select identifier, "case", data from events order by 1').to_pylist()
    assert {row["identifier"] for row in left} == {"account:other", "account:agent"}
    assert [row["data"] for row in left if row["case"] == "c-77"] == ['{"asked_about": "(forgotten)"}']
    assert before - len(left) == 8
    assert Identifier.objects.filter(value="other").exists()
    assert not QuarantinedRecord.objects.exists()
    assert AuditEntry.objects.filter(verb="customer.forgotten").count() == 1


def test_neither_a_replay_nor_an_old_file_brings_them_back_but_they_may_come_anew(
    transactional_db: None, tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)
    put_in([met(1, ACCOUNT, id="known")], "first")
    forget(OPERATOR, ACCOUNT)
    again = [met(1, ACCOUNT, id="known"), met(2, ACCOUNT, id="late")]
    inbox().accept(pa.RecordBatch.from_pylist(again, schema=EVENT_SCHEMA))
    assert (flush_inbox(), inbox().fill().events) == (0, 0)
    put_in([*again, met(3, "account:other")], "old")
    assert lake().snapshot().query("select identifier from events")["identifier"].to_pylist() == [
        "account:other"
    ]
    new = met(0, ACCOUNT, id="new", time=datetime.now(UTC) + timedelta(minutes=1))
    inbox().accept(pa.RecordBatch.from_pylist([new], schema=EVENT_SCHEMA))
    assert flush_inbox() == 1
    assert len(keys.forgotten().until) == 1


def test_under_a_key_nobody_knows_it_says_so(db: None, tmp_home: Home) -> None:
    lake()
    with pytest.raises(Http404, match=r"Nothing is known of a customer 4711"):
        forget(OPERATOR, "4711")
    assert not Customer.objects.exists()


def test_whoever_is_known_from_quarantine_or_inbox_alone_is_forgotten_too(
    transactional_db: None, tmp_home: Home
) -> None:
    lake()
    quarantine_received([RefusedEvent("event 1", "no time", json.dumps({"subject": MAIL}), 0)], source="shop")
    inbox().accept(pa.RecordBatch.from_pylist([met(1, MAIL)], schema=EVENT_SCHEMA))
    forget(OPERATOR, MAIL)
    assert not QuarantinedRecord.objects.exists()
    assert inbox().fill().events == 0


def test_only_administrators_may(db: None, tmp_home: Home) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        forget(Actor("key", name="k", scopes=frozenset({"customers:write"})), MAIL)


def test_on_the_page_an_administrator_is_asked_first_and_a_worker_does_it(
    transactional_db: None,
    tmp_home: Home,
    administrator: Person,
    agent: Person,
    client_of: Callable[..., Client],
) -> None:
    take_in([met(1, ACCOUNT, MAIL), met(2, "account:other")], "first")
    key = customer_of(MAIL)
    address = f"/customers/{key}/forget/"
    assert client_of(agent).get(address).status_code == 403
    client = client_of(administrator)
    assert address in client.get(f"/customers/{key}/").content.decode()
    asked = client.get(address).content.decode()
    assert "For good" in asked
    assert "This cannot be undone" in asked
    assert "known by 2 identifiers" in asked
    assert client.post(address).status_code == 422
    assert not DBTaskResult.objects.exists()
    assert client.post(address, {"sure": "yes"}).status_code == 302
    job = DBTaskResult.objects.get(task_path=forget_customer.module_path)
    assert forget_customer.func(*job.args_kwargs["args"])["the lake"] == 1
    assert not Identifier.objects.filter(customer=key).exists()


def test_over_the_api_too(transactional_db: None, tmp_home: Home, key_client: Callable[..., Client]) -> None:
    take_in([met(1, ACCOUNT, MAIL)], "first")
    address = f"/api/customers/{customer_of(ACCOUNT)}"
    assert key_client(["customers:write"]).delete(address).status_code == 403
    assert key_client(["customers:forget"]).delete("/api/customers/12").status_code == 404
    assert key_client(["customers:forget"]).delete(address).status_code == 202
    assert DBTaskResult.objects.filter(task_path=forget_customer.module_path).count() == 1


def test_what_people_wrote_of_a_customer_cannot_be_read_in_the_audit_log_any_more(
    transactional_db: None, tmp_home: Home
) -> None:
    other = "mail:rosa@home.example"
    take_in([met(1, ACCOUNT), met(2, other)], "first")
    merge(OPERATOR, [customer_of(ACCOUNT), customer_of(other)], "she is rosa@home.example")
    entry = AuditEntry.objects.get(verb="customers.merged")
    assert record_of(entry).after["why"] == "she is rosa@home.example"
    assert "rosa" not in str(entry.after)
    key = customer_of(ACCOUNT)
    part(OPERATOR, [key_of(other)])
    forget(OPERATOR, other)
    assert record_of(entry).after["why"] == "(forgotten)"
    forget(OPERATOR, ACCOUNT)
    assert str(key) not in AuditEntry.objects.filter(verb="customer.forgotten").values_list(
        "target", flat=True
    )


@pytest.mark.parametrize(
    ("content", "goes"),
    [("x" * 90 + " crm:12345", False), ("x" * 93 + " crm:1234", True), ("crm:1234\n" + "y" * 300, True),
     ("x" * 130 + ",crm:1234," + "y" * 300, True), ("x" * 95 + "crm:1234", False)],
)  # fmt: skip
def test_an_upload_goes_only_where_it_names_them_wherever_its_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, goes: bool
) -> None:
    (tmp_path / "upload.csv").write_text(content)
    for size in range(90, 110):
        monkeypatch.setattr(forgetting, "READ_BYTES", size)
        assert forgetting._holds(tmp_path / "upload.csv", Names.of(["crm:1234"])) == goes
