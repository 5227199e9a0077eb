"""Which home `towpath up` serves, and that nothing real comes in among what is invented."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.site.demo import showing
from towpath.site.demo.definitions import text_of
from towpath.site.demo.showing import BESIDE, LEFT, Showing, carry_sessions, is_empty
from towpath.site.serving import Stage

ClientOf = Callable[[Person], Client]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records in SQLite and a lake at home, as far as the demo company asks, whatever these tests run on."""
    monkeypatch.setattr(showing, "connection", SimpleNamespace(vendor="sqlite"))
    for name in showing.OF_ANOTHER_HOME:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def own(tmp_home: Home) -> Home:
    """A home with records in a file of its own, in which one person is signed in."""
    with closing(sqlite3.connect(tmp_home.records)) as records, records:
        records.executescript(
            "create table django_session (session_key text primary key, session_data text, expire_date text);"
            "create table people_person (id integer primary key, username text, last_login text);"
            "insert into people_person values (1, 'admin', null);"
        )
    tmp_home.secret("django-secret-key")
    return tmp_home


@pytest.fixture
def invented(settings: object, tmp_path: Path) -> Path:
    """As in a process that serves the demo company; gives the person's own home."""
    (tmp_path / "own").mkdir()
    settings.DEMO_BESIDE = str(tmp_path / "own")  # type: ignore[attr-defined]
    return tmp_path / "own"


