"""Sign-in: by name or address, not by guessing, and not without being asked in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from towpath.foundation.accounts.adapters import SocialAccountAdapter
from towpath.foundation.accounts.first_administrator import ensure_first_administrator
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.settings import oidc_provider

LOGIN = "/accounts/login/"
PASSWORD = "correct-horse-battery"
pytestmark = pytest.mark.django_db


def signs_in(login: str, password: str, client: Client | None = None, **extra: Any) -> bool:
    used = client or Client()
    used.post(LOGIN, {"login": login, "password": password}, **extra)
    return "_auth_user_id" in used.session


def test_a_person_signs_in_by_name_and_by_address(agent: Person) -> None:
    assert signs_in("agent", PASSWORD)
    assert signs_in("agent@example.org", PASSWORD)
    assert signs_in("AGENT@example.org", PASSWORD)
    assert not signs_in("agent", "wrong-password-here")


def test_a_closed_account_does_not_sign_in_and_its_session_ends(
    agent: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(agent)
    assert client.get("/administration/keys/").status_code == 200
    agent.is_active = False
    agent.save()
    assert client.get("/administration/keys/").status_code == 302
    assert not signs_in("agent", PASSWORD)


def test_six_wrong_passwords_close_the_account_to_guessing_for_a_while(agent: Person, leader: Person) -> None:
    for attempt in range(6):
        assert not signs_in("agent", f"wrong-{attempt}", REMOTE_ADDR=f"192.0.2.{attempt}")
    assert not signs_in("agent", PASSWORD, REMOTE_ADDR="192.0.2.99")
    assert signs_in("leader", PASSWORD, REMOTE_ADDR="192.0.2.99")


def test_one_address_cannot_try_many_accounts(agent: Person) -> None:
    for attempt in range(20):
        signs_in(f"somebody-{attempt}", "wrong", REMOTE_ADDR="192.0.2.7")
    assert not signs_in("agent", PASSWORD, REMOTE_ADDR="192.0.2.7")
    assert signs_in("agent", PASSWORD, REMOTE_ADDR="192.0.2.8")


def test_nobody_signs_up(client: Client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    assert not Person.objects.exists()


def test_a_person_changes_the_own_password_and_the_log_knows(
    agent: Person, client_of: Callable[[Person], Client]
) -> None:
    new = "another-horse-entirely"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client_of(agent).post("/accounts/password/change/", form).status_code == 302
    assert signs_in("agent", new)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.before, entry.after) == ("agent", "password.changed", None, None)


def test_without_a_mail_server_nobody_is_promised_a_mail(
    agent: Person, client: Client, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    answer = client.post("/accounts/password/reset/", {"email": agent.email})
    assert "ask an administrator" in answer.content.decode()


def test_the_first_administrator_is_told_until_somebody_has_signed_in(tmp_home: Home) -> None:
    first = ensure_first_administrator()
    assert first is not None
    assert first.path.stat().st_mode & 0o777 == 0o600
    assert ensure_first_administrator() == first
    assert Person.objects.get().username == first.username
    assert signs_in(first.username, first.password)
    assert not first.path.exists()
    assert ensure_first_administrator() is None


def test_the_first_password_is_forgotten_when_it_is_changed(tmp_home: Home) -> None:
    first = ensure_first_administrator()
    assert first is not None
    person = Person.objects.get()
    person.set_password("changed-elsewhere")
    person.save()
    assert ensure_first_administrator() is None
    assert not first.path.exists()


def test_an_organisation_with_people_gets_no_second_administrator(agent: Person, tmp_home: Home) -> None:
    assert ensure_first_administrator() is None
    assert Person.objects.count() == 1


def test_newcomers_by_openid_connect_get_the_role_that_is_set(settings: Any) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialLogin
    from django.contrib.sessions.backends.db import SessionStore

    settings.OIDC_ROLE = "agent"
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    person = Person(username="nora", email="nora@example.org")
    login = SocialLogin(user=person, account=SocialAccount(provider="organisation", uid="1"))
    saved = SocialAccountAdapter().save_user(request, login)
    assert saved.roles() == {"agent"}
    assert AuditEntry.objects.get().verb == "role.granted"


def test_openid_connect_is_described_only_where_it_is_set(tmp_home: Home) -> None:
    assert oidc_provider("", "", "", "") == {}
    (app,) = oidc_provider("https://id.example.org", "towpath", "s3", "Example")["openid_connect"]["APPS"]
    assert (app["client_id"], app["secret"], app["name"]) == ("towpath", "s3", "Example")
    assert app["settings"] == {"server_url": "https://id.example.org"}


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(agent: Person) -> None:
    client = Client()
    signs_in("agent", PASSWORD, client)
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")


def test_a_part_of_a_page_that_asks_after_the_session_ended_moves_the_whole_page_to_sign_in() -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "https://desk.example/administration/keys/?mine=1"}
    answer = Client().get("/administration/keys/", headers=asked)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{LOGIN}?next=/administration/keys/%3Fmine%3D1"
    assert answer.content == b""
