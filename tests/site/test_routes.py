"""Every address is in the table of who may open it, and opens to them alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from route_examples import API_EXAMPLES, EXAMPLES

from towpath.foundation.access.rules import declared
from towpath.foundation.people.models import Person
from towpath.foundation.people.rules import Role
from towpath.site.route_table import CLOSED, SIGN_IN, Route, operations, page_routes, table

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db
PersonWith = Callable[..., Person]
ClientOf = Callable[[Person], Client]


def address_of(page: Route) -> str:
    if "<" in page.address and page.name not in EXAMPLES:
        pytest.fail(f"{page.name} takes arguments: give an example of them in tests/site/route_examples.py")
    return reverse(page.name, kwargs=EXAMPLES.get(page.name, {}))


def called(operation: Route) -> str:
    missing = [
        name for name in re.findall(r"{(?:\w+:)?(\w+)}", operation.address) if name not in API_EXAMPLES
    ]
    if missing:
        pytest.fail(f"{operation.address}: give an example of {missing} in tests/site/route_examples.py")
    return re.sub(r"{(?:\w+:)?(\w+)}", lambda found: API_EXAMPLES[found[1]], operation.address)


def sends_to_sign_in(client: Client, address: str) -> bool:
    answer = client.get(address)
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_the_table_in_the_documentation_is_the_code_s() -> None:
    kept = (ROOT / "docs/routes.md").read_text()
    assert kept == table(), "run `towpath routes > docs/routes.md` and read what changed"


def test_the_openapi_document_in_git_is_the_code_s() -> None:
    from towpath.site.commands import openapi_document

    kept = (ROOT / "docs/openapi.json").read_text()
    assert kept == openapi_document(), "run `towpath openapi > docs/openapi.json` and read what changed"


def test_no_address_is_left_without_a_word_on_who_may_open_it() -> None:
    assert [route.address for route in (*page_routes(), *operations()) if route.access == CLOSED] == []


def test_addresses_of_other_packages_are_few_and_known() -> None:
    assert {route.address.split("/")[1] for route in page_routes() if route.access == SIGN_IN} == {"accounts"}


def test_no_example_is_left_over() -> None:
    assert set(EXAMPLES) <= {route.name for route in page_routes()}


@pytest.mark.parametrize("page", page_routes(), ids=lambda page: page.address)
def test_a_page_opens_to_those_whom_the_table_names(
    page: Route, person_with: PersonWith, client_of: ClientOf
) -> None:
    address = address_of(page)
    if page.access in (SIGN_IN, "public"):
        assert Client().get(address).status_code != 403
        return
    assert sends_to_sign_in(Client(), address)
    assert sends_to_sign_in(Client(), address + "?next=elsewhere")
    for role in Role:
        status = client_of(person_with(role.value)).get(address).status_code
        allowed = page.access == "signed-in" or role.value in page.roles
        assert (status != 403) == allowed, f"{role} got {status}"
    if page.access != "signed-in":
        assert client_of(person_with(username="without-a-role")).get(address).status_code == 403


@pytest.mark.parametrize("operation", operations(), ids=lambda found: f"{found.method} {found.address}")
def test_an_operation_answers_those_whom_the_table_names(
    operation: Route, person_with: PersonWith, client_of: ClientOf, key_client: Callable[..., Client]
) -> None:
    def status(client: Client) -> int:
        return int(client.generic(operation.method, called(operation)).status_code)

    assert status(Client()) == 401
    for role in Role:
        allowed = operation.access == "signed-in" or role.value in operation.roles
        assert (status(client_of(person_with(role.value))) not in (401, 403)) == allowed, role
    if operation.access != "signed-in":
        others = [name for name in declared() if name != operation.access]
        assert status(key_client(others)) == 403


def test_a_view_that_says_nothing_is_closed(
    administrator: Person, client_of: ClientOf, settings: object
) -> None:
    settings.ROOT_URLCONF = "silent_routes"  # type: ignore[attr-defined]
    assert client_of(administrator).get("/silent/").status_code == 403
    assert Client().get("/silent/").status_code == 403
