"""`towpath customer story`: the record of page and API, and the look on record."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

sys.path.append(str(Path(__file__).parents[1] / "journeys"))

from journey_events import event, put_in

from towpath.events.envelope import case_key
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
CASES = [f"o{i}" for i in range(12)]


@pytest.fixture(autouse=True)
def events(tmp_home: Home) -> None:
    put_in(
        [event("basket", case, 1) for case in CASES]
        + [event("pay", case, 2, outcome="fault") for case in CASES]
    )


def test_a_story_is_the_record_of_the_api_and_the_look_is_kept(
    agent: Person, client_of: Callable[[Person], Client], capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(case_key("shop", "o1"))
    assert run(["customer", "story", key, "--json", "--offset", "1"]) == 0
    entry = AuditEntry.objects.get(verb="customer.looked_at")
    assert (entry.actor_kind, entry.target) == ("operator", key)
    printed = json.loads(capsys.readouterr().out)
    assert printed == client_of(agent).get(f"/api/customers/{key}/story?offset=1").json()
    assert [each["type"] for each in printed["events"]] == ["pay"]


def test_a_key_below_zero_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    case = next(case for case in CASES if case_key("shop", case) < 0)
    assert run(["customer", "story", str(case_key("shop", case))]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{case}  2 events, 2024-03-01")
    assert told[2].endswith("shop  pay  (failed, our fault)")


def test_an_unknown_key_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["customer", "story", "4"]) == 2
    assert capsys.readouterr().err == "towpath: No event belongs to the key 4.\n"
