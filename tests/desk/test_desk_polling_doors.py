"""Connections to helpdesks: the page under Administration, the API and the commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_exports import issue
from django.test import Client
from helpdesk_stand_in import StandIn, serving

from towpath.desk import jobs
from towpath.desk.models import Connection
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
PAGE = "/administration/helpdesks/"


@pytest.fixture
def helpdesk(settings: Any) -> Iterator[StandIn]:
    settings.WEBHOOKS_PRIVATE = True
    with serving() as stand_in:
        stand_in.issues = [issue("IT-1")]
        yield stand_in


def form(helpdesk: StandIn, **more: str) -> dict[str, str]:
    asked = {"name": "acme", "kind": "jira", "url": helpdesk.url, "account": "me", "secret": "hush-hush"}
    return {**asked, "table": "", "every_s": "300", "mask": "on", **more}


def test_a_service_manager_connects_and_sees_how_it_goes(
    tmp_home: Home, helpdesk: StandIn, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(service_manager)
    assert "Connected" in client.post(PAGE, form(helpdesk)).content.decode()
    jobs.poll_connection.call(Connection.objects.get().pk)
    page = client.get(PAGE).content.decode()
    assert "acme" in page
    assert "2026" in page
    assert "hush-hush" not in page


def test_what_is_wrong_is_told_beside_its_field(
    tmp_home: Home, helpdesk: StandIn, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    answer = client_of(service_manager).post(
        PAGE, form(helpdesk, name="No Way", url="https://nowhere.invalid")
    )
    assert answer.status_code == 422
    assert "small letters" in answer.content.decode()
    assert "not known" in answer.content.decode()
    assert not Connection.objects.exists()


def test_a_connection_is_stopped_started_looked_at_and_removed(
    tmp_home: Home, helpdesk: StandIn, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(service_manager)
    client.post(PAGE, form(helpdesk))
    client.post(f"{PAGE}acme/", {"decision": "stop"})
    assert not Connection.objects.get().active
    client.post(f"{PAGE}acme/", {"decision": "start"})
    assert Connection.objects.get().active
    assert client.post(f"{PAGE}acme/", {"decision": "look"}).status_code == 302
    assert client.post(f"{PAGE}acme/", {"decision": "dance"}).status_code == 404
    client.post(f"{PAGE}acme/", {"decision": "remove"})
    assert not Connection.objects.exists()


def test_agents_may_neither_see_nor_make_connections(
    tmp_home: Home, helpdesk: StandIn, agent: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(agent)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, form(helpdesk)).status_code == 403
    assert not Connection.objects.exists()


def test_the_api_lists_connections_without_their_secret(
    tmp_home: Home, helpdesk: StandIn, tmp_path: Path, key_client: Callable[..., Client]
) -> None:
    connect(helpdesk, tmp_path)
    answer = key_client(["desk:manage"]).get("/api/desk-connections")
    (found,) = answer.json()
    assert (found["name"], found["problem"]) == ("acme", "")
    assert "secret" not in found
    assert key_client(["desk:read"]).get("/api/desk-connections").status_code == 403


def connect(helpdesk: StandIn, folder: Path) -> int:
    secret = folder / "secret"
    secret.write_text("hush-hush\n", encoding="utf-8")
    asked = ["--kind", "jira", "--url", helpdesk.url, "--account", "me", "--secret-file", str(secret)]
    return run(["desk", "connect", "acme", *asked])


def test_commands_connect_fetch_list_and_disconnect(
    tmp_home: Home, helpdesk: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connect(helpdesk, tmp_path) == 0
    assert run(["desk", "fetch", "acme"]) == 0
    assert "1 tickets fetched" in capsys.readouterr().out
    assert run(["desk", "connections", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["tickets"], found["mask"]) == (1, True)
    helpdesk.troubles = [(503, {}, b"")]
    assert run(["desk", "fetch", "acme"]) == 2
    assert "asks to wait" in capsys.readouterr().out
    assert run(["desk", "disconnect", "acme"]) == 0
    assert not Connection.objects.exists()


def test_each_connection_whose_time_has_come_gets_a_look(
    tmp_home: Home, helpdesk: StandIn, tmp_path: Path
) -> None:
    connect(helpdesk, tmp_path)
    assert jobs.poll_connections.call() == 1
    jobs.poll_connection.call(Connection.objects.get().pk)
    assert jobs.poll_connections.call() == 0
