"""The command line and the API say who is who; what is held about a customer is handed out whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from who import customer_of, met, take_in, together

from towpath.customers.joining.observing import key_of
from towpath.customers.models import Decision, Question
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
A, B, MAIL = "account:a", "account:b", "mail:anna@shop.example"
Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def events(tmp_home: Home) -> None:
    take_in(
        [
            met(0, A, MAIL, session="s1"),
            met(1, MAIL, type_="mailed", data='{"subject": "Hello"}'),
            met(2, B, "device:d"),
            met(3, A, "device:d"),
        ]
    )


def printed(capsys: Printed, *command: str) -> str:
    assert run(list(command)) == 0
    return capsys.readouterr().out


def test_a_customer_is_shown_by_key_and_by_any_identifier(capsys: Printed) -> None:
    for name in (str(key_of(A)), str(key_of(MAIL)), "mail:anna@SHOP.example", "anna@shop.example"):
        found = json.loads(printed(capsys, "customer", "show", name, "--json"))
        assert [each["written"] for each in found["identifiers"]] == [A, MAIL, "session:shop:s1"]
    assert "mail:anna@shop.example 98%" in printed(capsys, "customer", "show", A)
    assert run(["customer", "show", "mail:nobody@x.example"]) == 2
    assert "Nobody is known by" in capsys.readouterr().err


def test_everything_held_is_exported_once_and_on_record(capsys: Printed, agent: Person) -> None:
    held = json.loads(printed(capsys, "customer", "export", MAIL))
    assert [event["type"] for event in held["events"]] == ["visit", "mailed", "visit"]
    assert {(link["one"], link["other"]) for link in held["links"]} >= {tuple(sorted((A, MAIL), key=key_of))}
    assert held["identity"]["key"] == held["key"] == str(key_of(A))
    assert held["events"][1]["data"] == '{"subject": "Hello"}'
    again = json.loads(printed(capsys, "customer", "export", MAIL))
    assert "customer.exported" in [look["verb"] for look in again["looks"]]
    assert AuditEntry.objects.filter(verb="customer.exported", target=str(key_of(A))).count() == 2


def test_customers_are_merged_parted_and_it_is_undone(capsys: Printed) -> None:
    before = together()
    assert printed(capsys, "customer", "merge", A, B, "--why", "one person").strip() == str(customer_of(B))
    number = str(Decision.objects.get().pk)
    assert f"! {number}" in printed(capsys, "customer", "show", A)
    printed(capsys, "customer", "undo", number)
    assert together() == before
    assert printed(capsys, "customer", "part", MAIL).strip() == str(key_of(MAIL))
    assert run(["customer", "undo", number]) == 2
    assert "undone already" in capsys.readouterr().err
    assert run(["customer", "merge", A]) == 2


def test_questions_are_listed_and_resolving_again_changes_nothing(capsys: Printed) -> None:
    (asked,) = json.loads(printed(capsys, "customers", "questions", "--json"))
    assert asked["subject_name"] == "device:d"
    assert "device:d | " in printed(capsys, "customers", "questions")
    outcome = json.loads(printed(capsys, "customers", "resolve", "--json"))
    assert (outcome["looked_at"], outcome["placed"], outcome["asked"]) == (5, 0, 0)


def test_rules_go_out_and_come_in(capsys: Printed, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(printed(capsys, "customers", "rules", "export"))
    assert json.loads(printed(capsys, "customers", "rules", "apply", str(file), "--json"))["version"] == 1
    assert printed(capsys, "customers", "rules", "export") == file.read_text()
    assert "unchanged" in printed(capsys, "customers", "rules", "apply", str(file))
    file.write_text(file.read_text().replace("join:", "joins:"))
    assert run(["customers", "rules", "apply", str(file)]) == 2
    assert "rules.yaml, line" in capsys.readouterr().err


def test_the_api_says_who_is_who(
    agent: Person, service_manager: Person, leader: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(agent)

    def post(address: str, body: object, by: Client = client) -> tuple[int, object]:
        answer = by.post(f"/api/customers/{address}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    status, found = post("search", {"identifier": MAIL})
    assert (status, [each["key"] for each in found]) == (200, [str(key_of(A))])  # type: ignore[attr-defined]
    both = {"customers": [str(key_of(MAIL)), str(key_of(B))], "why": "one"}
    assert post("merge", both, client_of(leader))[0] == 403
    status, whose = post("merge", both)
    assert (status, whose) == (200, {"customer": str(customer_of(A))})
    assert post(f"decisions/{Decision.objects.get().pk}/undo", {}) == (204, None)
    assert post(f"decisions/{Decision.objects.get().pk}/undo", {})[0] == 409
    (asked,) = client.get("/api/customers/questions").json()
    chosen = {"answer": "one", "candidate": str(key_of(B))}
    assert post(f"questions/{asked['id']}/answer", chosen) == (204, None)
    assert Question.objects.get().state == "decided"
    assert post("part", {"identifiers": [str(key_of("device:d"))]})[0] == 200
    assert post("merge", {"customers": ["x", "y"]})[0] == 422
    identity = client.get(f"/api/customers/{key_of(MAIL)}/identity").json()
    assert identity["key"] == str(key_of(A))
    assert client.get(f"/api/customers/{key_of(A)}/export").status_code == 403
    assert client_of(service_manager).get(f"/api/customers/{key_of(A)}/export").json()["key"] == str(
        key_of(A)
    )


@pytest.mark.parametrize("what", ["identity", "relationships", "export", "story"])
@pytest.mark.parametrize("key", [1 << 63, 10**30, -(1 << 63) - 1])
def test_a_number_that_no_key_can_be_is_nobody_s(
    key_client: Callable[..., Client], tmp_home: Home, what: str, key: int
) -> None:
    client = key_client(["customers:read", "customers:export"])
    assert client.get(f"/api/customers/{key}/{what}").status_code == 404
    assert run(["forget", str(key), "--yes"]) == 0, "it may be somebody's account, of whom nothing is held"
