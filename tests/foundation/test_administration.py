"""Administration in the browser: people, roles, teams."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person, Team

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
PEOPLE = "/administration/people/"


def decide(client: Client, person: Person, decision: str, value: str = "") -> str:
    form = {"decision": decision, "value": value}
    return client.post(f"{PEOPLE}{person.pk}/decide/", form, follow=True).content.decode()


def test_a_person_is_added_and_the_password_shown_once(client_of: ClientOf, administrator: Person) -> None:
    client = client_of(administrator)
    form = {"username": "ann", "email": "ann@example.org", "roles": ["agent", "leader"]}
    shown = client.post(f"{PEOPLE}new/", form)
    password = shown.context["password"]
    assert password in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    ann = Person.objects.get(username="ann")
    assert ann.check_password(password)
    assert ann.roles() == {"agent", "leader"}
    page = client.get(f"{PEOPLE}{ann.pk}/").content.decode()
    assert "ann@example.org" in page
    assert password not in page


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"username": "administrator"}, "already exists"),
        ({"username": "two words"}, "valid username"),
        ({"email": "ADMINISTRATOR@example.org"}, "has this e-mail address already"),
        ({"roles": ["emperor"]}, "emperor"),
        ({"roles": []}, "required"),
    ],
)
def test_what_will_not_do_is_said_beside_the_field(
    client_of: ClientOf, administrator: Person, change: dict[str, object], reason: str
) -> None:
    form = {"username": "ann", "email": "", "roles": ["agent"], **change}
    shown = client_of(administrator).post(f"{PEOPLE}new/", form).content.decode()
    assert reason in shown
    assert Person.objects.count() == 1


def test_roles_teams_and_accounts_change_and_the_log_knows(
    client_of: ClientOf, administrator: Person, agent: Person
) -> None:
    client = client_of(administrator)
    client.post("/administration/teams/new/", {"name": "Front desk"})
    assert Team.objects.get().key == "front-desk"
    decide(client, agent, "grant-role", "leader")
    decide(client, agent, "revoke-role", "agent")
    decide(client, agent, "join-team", "front-desk")
    assert "Front desk" in client.get(PEOPLE).content.decode()
    decide(client, agent, "leave-team", "front-desk")
    decide(client, agent, "close")
    agent.refresh_from_db()
    assert (agent.is_active, agent.roles(), agent.teams.count()) == (False, {"leader"}, 0)
    decide(client, agent, "reopen")
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "team.created",
        "role.granted",
        "role.revoked",
        "team.joined",
        "team.left",
        "account.closed",
        "account.reopened",
    ]
    granted = AuditEntry.objects.get(verb="role.granted")
    assert (granted.before["roles"], granted.after["roles"]) == (["agent"], ["agent", "leader"])


def test_the_last_administrator_stays(client_of: ClientOf, administrator: Person) -> None:
    client = client_of(administrator)
    for decision, value in (("close", ""), ("revoke-role", "administrator")):
        assert "only administrator" in decide(client, administrator, decision, value)
    administrator.refresh_from_db()
    assert administrator.is_active
    assert administrator.roles() == {"administrator"}


def test_a_new_password_ends_the_sessions_of_the_old_one(
    client_of: ClientOf, administrator: Person, agent: Person
) -> None:
    session = client_of(agent)
    assert session.get("/administration/keys/").status_code == 200
    shown = decide(client_of(administrator), agent, "reset-password")
    (password,) = re.findall(r"<dd><code>(\S{16})</code>", shown)
    agent.refresh_from_db()
    assert agent.check_password(password)
    assert session.get("/administration/keys/").status_code == 302


def test_those_who_only_read_are_offered_no_changes(
    client_of: ClientOf, service_manager: Person, agent: Person
) -> None:
    client = client_of(service_manager)
    for address in (PEOPLE, f"{PEOPLE}{agent.pk}/", "/administration/teams/"):
        page = client.get(address).content.decode()
        assert "/decide/" not in page.split("<main", 1)[1]
        assert "new/" not in page.split("<main", 1)[1]
    assert client.post(f"{PEOPLE}{agent.pk}/decide/", {"decision": "close"}).status_code == 403


def test_a_list_of_people_takes_few_queries(
    client_of: ClientOf,
    administrator: Person,
    person_with: Callable[..., Person],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for number in range(20):
        person_with("agent", username=f"agent-{number}")
    client = client_of(administrator)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert client.get(PEOPLE).status_code == 200


def test_the_navigation_shows_what_one_may_open(
    client_of: ClientOf, agent: Person, administrator: Person
) -> None:
    assert "Administration" not in client_of(agent).get("/events/").content.decode()
    page = client_of(administrator).get(PEOPLE).content.decode()
    assert re.search(r'href="/administration/people/" aria-current="page"', page)
    for tab in ("People", "Teams", "API keys", "Audit log", "Announcements"):
        assert f">{tab}<" in page
