"""Where an invented desk's work should shift: planted topics, what people say, decisions, pages and doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client

from towpath.desk.actions import shift as actions
from towpath.desk.models import Desk, ShiftDecision, TopicWord
from towpath.desk.queries.shift import candidates, tickets_of, what_if
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
WEEKS = 60
READING = """
states: {new: [opened], working: [started], resolved: [solved]}
tiers: {column: tier}
topic: data.topic
title: data.title
solved_by: data.way
"""
GATE = dict.fromkeys(("knowledge", "right", "tool", "training"), "there")
# Topic: tickets a week, ways to solve it, the tier that does, and what its titles say.
PLANTED = {
    "password reset": (6, 1, 2, "I forgot my password and cannot sign in"),
    "app": (6, 40, 2, "the app does not work on my phone"),
    "late bill": (4, 1, 1, "still waiting for the last bill of my old flat"),
}


def rows() -> list[dict[str, object]]:
    draws, made = np.random.default_rng(1), []
    for topic, (weekly, ways, tier, title) in PLANTED.items():
        for nth in range(weekly * WEEKS):
            at = BEGIN + timedelta(weeks=nth // weekly, hours=float(draws.uniform(0, 100)))
            ticket = f"{topic[:2]}-{nth}".upper()
            said = {"topic": topic, "title": f"{title} {'abcdefghijklmnop'[nth % 16]}"}
            work = timedelta(minutes=float(20 + draws.uniform(0, 10)))
            moves = (("opened", at, 1), ("started", at + timedelta(hours=1), tier))
            moves += (("solved", at + timedelta(hours=1) + work, tier),)
            for seq, (kind, time, level) in enumerate(moves):
                way = {"way": f"W{draws.integers(ways)}"} if kind == "solved" else {}
                made.append(
                    {
                        "source": "help", "id": f"{ticket}.{seq}", "seq": seq, "time": time, "received": time,
                        "type": kind, "identifier": f"account:{topic}{nth}", "key": nth, "ticket": ticket,
                        "team": f"line {level}", "tier": str(level),
                        "data": msgspec.json.encode({**said, **way}).decode(),
                    }
                )  # fmt: skip
    return made


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    home().prepare()
    staging = Staging(home().staging, "help")
    table = pa.Table.from_pylist(rows(), schema=EVENT_SCHEMA)
    staging.append(table.combine_chunks().to_batches()[0])
    lake().absorb(staging)
    return Desk.objects.create(name="help", source="help", reading=READING)


def levels() -> dict[str, str]:
    return {each.topic: each.level for each in candidates(OPERATOR).candidates}


def decide(topic: str = "password reset", **changed: object) -> ShiftDecision:
    given = {"moves_on": date(2026, 1, 5), "gate": GATE, "cost_hours": 40.0, **changed}
    return actions.decide(OPERATOR, "help", topic, **given)


def test_planted_topics_go_where_they_belong():
    assert levels() == {"password reset": "self_service", "app": "stay", "late bill": "remove"}


def test_a_candidate_carries_its_evidence():
    reset = next(each for each in candidates(OPERATOR).candidates if each.topic == "password reset")
    assert (reset.evidence.same_way, reset.evidence.tier) == (1.0, 2)
    assert reset.tickets == 360
    # 6 a week of 25 minutes each; 60 % use it, 80 % of these succeed, 5 % bring another contact.
    expected = 6 * 365.25 / 7 * 25 / 60 * 0.6 * (0.8 - 0.05)
    assert reset.freed_hours == pytest.approx(expected, rel=0.1)
    assert reset.freed_low < expected < reset.freed_high


def test_what_people_say_is_remembered():
    actions.say(OPERATOR, "help", "password reset", called="sign-in")
    actions.say(OPERATOR, "help", "app", containing="phone a", called="phones")
    actions.say(OPERATOR, "help", "late bill", demand="value")
    found = levels()
    assert set(found) == {"sign-in", "app", "phones", "late bill"}
    assert found["late bill"] != "remove"
    assert tickets_of(OPERATOR, "help", "phones")[1] == 23
    actions.say(OPERATOR, "help", "sign-in", called="app")
    assert "sign-in" not in levels()
    actions.say(OPERATOR, "help", "late bill")
    assert levels()["late bill"] == "remove"


@pytest.mark.parametrize(
    "said",
    [
        {"topic": " "},
        {"topic": "app", "containing": "x"},
        {"topic": "app", "demand": "both"},
        {"topic": "a" * 301},
    ],
)
def test_words_that_mean_nothing_are_refused(said):
    with pytest.raises(ValidationError):
        actions.say(OPERATOR, "help", **said)
    assert not TopicWord.objects.exists()


def test_a_decision_keeps_its_forecast_and_is_audited():
    row = decide()
    assert (row.level, row.gate, row.cost_hours) == ("self_service", GATE, 40.0)
    assert row.forecast_low <= row.forecast_hours <= row.forecast_high
    assert AuditEntry.objects.filter(verb="shift.decided").count() == 1


@pytest.mark.parametrize(
    ("moves_on", "lacking"),
    [
        (date(2025, 6, 2), "weeks before"),
        (date(2026, 1, 5), "weeks after"),
        (date(2025, 10, 6), "comparison topics"),
    ],
)
def test_too_little_data_is_an_answer(moves_on, lacking):
    decide(moves_on=moves_on)
    told = candidates(OPERATOR).decided[0]
    assert (told.verdict, told.lacking, told.change) == ("too little data", lacking, None)


def test_the_gate_must_be_answered_and_what_stays_is_not_moved():
    with pytest.raises(ValidationError, match="Knowledge"):
        decide(gate={**GATE, "knowledge": "soon"})
    with pytest.raises(ValidationError, match="not to be moved"):
        decide("app")
    with pytest.raises(ValidationError, match="not negative"):
        decide(cost_hours=-1.0)
    with pytest.raises(Http404):
        decide("nothing of this name")
    assert not ShiftDecision.objects.exists()


def test_nobody_decides_without_the_right():
    with pytest.raises(PermissionDenied):
        actions.decide(ANONYMOUS, "help", "app", moves_on=date(2026, 1, 5), gate={}, cost_hours=None)


def test_what_if_shows_all_three_at_once():
    half, all_of_it = (what_if(OPERATOR, "help", "password reset", share) for share in (0.5, 1.0))
    assert all_of_it.freed == pytest.approx(2 * half.freed)
    assert half.failing == pytest.approx(0.5 * 0.2 * 360 * 365.25 / 7 / WEEKS, rel=0.02)
    with pytest.raises(ValueError, match="between 0 and 1"):
        what_if(OPERATOR, "help", "password reset", 1.5)


def test_pages_decide_and_show_it(client_of: Callable[[Person], Client], service_manager: Person):
    client = client_of(service_manager)
    assert b"password reset" in client.get("/desk/help/shift/").content
    page = client.get("/desk/help/shift/topic/", {"topic": "password reset", "share": "30"}).content.decode()
    assert 'value="30"' in page
    asked = {"topic": "password reset", "moves_on": "2026-01-05", "cost_hours": "8"}
    assert client.post("/desk/help/shift/decide/", asked).status_code == 422
    gates = {f"gate-{need}": answer for need, answer in GATE.items()}
    assert client.post("/desk/help/shift/decide/", {**asked, "moves_on": "soon"}).status_code == 422
    assert client.post("/desk/help/shift/decide/", {**asked, **gates}).status_code == 302
    assert b"Too little data" in client.get("/desk/help/shift/").content
    said = {"topic": "app", "called": "<script>alert(1)</script>"}
    assert client.post("/desk/help/shift/say/", said).status_code == 302
    assert b"<script>alert" not in client.get("/desk/help/shift/").content
    assert client.get("/desk/help/shift/topic/", {"topic": "app"}).status_code == 404


def test_the_api_asks_decides_and_says(client_of: Callable[[Person], Client], service_manager: Person):
    client, at = client_of(service_manager), "/api/desks/help/shift"
    reset = {"topic": "password reset"}
    assert client.get(f"{at}/topic", reset).json()["level"] == levels()["password reset"]
    moved = client.get(f"{at}/what-if", {**reset, "share": "1"}).json()
    assert moved == msgspec.to_builtins(what_if(OPERATOR, "help", "password reset", 1.0))
    assert client.get(f"{at}/what-if", {**reset, "share": "1.5"}).status_code == 422
    assert client.get(f"{at}/what-if", {"topic": "nothing"}).status_code == 404

    def send(where: str, **body: object) -> Any:
        return client.post(f"{at}/{where}", body, content_type="application/json")

    ungated = send("decisions", **reset, moves_on="2026-01-05")
    assert (ungated.status_code, "Answer first" in ungated.json()["detail"]) == (422, True)
    decided = send("decisions", **reset, moves_on="2026-01-05", gate=GATE, cost_hours=8)
    assert [each["cost_hours"] for each in decided.json()["decided"]] == [8.0]
    said = send("topics", topic="app", called="telephones")
    assert "telephones" in {each["topic"] for each in said.json()["candidates"]}
    assert send("topics", topic="app", containing="ring").status_code == 422


def test_what_is_assumed_of_a_new_way_is_data():
    usual = candidates(OPERATOR)
    (home().root / "prices.yaml").write_text("shifts: {used: 0.3, success: 0.8, induced: 0.05}\n")
    asked = candidates(OPERATOR)
    assert asked.assumed.used == 0.3
    less = {each.topic: each.freed_hours for each in asked.candidates if each.level == "self_service"}
    for each in usual.candidates:
        if each.level == "self_service":
            assert less[each.topic] == pytest.approx(each.freed_hours / 2)
    assert decide().used == 0.3
    (home().root / "prices.yaml").write_text("shifts: {used: 3}\n")
    with pytest.raises(DocumentError, match="line 1"):
        candidates(OPERATOR)
