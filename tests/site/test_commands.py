"""The command line: prints what was asked alone, and says in one line what went wrong."""

from __future__ import annotations

import io
import json
import re
from importlib import import_module

import pytest

from towpath.foundation.access.keys import actor_of_key
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person
from towpath.site.cli import AREAS, run

pytestmark = pytest.mark.django_db


def test_an_account_is_made_and_its_password_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "create", "ann", "--role", "administrator"]) == 0
    password = capsys.readouterr().out.strip()
    assert Person.objects.get(username="ann").check_password(password)
    assert run(["user", "create", "ann", "--role", "leader"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "towpath: A user with that username already exists.\n")


def test_every_error_begins_alike_and_a_misspelt_command_shows_its_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["jobs", "lst"]) == 2
    usage, told, more = capsys.readouterr().err.strip().splitlines()
    assert usage.startswith("Usage: towpath jobs")
    assert told.startswith("towpath: No such command 'lst'.")
    assert more == "See: towpath jobs --help"
    assert run(["journeys", "apply", "nowhere.yaml"]) == 2
    assert "\ntowpath: Invalid value for 'FILE'" in capsys.readouterr().err


def test_a_password_comes_in_by_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a-fine-long-password\n"))
    assert run(["user", "create", "bob", "--role", "agent", "--password-stdin"]) == 0
    assert capsys.readouterr().out == ""
    assert Person.objects.get(username="bob").check_password("a-fine-long-password")


def test_a_weak_password_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    assert run(["user", "create", "bob", "--role", "agent", "--password-stdin"]) == 2
    assert "too short" in capsys.readouterr().err
    assert not Person.objects.exists()


def test_roles_come_and_go_but_one_administrator_stays(capsys: pytest.CaptureFixture[str]) -> None:
    run(["user", "create", "ann", "--role", "administrator"])
    assert run(["user", "revoke", "ann", "administrator"]) == 2
    assert run(["user", "close", "ann"]) == 2
    assert "only administrator" in capsys.readouterr().err
    assert run(["user", "grant", "ann", "leader"]) == 0
    run(["user", "create", "bob", "--role", "administrator"])
    assert run(["user", "close", "ann"]) == 0
    assert run(["user", "list", "--json"]) == 0
    people = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(one["username"], one["roles"], one["active"]) for one in people] == [
        ("ann", ["administrator", "leader"], False),
        ("bob", ["administrator"], True),
    ]
    assert run(["user", "reopen", "ann"]) == 0
    assert run(["user", "revoke", "ann", "administrator"]) == 0
    assert run(["user", "password", "nobody"]) == 2


def test_a_key_is_printed_alone_works_and_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create", "loader", "--scope", "people:read", "--days", "7"]) == 0
    secret = capsys.readouterr().out.strip()
    assert re.fullmatch(r"towpath_[0-9a-f]{8}_[\w-]{43}", secret)
    assert actor_of_key(secret) is not None
    run(["keys", "list", "--json"])
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["works"], listed["scopes"]) == ("loader", True, ["people:read"])
    assert secret not in json.dumps(listed)
    assert run(["keys", "revoke", listed["prefix"]]) == 0
    assert actor_of_key(secret) is None


def test_unknown_scopes_and_days_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create", "loader", "--scope", "people:reed"]) == 2
    assert "people:read" in capsys.readouterr().err
    assert run(["keys", "create", "loader", "--scope", "people:read", "--days", "9999"]) == 2
    assert run(["keys", "revoke", "towpath_none"]) == 2


def test_a_wrong_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["usr", "list"]) == 2
    assert "No such command 'usr'" in capsys.readouterr().err


def test_announcements_say_who_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["announcements", "--json"]) == 0
    kinds = json.loads(capsys.readouterr().out)
    assert all({"announcement", "announced_by", "listeners"} == set(kind) for kind in kinds)


def test_the_operator_stands_in_the_audit_log(capsys: pytest.CaptureFixture[str]) -> None:
    run(["user", "create", "ann", "--role", "administrator"])
    password = capsys.readouterr().out.strip()
    entry = AuditEntry.objects.get()
    assert (entry.actor_kind, entry.actor, entry.verb, entry.target) == (
        "operator",
        "operator",
        "person.created",
        "ann",
    )
    assert password not in json.dumps([entry.before, entry.after])


@pytest.mark.parametrize("module", AREAS)
def test_every_command_of_an_area_is_known_by_its_name(module: str) -> None:
    assert {command.name for command in import_module(module).COMMANDS} == set(AREAS[module])
