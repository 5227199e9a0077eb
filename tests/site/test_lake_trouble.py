"""A lake that cannot be read is told at every door, with what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from towpath.events.lake import Lake, LakeBusy
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
REASON = "Another process is writing the lake. Wait until it is done."


@pytest.fixture(autouse=True)
def _busy(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object) -> None:
        raise LakeBusy(REASON)

    monkeypatch.setattr(Lake, "snapshot", busy)


def test_a_page_says_so(service_manager: Person, client_of: Callable[[Person], Client]) -> None:
    answer = client_of(service_manager).get("/events/")
    assert answer.status_code == 503
    assert REASON in answer.content.decode()


def test_the_api_says_so(key_client: Callable[..., Client]) -> None:
    answer = key_client(["events:read"]).get("/api/events/count")
    assert (answer.status_code, answer.json()["detail"]) == (503, REASON)


def test_a_command_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "count"]) == 2
    assert capsys.readouterr().err == f"towpath: {REASON}\n"
