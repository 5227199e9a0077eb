"""The audit log: every write is in it, nothing in it changes, and no secret reaches it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client

from towpath.foundation.access.actor import OPERATOR, Actor
from towpath.foundation.accounts.actions.people import create_person
from towpath.foundation.accounts.rules import MANAGE_PEOPLE
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.audit.writing import writing
from towpath.foundation.people.models import Person, Team

pytestmark = pytest.mark.django_db


def entry() -> AuditEntry:
    with writing(OPERATOR, "team.created", MANAGE_PEOPLE) as write:
        write.about(Team.objects.create(key="desk", name="Desk"), after={"name": "Desk"})
    return AuditEntry.objects.get()


def test_a_write_and_its_entry_are_kept_together_or_not_at_all() -> None:
    def fail_half_way() -> None:
        with writing(OPERATOR, "team.created", MANAGE_PEOPLE) as write:
            write.about(Team.objects.create(key="desk", name="Desk"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert (Team.objects.count(), AuditEntry.objects.count()) == (0, 0)
    kept = entry()
    assert (kept.actor, kept.verb, kept.target_type, kept.target) == (
        "operator",
        "team.created",
        "people.Team",
        "Desk",
    )
    assert (kept.before, kept.after) == (None, {"name": "Desk"})


def test_without_the_permission_nothing_begins() -> None:
    with pytest.raises(PermissionDenied), writing(Actor("person", name="eve"), "x", MANAGE_PEOPLE):
        pytest.fail("the body of a refused write has run")
    assert AuditEntry.objects.count() == 0


def test_our_code_refuses_to_change_an_entry() -> None:
    kept = entry()
    kept.verb = "nothing.happened"
    with pytest.raises(TypeError):
        kept.save()
    with pytest.raises(TypeError):
        kept.delete()


def test_the_database_refuses_to_change_an_entry() -> None:
    entry()
    with pytest.raises(DatabaseError, match="only appended to"), transaction.atomic():
        AuditEntry.objects.update(verb="nothing.happened")
    assert AuditEntry.objects.get().verb == "team.created"


def test_postgresql_refuses_to_remove_an_entry_too() -> None:
    entry()
    if connection.vendor == "sqlite":
        assert AuditEntry.objects.all()._raw_delete("default") == 1
        return
    with pytest.raises(DatabaseError, match="only appended to"), transaction.atomic():
        AuditEntry.objects.all()._raw_delete("default")
    assert AuditEntry.objects.count() == 1


def test_secrets_are_hidden_whatever_an_action_tells() -> None:
    with writing(OPERATOR, "person.created", MANAGE_PEOPLE) as write:
        told = {"name": "Ann", "password": "hunter2", "deep": [{"api_key": "hunter2"}]}
        write.about(Team(key="x", name="x"), before=told, after=told)
    kept = AuditEntry.objects.get()
    assert kept.after == {"name": "Ann", "password": "(hidden)", "deep": [{"api_key": "(hidden)"}]}
    assert "hunter2" not in json.dumps(kept.before)


def test_a_password_reaches_neither_log_nor_entry(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        create_person(OPERATOR, "ann", ["agent"], password="very-secret-indeed")
    assert "very-secret-indeed" not in caplog.text
    assert "very-secret-indeed" not in str(list(AuditEntry.objects.values()))


def test_the_page_is_filtered_and_paged(client_of: Callable[[Person], Client], administrator: Person) -> None:
    for number in range(55):
        with writing(OPERATOR, "team.created", MANAGE_PEOPLE) as write:
            write.about(Team(key=f"t{number}", name=f"Team {number}"))
    create_person(OPERATOR, "ann", ["agent"])
    client = client_of(administrator)
    assert len(client.get("/administration/audit/").context["records"]) == 50
    assert len(client.get("/administration/audit/?page=2").context["records"]) == 6
    for query, count in (
        ("verb=person.created", 1),
        ("target=Team+54", 1),
        ("actor=nobody", 0),
        ("until=2001-01-01", 0),
    ):
        shown = client.get(f"/administration/audit/?{query}")
        assert len(shown.context["records"]) == count, query
    assert "No entry matches" in client.get("/administration/audit/?actor=nobody").content.decode()


def test_the_api_tells_the_same(key_client: Callable[..., Client]) -> None:
    create_person(OPERATOR, "ann", ["agent"])
    client = key_client(["audit:read"])
    (told,) = client.get("/api/audit?verb=person.created&limit=1").json()
    assert (told["actor"], told["target"], told["after"]["roles"]) == ("operator", "ann", ["agent"])
    assert client.get("/api/audit?offset=1").json() == []
    assert client.get("/api/audit?limit=0").status_code == 422
