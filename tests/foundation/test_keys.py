"""API keys: what a program may do, and for how long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.keys import REMEMBERED_S, actor_of_key, digest_of
from towpath.foundation.access.models import ApiKey
from towpath.foundation.accounts.rules import MANAGE_PEOPLE, READ_PEOPLE
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person

MakeKey = Callable[..., str]
pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def get(address: str, secret: str) -> tuple[int, dict[str, object]]:
    answer = Client().get(address, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.json()


def test_a_key_acts_with_its_scopes_alone(key_with: MakeKey) -> None:
    actor = actor_of_key(key_with(["people:read"]))
    assert actor is not None
    assert actor.may(READ_PEOPLE)
    assert not actor.may(MANAGE_PEOPLE)


def test_the_secret_is_kept_as_a_digest(key_with: MakeKey) -> None:
    secret = key_with(["people:read"])
    (row,) = ApiKey.objects.values()
    assert secret not in str(row)
    assert row["digest"] == digest_of(secret)


def test_a_key_never_does_what_its_owner_may_not_do_any_more(
    key_with: MakeKey, administrator: Person
) -> None:
    secret = key_with(["people:read", "people:manage"], administrator)
    assert get("/api/people", secret)[0] == 200
    grant = administrator.role_grants.get()
    grant.role = "agent"
    grant.save()
    assert get("/api/people", secret)[0] == 403
    administrator.is_active = False
    administrator.save()
    assert get("/api/people", secret)[0] == 401


@pytest.mark.parametrize(
    "ended", [{"expires_at": timezone.now() - timedelta(seconds=1)}, {"revoked_at": timezone.now()}]
)
def test_an_expired_or_stopped_key_is_worth_nothing(key_with: MakeKey, ended: dict[str, object]) -> None:
    secret = key_with(["people:read"])
    ApiKey.objects.update(**ended)
    assert get("/api/people", secret)[0] == 401


def test_a_key_in_use_is_not_looked_up_for_every_request(
    key_with: MakeKey, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    secret = key_with(["people:read"])
    known = actor_of_key(secret)
    with django_assert_num_queries(0):
        assert actor_of_key(secret) == known


def test_a_key_in_use_is_worth_nothing_once_it_is_stopped_or_its_owner_is_gone(
    key_with: MakeKey, administrator: Person
) -> None:
    stopped, orphaned = key_with(["people:read"]), key_with(["people:read"], administrator)
    assert actor_of_key(stopped)
    assert actor_of_key(orphaned)
    row = ApiKey.objects.get(digest=digest_of(stopped))
    row.revoked_at = timezone.now()
    row.save()
    assert actor_of_key(stopped) is None
    administrator.delete()
    assert actor_of_key(orphaned) is None


def test_a_key_that_another_process_stopped_is_worth_nothing_after_two_seconds(
    key_with: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = key_with(["people:read"])
    assert actor_of_key(secret)
    ApiKey.objects.update(revoked_at=timezone.now())  # tells this process nothing, as another's would not
    later = time.monotonic() + REMEMBERED_S + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert actor_of_key(secret) is None


def test_a_key_in_use_ends_at_its_moment(key_with: MakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, end = key_with(["people:read"]), timezone.now() + timedelta(seconds=1)
    ApiKey.objects.update(expires_at=end)
    assert actor_of_key(secret)
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert actor_of_key(secret) is None


def test_without_a_key_or_with_a_wrong_one_the_answer_says_how(client: Client) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = client.get("/api/people", headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["status"] == 401
        assert "API key" in answer.json()["detail"]


def test_a_key_without_the_scope_is_told_which_it_needs(key_with: MakeKey) -> None:
    status, told = get("/api/people", key_with(["audit:read"]))
    assert status == 403
    assert "people:read" in str(told["detail"])


def test_a_wrong_key_is_not_helped_by_a_session(
    client_of: Callable[[Person], Client], administrator: Person
) -> None:
    answer = client_of(administrator).get("/api/people", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_a_key_opens_no_page(key_client: Callable[..., Client]) -> None:
    assert key_client(["people:read"]).get("/administration/people/").status_code == 302


def test_the_last_use_is_noted_at_most_once_a_minute(key_with: MakeKey) -> None:
    secret = key_with(["people:read"])
    get("/api/people", secret)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    get("/api/people", secret)
    assert ApiKey.objects.get().last_used_at == first


def test_a_person_makes_a_key_within_the_own_rights(
    client_of: Callable[[Person], Client], agent: Person
) -> None:
    client = client_of(agent)
    wanted = {"name": "loader", "scopes": ["events:read"], "days": 30}
    answer = client.post("/api/keys", json.dumps(wanted), content_type="application/json")
    assert answer.status_code == 201
    assert get("/api/me", answer.json()["key"])[1]["permissions"] == ["events:read"]
    greedy = {**wanted, "scopes": ["people:manage"]}
    answer = client.post("/api/keys", json.dumps(greedy), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert "people:manage" in answer.json()["detail"]


def test_a_key_makes_no_keys(key_client: Callable[..., Client], administrator: Person) -> None:
    wanted = json.dumps({"name": "child", "scopes": ["keys:own"]})
    answer = key_client(["keys:own"], administrator).post(
        "/api/keys", wanted, content_type="application/json"
    )
    assert answer.status_code == 403
    assert ApiKey.objects.count() == 1


def test_own_keys_are_seen_and_stopped_by_their_owner_and_administrators_alone(
    client_of: Callable[[Person], Client],
    key_with: MakeKey,
    agent: Person,
    leader: Person,
    administrator: Person,
) -> None:
    key_with(["events:read"], agent)
    prefix = ApiKey.objects.get().prefix
    assert client_of(leader).get("/api/keys").json() == []
    assert client_of(leader).delete(f"/api/keys/{prefix}").status_code == 404
    assert [key["prefix"] for key in client_of(administrator).get("/api/keys").json()] == [prefix]
    assert client_of(agent).delete(f"/api/keys/{prefix}").status_code == 204
    assert not ApiKey.objects.get().works


def test_a_session_needs_the_csrf_token_to_write(agent: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    wanted = json.dumps({"name": "loader", "scopes": ["events:read"]})
    answer = client.post("/api/keys", wanted, content_type="application/json")
    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["detail"]
    client.get("/accounts/password/change/")
    token = client.cookies["csrftoken"].value
    answer = client.post("/api/keys", wanted, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_the_page_shows_a_new_secret_once(client_of: Callable[[Person], Client], agent: Person) -> None:
    client = client_of(agent)
    form = {"name": "loader", "scopes": ["events:read"], "days": "30"}
    shown = client.post("/administration/keys/", form).content.decode()
    prefix = ApiKey.objects.get().prefix
    assert f"<code>{prefix}_" in shown
    assert f"{prefix}_" not in client.get("/administration/keys/").content.decode()
    client.post(f"/administration/keys/{prefix}/revoke/")
    assert not ApiKey.objects.get().works


def test_secrets_do_not_reach_the_audit_log(client_of: Callable[[Person], Client], agent: Person) -> None:
    wanted = json.dumps({"name": "loader", "scopes": ["events:read"]})
    made = client_of(agent).post("/api/keys", wanted, content_type="application/json").json()["key"]
    entry = AuditEntry.objects.get()
    assert entry.verb == "key.created"
    assert made not in str(entry.__dict__)
    assert digest_of(made) not in str(entry.__dict__)


def test_an_actor_without_roles_may_nothing() -> None:
    assert not Actor("person", name="x", person_id=1).may(READ_PEOPLE)
