"""Every page, by every method: the anonymous, the wrong role, a key, a forged form, a hostile query."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from route_examples import EXAMPLES
from small_shop import JOURNEY, take_in

from towpath.foundation.access.rules import declared
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.foundation.people.rules import Role
from towpath.site.route_table import SIGN_IN, Route, page_routes

pytestmark = pytest.mark.django_db
PersonWith = Callable[..., Person]
ClientOf = Callable[[Person], Client]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
GUARDED = [page for page in page_routes() if page.access not in (SIGN_IN, "public")]
EVIL = "%3Cscript%3Ealert(7)%3C/script%3E"
QUERIES = (
    "page=-1&sort=--x&top=-1&from=0001-01-01&to=9999-12-31",
    "page=99999999999999999999999999&window=99999999999999999999d&from=9999-99-99&mode=zz&over=zz",
    "page=%00&q=%00&text=%00&source=%00&actor=%00&target=%00&by=%00",
    f"by={EVIL}&step={EVIL}&state={EVIL}&segment={EVIL}&verb={EVIL}&source={EVIL}&page=%C2%B2",
    f"from={EVIL}&to={EVIL}&window={EVIL}&text={EVIL}&actor={EVIL}&side={EVIL}",
)


def address_of(page: Route) -> str:
    return reverse(page.name, kwargs=EXAMPLES.get(page.name, {}))


def each_page(function: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.address)(function)


@each_page
def test_the_anonymous_are_sent_to_sign_in_by_whichever_method_they_ask(page: Route) -> None:
    for method in METHODS:
        answer = Client().generic(method, address_of(page))
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True), method


@each_page
def test_the_wrong_role_is_refused_by_whichever_method_it_asks(
    page: Route, person_with: PersonWith, client_of: ClientOf
) -> None:
    wrong = [role for role in Role if page.access != "signed-in" and role.value not in page.roles]
    for role in wrong:
        client = client_of(person_with(role.value))
        for method in METHODS:
            assert client.generic(method, address_of(page)).status_code == 403, f"{role} {method}"


@each_page
def test_a_key_opens_no_page_but_those_that_take_keys(page: Route, key_client: Callable[..., Client]) -> None:
    answer = key_client(declared()).get(address_of(page))
    assert answer.status_code == (200 if page.name == "metrics" else 302)


@each_page
def test_a_form_that_another_site_sends_is_refused(page: Route, administrator: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(address_of(page)).status_code == 403
    token = client.get("/accounts/password/change/").cookies["csrftoken"].value
    forged = {"Origin": "https://evil.example", "X-CSRFToken": token}
    assert client.post(address_of(page), headers=forged).status_code == 403


@pytest.fixture
def shop(tmp_home: Home, tmp_path: Path, key_client: Callable[..., Client]) -> None:
    take_in(tmp_path)
    key_client(declared()).put("/api/journeys/order", JOURNEY, content_type="application/yaml")


def test_no_query_breaks_a_page_or_comes_back_as_markup(
    shop: None, administrator: Person, client_of: ClientOf
) -> None:
    client = client_of(administrator)
    asked = 0
    for page in GUARDED:
        for query in QUERIES:
            answer = client.get(f"{address_of(page)}?{query}")
            assert answer.status_code < 500, f"{page.address}?{query}"
            body = b"" if answer.streaming else answer.content
            assert b"<script>alert" not in body, f"{page.address}?{query}"
            asked += 1
    assert asked == len(GUARDED) * len(QUERIES)
