"""The reader chooses the language; numbers and dates follow it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import standing_week as standing
from django.test import Client

from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "150,977"), ("es", "150\u00a0977"), ("sv", "150\u00a0977"), ("zh-hans", "150977")],
)
def test_a_chosen_language_stays_and_shapes_the_numbers(
    tmp_home: Home, leader: Person, client_of: Callable[[Person], Client], language: str, number: str
) -> None:
    standing.put_all()
    reader = client_of(leader)
    answer = reader.post("/language/", {"language": language, "next": "/account/"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    text = reader.get("/").content.decode()
    assert f'<html lang="{language}"' in text
    assert number in text.replace("&nbsp;", "\u00a0")


def test_a_language_menu_leads_nowhere_else(client_of: Callable[[Person], Client], leader: Person) -> None:
    answer = client_of(leader).post("/language/", {"language": "sv", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert client_of(leader).get("/language/").status_code == 405