def rows(records: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(records)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.usefixtures("alone")
def test_an_empty_store_shows_it_until_somebody_leaves_it(own: Home, administrator: Person) -> None:
    shown = Showing(own)
    assert shown.wanted()
    shown.leave()
    assert shown.was_left()
    assert not shown.wanted()
    shown.want()
    assert shown.was_wanted()
    assert not shown.was_wanted()
    assert shown.wanted()


@pytest.mark.usefixtures("alone")
def test_a_store_with_a_journey_or_several_people_is_not_empty(
    tmp_home: Home, administrator: Person, person_with: Callable[..., Person]
) -> None:
    assert is_empty()
    apply_journey(OPERATOR, text_of("pay"), "pay.yaml")
    assert not is_empty()


@pytest.mark.usefixtures("alone")
def test_several_people_share_a_store(tmp_home: Home, administrator: Person, agent: Person) -> None:
    assert not is_empty()


@pytest.mark.usefixtures("alone")
def test_a_store_that_others_may_share_counts_as_filled(
    tmp_home: Home, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_empty()
    monkeypatch.setattr(showing, "connection", SimpleNamespace(vendor="postgresql"))
    assert not is_empty()
    monkeypatch.setattr(showing, "connection", SimpleNamespace(vendor="sqlite"))
    monkeypatch.setenv("TOWPATH_LAKE_URL", str(tmp_home.root / "elsewhere"))
    assert not is_empty()


def test_its_processes_know_no_other_records_and_no_other_lake(
    own: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOWPATH_LAKE_URL", "elsewhere")
    told = Showing(own).environment(invented=True)
    assert told["TOWPATH_HOME"] == str(own.root / "demo")
    assert told[BESIDE] == str(own.root)
    assert "TOWPATH_LAKE_URL" not in told
    assert Showing(own).environment(invented=False)["TOWPATH_LAKE_URL"] == "elsewhere"


def test_its_home_has_the_people_and_secrets_of_the_own_one(own: Home) -> None:
    shown = Showing(own)
    assert shown.prepare()
    assert rows(shown.demo.records, "select username from people_person") == [("admin",)]
    assert shown.demo.secret("django-secret-key") == own.secret("django-secret-key")
    shown.made()
    assert not shown.prepare()


def test_one_that_is_half_made_or_whose_week_is_over_is_made_anew(own: Home) -> None:
    shown = Showing(own)
    shown.prepare()
    (shown.demo.lake / "half").touch()
    assert shown.prepare()
    assert not (shown.demo.lake / "half").exists()
    shown.made()
    past = time.time() - showing.STALE_S - 1
    os.utime(shown.demo.root / showing.MADE, (past, past))
    assert shown.prepare()


def test_who_signed_in_there_is_signed_in_here(own: Home) -> None:
    shown = Showing(own)
    shown.prepare()
    with closing(sqlite3.connect(shown.demo.records)) as records, records:
        records.execute("insert into django_session values ('live', 'x', '2999-01-01')")
        records.execute("insert into django_session values ('over', 'x', '2000-01-01')")
        records.execute("update people_person set last_login = '2026-01-01'")
    carry_sessions(shown.demo.records, own.records)
    assert rows(own.records, "select session_key from django_session") == [("live",)]
    assert rows(own.records, "select last_login from people_person") == [("2026-01-01",)]


def test_a_company_that_cannot_be_made_leaves_the_own_store(
    own: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(Showing(own), ["serve"])
    monkeypatch.setattr("sys.executable", "/bin/false")
    monkeypatch.setattr(Showing, "wanted", lambda _self: True)
    parts = stage.open(True)
    assert [part.name for part in parts] == ["server"]
    assert stage.maker is not None
    stage.maker.wait()
    make = stage.turn()
    assert make is not None
    assert [part.name for part in make()] == ["server", "worker"]
    assert (own.root / LEFT).exists()
    assert stage.turn() is None


def test_the_worker_comes_when_the_company_is_whole(own: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(Showing(own), ["serve"])
    monkeypatch.setattr("sys.executable", "/bin/true")
    monkeypatch.setattr(Showing, "wanted", lambda _self: True)
    parts = stage.open(True)
    assert stage.maker is not None
    stage.maker.wait()
    assert stage.turn() is None
    assert [part.name for part in parts] == ["server", "worker"]
    assert not Showing(own).prepare()


def test_without_wish_for_it_the_own_store_is_served(own: Home) -> None:
    parts = Stage(Showing(own), ["serve"]).open(False)
    assert [(part.environment or {})["TOWPATH_HOME"] for part in parts] == [str(own.root)] * 2


def test_who_cannot_be_carried_over_signs_in_again(tmp_home: Home) -> None:
    stage = Stage(Showing(tmp_home), ["serve"], invented=True)
    Showing(tmp_home).leave()
    make = stage.turn()
    assert make is not None
    assert [part.name for part in make()] == ["server", "worker"]


@pytest.mark.parametrize(
    "address", ["/api/quarantine/1/replay", "/events/imports/x/", "/events/quarantine/1/"]
)
def test_what_was_refused_or_waits_does_not_come_in_either(
    address: str, invented: Path, client: Client, tmp_home: Home
) -> None:
    assert client.post(address).status_code == 409


def test_no_event_comes_in_over_http(invented: Path, client: Client, tmp_home: Home) -> None:
    answer = client.post("/api/events", data="{}", content_type="application/json")
    assert answer.status_code == 409
    assert "Start with my own data" in answer.json()["detail"]


def test_no_file_comes_in_and_every_page_says_that_it_is_invented(
    invented: Path, client_of: ClientOf, service_manager: Person, tmp_home: Home
) -> None:
    client = client_of(service_manager)
    refused = client.post("/events/import/", {})
    assert refused.status_code == 409
    assert "nothing real ever lies among what is invented" in refused.content.decode()
    for address in ("/", "/journeys/", "/customers/", "/account/"):
        page = client.get(address)
        assert "An invented company." in page.content.decode()
        assert page.headers["Towpath-Invented"] == "yes"


def test_one_click_leaves_it(invented: Path, client_of: ClientOf, service_manager: Person) -> None:
    page = client_of(service_manager).post("/demo/leave/")
    assert "Your own store opens" in page.content.decode()
    assert (invented / LEFT).exists()


def test_an_agent_reads_the_banner_and_cannot_leave_for_all(
    invented: Path, client_of: ClientOf, agent: Person, tmp_home: Home
) -> None:
    client = client_of(agent)
    assert "Start with my own data" not in client.get("/journeys/").content.decode()
    assert client.post("/demo/leave/").status_code == 403
    assert not (invented / LEFT).exists()


@pytest.mark.usefixtures("alone")
def test_from_an_empty_store_it_can_be_looked_at_again(
    settings: object, client_of: ClientOf, administrator: Person, tmp_home: Home
) -> None:
    settings.DEMO_BESIDE = str(settings.HOME.root)  # type: ignore[attr-defined]
    client = client_of(administrator)
    assert "Look at an invented company" in client.get("/").content.decode()
    assert client.post("/demo/leave/").status_code == 404
    asked = settings.HOME.root / showing.WANTED  # type: ignore[attr-defined]
    try:
        assert "The invented company opens" in client.post("/demo/look/").content.decode()
        assert asked.exists()
    finally:
        asked.unlink(missing_ok=True)


def test_where_nobody_supervises_there_is_nothing_to_turn_to(
    client_of: ClientOf, administrator: Person, tmp_home: Home
) -> None:
    client = client_of(administrator)
    assert "Look at an invented company" not in client.get("/").content.decode()
    assert client.post("/demo/look/").status_code == 404
    assert client.post("/demo/leave/").status_code == 404
