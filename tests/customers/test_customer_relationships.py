"""In which role one customer stands to another: by page, API and command; who may say so, and who may not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from who import customer_of, met, take_in

from towpath.customers.actions.forgetting import forget
from towpath.customers.actions.relating import relate
from towpath.customers.joining.observing import key_of
from towpath.customers.models import OpenForgetting, Relationship
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
ANNA, MAIL, FIRM = "account:anna", "mail:anna@firm.example", "account:firm"
ClientOf = Callable[..., Client]


@pytest.fixture(autouse=True)
def events(tmp_home: Home) -> None:
    take_in([met(0, ANNA, MAIL), met(1, FIRM)])


def rows() -> list[tuple[int, str, int]]:
    return list(Relationship.objects.values_list("member", "role", "of"))


def test_on_the_page_who_may_write_adds_and_removes_it_and_both_customers_show_it(
    agent: Person, client_of: ClientOf
) -> None:
    client, address = client_of(agent), f"/customers/{key_of(ANNA)}/"
    client.post(f"{address}change/", {"do": "relate", "other": FIRM, "role": "user", "way": "to"})
    client.post(f"{address}change/", {"do": "relate", "other": FIRM, "role": "sponsor", "way": "from"})
    assert set(rows()) == {(key_of(ANNA), "user", key_of(FIRM)), (key_of(FIRM), "sponsor", key_of(ANNA))}
    for page in (address, f"/customers/{key_of(FIRM)}/"):
        shown = " ".join(client.get(page).content.decode().split())
        assert f'{ANNA}</a> is user of <a href="/customers/{key_of(FIRM)}/">{FIRM}</a>' in shown
    number = Relationship.objects.get(role="user").pk
    client.post(f"{address}change/", {"do": "unrelate", "relationship": number})
    assert rows() == [(key_of(FIRM), "sponsor", key_of(ANNA))]
    verbs = AuditEntry.objects.filter(actor=agent.username).values_list("verb", flat=True)
    assert {"customer.related", "customer.unrelated"} <= set(verbs)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"other": MAIL, "role": "user"}, "That is the same customer"),
        ({"other": FIRM, "role": "king"}, "Say as what"),
        ({"other": "account:nobody", "role": "user"}, "Nobody is known by"),
    ],
)
def test_what_cannot_be_is_told_on_the_page(
    sent: dict[str, str], told: str, agent: Person, client_of: ClientOf
) -> None:
    answer = client_of(agent).post(f"/customers/{key_of(ANNA)}/change/", {"do": "relate", **sent})
    assert (answer.status_code, rows()) == (422, [])
    assert told in answer.content.decode()


def test_who_may_only_read_sees_it_and_a_customer_sees_nothing(
    leader: Person, customer_person: Person, client_of: ClientOf
) -> None:
    relate(OPERATOR, key_of(ANNA), key_of(FIRM), "user")
    address, sent = f"/customers/{key_of(ANNA)}/", {"do": "relate", "other": FIRM, "role": "sponsor"}
    page = client_of(leader).get(address).content.decode()
    assert "is user of" in " ".join(page.split()).replace("</a>", "")
    assert 'value="relate"' not in page
    assert 'value="unrelate"' not in page
    for person in (leader, customer_person):
        assert client_of(person).post(f"{address}change/", sent).status_code == 403
    assert client_of(customer_person).get(address).status_code == 403
    assert Client().post(f"{address}change/", sent).status_code == 302
    assert len(rows()) == 1


def test_over_the_api_it_is_listed_added_and_removed_with_the_right_scope_alone(key_client: ClientOf) -> None:
    reader, writer = key_client(["customers:read"]), key_client(["customers:write", "customers:read"])
    address, body = f"/api/customers/{key_of(MAIL)}/relationships", {"of": str(key_of(FIRM)), "role": "user"}
    assert reader.post(address, body, content_type="application/json").status_code == 403
    made = writer.post(address, body, content_type="application/json")
    assert made.status_code == 201
    assert writer.post(address, body, content_type="application/json").json() == made.json()
    (listed,) = reader.get(address).json()
    assert (listed["id"], listed["role"], listed["of"]) == (made.json()["id"], "user", FIRM)
    assert listed["member_key"] == str(customer_of(MAIL))
    gone = f"/api/customers/relationships/{listed['id']}"
    assert reader.delete(gone).status_code == 403
    assert (writer.delete(gone).status_code, writer.delete(gone).status_code) == (204, 404)
    assert key_client(["events:read"]).get(address).status_code == 403
    assert rows() == []


def test_over_the_api_it_is_said_what_cannot_be(key_client: ClientOf) -> None:
    writer = key_client(["customers:write", "customers:read"])
    address = f"/api/customers/{key_of(ANNA)}/relationships"
    answers = [
        writer.post(address, {"of": of, "role": role}, content_type="application/json").status_code
        for of, role in (
            (str(key_of(MAIL)), "user"),
            ("12", "user"),
            ("x", "user"),
            (str(key_of(FIRM)), "king"),
        )
    ]
    assert answers == [409, 404, 422, 422]


def test_by_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["customer", "relate", MAIL, "customer", FIRM]) == 0
    number = capsys.readouterr().out.strip()
    assert run(["customer", "show", FIRM]) == 0
    assert f"= {number}  account:anna is customer of account:firm" in capsys.readouterr().out.replace(
        "  is", " is"
    )
    assert run(["customer", "relate", MAIL, "customer", ANNA]) == 2
    assert run(["customer", "unrelate", number]) == 0
    capsys.readouterr()
    assert run(["customer", "show", FIRM, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["relationships"] == []


def test_it_goes_with_who_is_forgotten_and_none_is_made_meanwhile(transactional_db: None) -> None:
    relate(OPERATOR, key_of(MAIL), key_of(FIRM), "user")
    OpenForgetting.objects.create(key=1, keys=[key_of(FIRM)], at="2026-01-01T00:00Z")
    assert run(["customer", "relate", ANNA, "sponsor", FIRM]) == 2
    OpenForgetting.objects.all().delete()
    forget(OPERATOR, ANNA)
    assert rows() == []
