"""The address that people type first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


def test_an_empty_towpath_offers_the_first_file_to_who_may_import(
    client_of: Callable[[Person], Client], service_manager: Person, leader: Person, tmp_home: Home
) -> None:
    answer = client_of(service_manager).get("/")
    assert answer.status_code == 200
    assert 'type="file"' in answer.content.decode()
    answer = client_of(leader).get("/")
    assert answer.status_code == 200
    assert "No events yet" in answer.content.decode()


def test_who_holds_no_role_that_opens_a_page_is_told_whom_to_ask(
    client_of: Callable[[Person], Client], customer_person: Person, tmp_home: Home
) -> None:
    answer = client_of(customer_person).get("/")
    assert answer.status_code == 200
    assert "Ask an administrator" in answer.content.decode()
