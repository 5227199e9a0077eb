"""A home of its own for every test process, and the people whom tests let in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from towpath.foundation.operations.home import Home
    from towpath.foundation.people.models import Person

KEPT = {"TOWPATH_DATABASE_URL", "TOWPATH_TEST_DATABASE_URL", "TOWPATH_CHROMIUM"}
"""What a developer may set for the tests; everything else that Towpath reads is unset."""
PASSWORD = "correct-horse-battery"
"""Everybody's, in the tests."""


def _move_in() -> Path:
    for name in [name for name in os.environ if name.startswith("TOWPATH_") and name not in KEPT]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="towpath-tests-"))
    os.environ["TOWPATH_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    return folder


HOME = _move_in()


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    records = settings.DATABASES["default"]
    if records["ENGINE"].endswith("sqlite3"):
        # In a file, as in earnest: in memory, a page that the browser still asks for locks the next tables.
        records.setdefault("TEST", {})["NAME"] = str(HOME / "test-records.sqlite3")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests counted (`record_property("counted", "20 kills, 3,000 events")`), in whichever process."""
    told = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == "counted"
    ]
    if told:
        terminalreporter.section("counted")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A page that a test asked for in another language leaves that language in force for its thread."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Sign-in attempts are counted in the cache: no test may use up those of the next."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture
def tmp_home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home for this test alone, prepared. The records stay in the test database."""
    from towpath.foundation.operations.home import home

    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path / "home"))
    place = home()
    place.prepare()
    return place


@pytest.fixture
def person_with(db: None) -> Callable[..., Person]:
    """`person_with("agent", username="anna")`: a person with these roles, whose password is `PASSWORD`."""
    from towpath.foundation.people.models import Person, RoleGrant

    def make(*roles: str, username: str = "", email: str = "") -> Person:
        name = username or ("-".join(roles) or "nobody")
        person = Person.objects.create_user(name, email or f"{name}@example.org", PASSWORD)
        RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in roles)
        return person

    return make


@pytest.fixture
def administrator(person_with: Callable[..., Person]) -> Person:
    return person_with("administrator")


@pytest.fixture
def service_manager(person_with: Callable[..., Person]) -> Person:
    return person_with("service_manager")


@pytest.fixture
def agent(person_with: Callable[..., Person]) -> Person:
    return person_with("agent")


@pytest.fixture
def leader(person_with: Callable[..., Person]) -> Person:
    return person_with("leader")


@pytest.fixture
def customer_person(person_with: Callable[..., Person]) -> Person:
    return person_with("customer")


@pytest.fixture
def client_of(db: None) -> Callable[[Person], Client]:
    """`client_of(agent)`: a test client in which this person is signed in."""
    from django.test import Client

    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def key_with(db: None) -> Callable[..., str]:
    """`key_with(["events:read"])`: the secret of a working API key with these scopes."""
    from towpath.foundation.access.keys import draw
    from towpath.foundation.access.models import ApiKey

    def make(scopes: Iterable[str], owner: Person | None = None) -> str:
        drawn = draw()
        ApiKey.objects.create(
            name="test",
            prefix=drawn.prefix,
            digest=drawn.digest,
            scopes=[str(s) for s in scopes],
            owner=owner,
        )
        return drawn.text

    return make


@pytest.fixture
def key_client(key_with: Callable[..., str]) -> Callable[..., Client]:
    """`key_client(["events:read"])`: a test client that sends such a key with each request."""
    from django.test import Client

    def make(scopes: Iterable[str], owner: Person | None = None) -> Client:
        return Client(headers={"Authorization": f"Bearer {key_with(scopes, owner)}"})

    return make
