"""What a desk sees speaks on home: planted troubles are found, loud people and quiet weeks are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest
from desk_weeks import fill_desk, planted
from django.http import Http404
from django.test import Client
from findings import detected, put
from made_weeks import UNTIL

from towpath.desk.actions.shift import decide
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home, home
from towpath.foundation.people.models import Person
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.measures.desks.joining import with_desks
from towpath.improvement.models import Finding
from towpath.improvement.queries.desks import tickets_behind, troubles_at_desks
from towpath.improvement.queries.findings import records, standing
from towpath.improvement.queries.looks import state
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.pricing import DEFAULT
from towpath.improvement.schemas.findings import Detected, Onset
from towpath.site.cli import run
from towpath.visibility.queries.home import home as home_shown

NOW = UNTIL + timedelta(hours=3)
RESET, LOOP = "desk:help/shift/topic=reset", "desk:help/handover/teams=billing ⇄ meters"
PRINTER, GATEWAY = "desk:help/repeat/topic=printer", "desk:help/emerging/topic=gateway down"
ClientOf = Callable[[Person], Client]


@pytest.fixture
def looked(tmp_home: Home) -> dict[str, Detected]:
    fill_desk()
    refresh(NOW)
    return {shown.key: shown.found for shown in standing(OPERATOR)}


def test_each_planted_trouble_is_one_finding(looked: dict[str, Detected]) -> None:
    assert set(looked) == {RESET, LOOP, PRINTER, GATEWAY}


def test_figures_are_what_was_planted(looked: dict[str, Detected]) -> None:
    printer, reset, loop, gateway = (looked[key] for key in (PRINTER, RESET, LOOP, GATEWAY))
    # Half of five customers a week come back, a tenth is tolerated; the interval holds it shrunken or not.
    assert printer.beyond.low < 2.5 - 0.5 < printer.beyond.high
    assert printer.ruined_days.value == pytest.approx(printer.beyond.value)
    assert printer.desk is not None
    assert printer.desk.usual == pytest.approx(0.1 * printer.desk.of)
    # Six a week at 22 + 69 that tier 1 could solve for 22, four of five times, five of a hundred ask again.
    assert reset.cost is not None
    assert reset.cost.total == pytest.approx(6 * 26 / 27 * (91 - (22 + 0.2 * 91) - 0.05 * 91))
    assert (reset.level, reset.first_step, reset.ruined_days.value) == ("tier_1", "shift_work", 0)
    # Two tickets a week go to and fro, two moves beyond the first at 69 each; a tenth is tolerated.
    assert loop.cost is not None
    assert loop.cost.total == pytest.approx(2 * 2 * 69 * 0.9, rel=0.1)
    assert gateway.since == Onset(date(2026, 11, 16), date(2026, 11, 9), date(2026, 11, 22))
    assert (gateway.met, gateway.where.component) == (30, "gateway")
    assert gateway.ruined_days.value == pytest.approx(30)


def test_who_asks_every_week_is_no_finding(looked: dict[str, Detected]) -> None:
    assert not [key for key in looked if "layout" in key]


def test_a_desk_without_trouble_says_nothing(tmp_home: Home) -> None:
    fill_desk([row for row in planted() if '"question"' in row["data"]])
    assert refresh(NOW).seen == 0


def test_the_same_trouble_keeps_its_row_and_is_looked_at_once(looked: dict[str, Detected]) -> None:
    assert refresh(NOW).new == 0
    assert troubles_at_desks() is troubles_at_desks()


def test_what_a_person_moves_is_told_no_more(looked: dict[str, Detected]) -> None:
    before = state(NOW)
    gate = dict.fromkeys(("knowledge", "right", "tool", "training"), "there")
    decide(OPERATOR, "help", "reset", moves_on=date(2026, 12, 7), gate=gate, cost_hours=1.0)
    assert state(NOW) != before
    refresh(NOW)
    assert RESET not in {shown.key for shown in standing(OPERATOR)}


def test_what_is_tolerated_is_data(tmp_home: Home) -> None:
    (home().root / "harm.yaml").write_text("tolerated: {returning: 0.6, looping: 1.0}\n", "utf-8")
    fill_desk()
    refresh(NOW)
    assert {record.where.desk for record in records(OPERATOR)} == {"help"}
    assert not {PRINTER, LOOP} & {record.key for record in records(OPERATOR)}


def test_it_is_one_with_a_journeys_finding_at_the_same_component(looked: dict[str, Detected]) -> None:
    since = Onset(date(2026, 11, 15), date(2026, 11, 14), date(2026, 11, 16))
    root = detected("component=gateway", Family.FAULT, since=since)
    found = with_desks([root], troubles_at_desks(), DEFAULT)
    (one,) = [each for each in found if each.journey]
    assert one.kinds == ("fault", "emerging")
    assert [each.name for each in one.together if each.kind == "topic"] == ["gateway down"]
    assert one.signals[-1].detector == "desk_emerging"
    assert not [each for each in found if each.where.topic == "gateway down"]


@pytest.mark.parametrize("day", [date(2026, 9, 1), None])
def test_what_began_long_before_is_another_trouble(looked: dict[str, Detected], day: date | None) -> None:
    culprit = "component=gateway" if day else "component=ledger"
    root = detected(culprit, Family.FAULT, since=Onset(day, day, day) if day else None)
    found = with_desks([root], troubles_at_desks(), DEFAULT)
    assert [each for each in found if each.where.topic == "gateway down"]


def test_home_shows_it_where_there_is_no_journey(
    looked: dict[str, Detected], service_manager: Person, client_of: ClientOf
) -> None:
    assert home_shown(OPERATOR).days is None
    page = client_of(service_manager).get("/").content.decode()
    assert "“reset” goes to specialists, though the first line could solve it" in page
    assert "/desk/help/shift/" in page


def test_cli_and_api_tell_the_same(
    looked: dict[str, Detected],
    service_manager: Person,
    client_of: ClientOf,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["findings", "--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert {each["key"] for each in told} == set(looked)
    assert client_of(service_manager).get("/api/findings").json() == told


def test_its_page_leads_to_its_tickets(
    looked: dict[str, Detected], service_manager: Person, client_of: ClientOf
) -> None:
    client = client_of(service_manager)
    for key in looked:
        digest = Finding.objects.get(key=key).digest
        page = client.get(f"/findings/{digest}/").content.decode()
        assert f"/findings/{digest}/tickets/" in page
        assert "desk help" in page
        behind = tickets_behind(OPERATOR, digest)
        shown = client.get(f"/findings/{digest}/tickets/").content.decode()
        assert behind.tickets[0].ticket in shown
        assert client.get(f"/api/findings/{digest}/tickets").json()["total"] == behind.total


def test_the_tickets_of_the_loop_are_those_that_went_back(looked: dict[str, Detected]) -> None:
    behind = tickets_behind(OPERATOR, Finding.objects.get(key=LOOP).digest)
    assert {ticket.topic for ticket in behind.tickets} == {"reading"}
    assert min(ticket.hand_overs for ticket in behind.tickets) >= 3


def test_a_journeys_finding_has_no_tickets(tmp_home: Home, service_manager: Person, client_of: ClientOf):
    finding = put()
    with pytest.raises(Http404):
        tickets_behind(OPERATOR, finding.digest)
    assert client_of(service_manager).get(f"/findings/{finding.digest}/tickets/").status_code == 404


def test_who_may_not_see_the_desk_gets_no_ticket(
    looked: dict[str, Detected], person_with: Callable[..., Person], client_of: ClientOf
) -> None:
    digest = Finding.objects.get(key=LOOP).digest
    assert client_of(person_with()).get(f"/findings/{digest}/tickets/").status_code == 403
