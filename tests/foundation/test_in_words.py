"""What a newcomer reads: a refusal names roles and no scopes, and sign-in says each thing once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


def test_a_refused_page_says_in_words_who_may_open_it(
    agent: Person, client_of: Callable[[Person], Client]
) -> None:
    answer = client_of(agent).get("/administration/people/")
    told = answer.content.decode()
    assert answer.status_code == 403
    assert re.search(r"This is open to [^<:;]*Administrator; agent is none of these\.", told)
    assert "people:" not in told


def test_a_program_is_told_the_scope_that_its_key_lacks(key_client: Callable[..., Client]) -> None:
    answer = key_client(["events:read"]).get("/api/people")
    assert answer.status_code == 403
    assert "the scope people:read" in answer.json()["detail"]


def test_sign_in_has_labels_and_no_placeholders(client: Client) -> None:
    told = client.get("/accounts/login/").content.decode()
    assert "User name or e-mail" in told
    assert "placeholder" not in told
