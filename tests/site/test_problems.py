"""Errors of the API are RFC 9457 problems, wherever they arise."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.db import DataError
from django.test import Client

from towpath.foundation.accounts import api as accounts
from towpath.foundation.people.models import Person
from towpath.site.commands import openapi_document

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def test_a_wrong_shape_is_told_with_its_place(client_of: Callable[[Person], Client], agent: Person) -> None:
    answer = client_of(agent).post("/api/keys", json.dumps({"name": 7}), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    told = answer.json()
    assert {"type", "title", "status", "detail", "errors"} == set(told)
    assert {error["location"] for error in told["errors"]} == {"body/wanted/name", "body/wanted/scopes"}


def test_a_body_that_is_no_json_is_a_problem(client_of: Callable[[Person], Client], agent: Person) -> None:
    answer = client_of(agent).post("/api/keys", "{", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def test_an_address_or_method_that_is_not_there_is_a_problem(client: Client) -> None:
    answer = client.get("/api/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    answer = client.delete("/api/people")
    assert (answer.status_code, answer["Content-Type"], answer["Allow"]) == (405, PROBLEM, "GET")


def test_a_crash_is_a_problem_that_gives_nothing_away(
    client_of: Callable[[Person], Client], agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(accounts.queries, "keys", crash)
    client = client_of(agent)
    client.raise_request_exception = False
    answer = client.get("/api/keys")
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "the inside" not in answer.content.decode()
    assert answer["X-Request-ID"]


def test_the_document_is_for_those_who_are_signed_in(
    client: Client, client_of: Callable[[Person], Client], customer_person: Person
) -> None:
    assert client.get("/api/openapi.json").status_code == 401
    document = client_of(customer_person).get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document == json.loads(openapi_document())


def test_a_value_that_the_records_cannot_hold_is_the_asker_s_mistake(
    client_of: Callable[[Person], Client], administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflow(*_arguments: object) -> None:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")

    monkeypatch.setattr(accounts.queries, "keys", overflow)
    client = client_of(administrator)
    answer = client.get("/api/keys")
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert client.get("/administration/keys/").status_code == 400
