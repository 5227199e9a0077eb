"""Home answers from records that stand, and says honestly what it cannot tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
import standing_week as standing
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.events.queries import EventCount
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding, FindingStep, StandingDays
from towpath.improvement.schemas.days import DayFigures, JourneyDays
from towpath.improvement.schemas.findings import Together
from towpath.site.cli import run
from towpath.visibility.measures import pace_of
from towpath.visibility.queries.home import home
from towpath.visibility.queries.weeks import weeks_of

pytestmark = pytest.mark.django_db
Clients = Callable[[Person], Client]
QUERIES_OF_HOME = 8
"""None of them grows with the lake: session, person, roles, figures, findings, and the validator's."""


@pytest.fixture
def page(tmp_home: Home, client_of: Clients, service_manager: Person) -> Client:
    """A service manager's browser, with a believable week in the records."""
    standing.put_all()
    return client_of(service_manager)


def text_of(client: Client, address: str = "/", **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def test_it_shows_the_rate_its_change_and_the_findings_by_rank(page: Client) -> None:
    text = text_of(page)
    assert '<span data-figure="rate">92.6</span>' in text
    assert "−2.9 points" in text
    listed = re.findall(r"<h3><a [^>]*>([^<]*)</a></h3>", text)
    assert listed[:2] == ["Grave harm at “Pay by card”", "“Pay by card” fails in app 4.12.0"]
    assert "together with release app 4.12.0" in text
    assert "3,280" in text
    assert "2,952 to 3,608" in text


def test_the_number_of_queries_is_known_and_no_look_into_the_lake_is_needed(
    page: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("home looked into the lake")

    monkeypatch.setattr("towpath.events.queries.lake", refuse)
    monkeypatch.setattr("towpath.journeys.queries.journeys.lake", refuse)
    with django_assert_num_queries(QUERIES_OF_HOME):
        text_of(page)


def test_whoever_shows_the_figures_already_hears_that_they_stand(page: Client) -> None:
    first = page.get("/home/")
    again = page.get("/home/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first["ETag"].strip('"') in text_of(page)


@pytest.mark.parametrize("change", ["look", "step", "language"])
def test_a_new_look_a_step_and_another_language_are_other_figures(page: Client, change: str) -> None:
    etag = page.get("/home/")["ETag"]
    if change == "look":
        StandingDays.objects.update(made_at=timezone.now() + timedelta(seconds=2))
    elif change == "step":
        finding = Finding.objects.first()
        FindingStep.objects.create(finding=finding, at=timezone.now(), state="accepted", by="anna")
    else:
        page.post("/language/", {"language": "sv", "next": "/"})
    assert page.get("/home/", headers={"If-None-Match": etag}).status_code == 200


def test_what_ruined_days_adds_up_to_all_of_them(page: Client) -> None:
    split = home(OPERATOR).split
    assert sum(piece.share for piece in split) == pytest.approx(1.0)
    assert [piece.digest == "" for piece in split] == [False] * 5 + [True]


def test_what_moved_the_rate_is_named_with_its_points(page: Client) -> None:
    moves = home(OPERATOR).moves
    assert [(move.sentence, round(move.change, 4)) for move in moves] == [
        ("“Pay by card” fails in app 4.12.0", -0.027),
        ("", -0.004),
    ]
    assert "−2.7 points" in text_of(page)


def test_a_quiet_week_says_so_and_what_was_looked_at(
    tmp_home: Home, agent: Person, client_of: Clients
) -> None:
    standing.put_week(causes=(), journeys=())
    text = text_of(client_of(agent))
    assert "A quiet week: nothing stands out." in text
    assert "410,332 attempts" in text


def test_without_outcome_and_latency_the_rate_is_not_measurable_yet(
    tmp_home: Home, agent: Person, client_of: Clients
) -> None:
    unknown = {"good_rate": None, "good_low": None, "good_high": None, "before": None}
    standing.put_week(**unknown, faults_per_thousand=None, lacking=("outcome", "latency", "contact"))
    text = text_of(client_of(agent))
    assert "not measurable yet" in text
    assert "100" not in text.partition('id="good-days"')[2].partition("</section>")[0]
    assert 'href="/events/">Connect a source that tells the outcome' in text


def test_figures_of_another_shape_are_no_figures_until_the_next_look(page: Client) -> None:
    StandingDays.objects.update(body={"good_rate": "much"})
    assert "No journey recognises" in text_of(page, "/home/")


def test_events_without_a_journey_lead_to_drawing_one(
    tmp_home: Home,
    client_of: Clients,
    service_manager: Person,
    leader: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("towpath.events.queries.count_events", lambda actor: EventCount(41, 0, 0))
    assert 'href="/journeys/new/">Draw a journey' in text_of(client_of(service_manager))
    text = text_of(client_of(leader))
    assert "41 events, no journey yet" in text
    assert "Ask a service manager" in text


def test_a_look_that_found_no_step_says_what_to_do(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    standing.put_week(first=None, last=None, as_of=None, days=())
    assert "No journey recognises an event of these weeks" in text_of(client_of(agent), "/home/")


def test_findings_that_were_declined_or_not_seen_any_more_are_not_to_be_mended(tmp_home: Home) -> None:
    standing.put_week()
    standing.put_finding(standing.PAYING, 900.0, state=Finding.State.DECLINED)
    standing.put_finding(standing.METER, 800.0, seen=False)
    standing.put_finding(standing.IDENTITY, 700.0, state=Finding.State.BACK)
    assert [one.sentence for one in home(OPERATOR).findings] == [
        "“Identify” loses customers who come by phone"
    ]


def test_measured_gain_stands_beside_what_was_expected(page: Client) -> None:
    measured = {"gain": 620.0, "expected": 500.0, "before": 660.0, "now": 40.0}
    Finding.objects.filter(state=Finding.State.GONE).update(measured=measured)
    text = text_of(page)
    assert "−620 ruined days a week" in text
    assert "expected −500" in text


def test_a_change_that_chance_could_bring_is_said_to_be_within_chance(page: Client) -> None:
    directions = {pace.journey: pace.direction for pace in home(OPERATOR).paces}
    assert directions == {"move": "better", "join": "same", "pay": "worse"}
    assert "+0.1 points, within chance" in text_of(page)


def test_page_api_and_command_show_the_same_record(page: Client, capsys: pytest.CaptureFixture[str]) -> None:
    asked = page.get("/api/home").json()
    capsys.readouterr()
    assert run(["home", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == asked
    assert [one["place"] for one in asked["findings"]] == [1, 2, 3, 4, 5]
    assert run(["home"]) == 0
    assert "92.6" in capsys.readouterr().out


def test_an_outsider_sees_no_figure(page: Client, client_of: Clients, customer_person: Person) -> None:
    outsider = client_of(customer_person)
    assert outsider.get("/home/").status_code == 403
    assert outsider.get("/api/home").status_code == 403
    assert "92.6" not in text_of(outsider)
    assert Client().get("/home/").status_code in (302, 403)


def test_accepting_is_one_click_away_for_those_who_may(
    page: Client, client_of: Clients, agent: Person
) -> None:
    accept = f"/findings/{standing.key(*standing.PAYING).digest}/#accept"
    assert accept in text_of(page)
    assert accept not in text_of(client_of(agent))


def test_a_day_that_has_only_begun_is_drawn_as_one(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    standing.put_week()
    ring = 'stroke="var(--canal)" fill="var(--card)"'
    assert ring not in text_of(client_of(agent))
    days = standing.day_figures()
    young = DayFigures(days[-1].day + timedelta(days=1), 40, 0)
    StandingDays.objects.all().delete()
    standing.put_week(standing.week(days=(*days, young), last=young.day))
    assert text_of(client_of(agent)).count(ring) == 1


def test_a_name_with_markup_is_shown_as_it_is(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    evil = "<script>alert(1)</script>"
    standing.put_week()
    release = (Together("release", evil, standing.RELEASE),)
    standing.put_finding(standing.PAYING, 900.0, found={"together": release})
    text = text_of(client_of(agent))
    assert evil not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@given(many=st.integers(1, 100), most=st.integers(1, 12), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_weeks_are_whole_do_not_overlap_and_end_today(many: int, most: int, seed: int) -> None:
    last = date(2026, 11, 22)
    days = [DayFigures(last - timedelta(days=n), 10 + n % 5, (n * seed) % 7) for n in range(many)]
    weeks = weeks_of(days, last, most)
    assert weeks[-1].last == last
    assert len(weeks) == max(1, min(most, many // 7))
    assert all((later.first - week.last).days == 1 for week, later in pairwise(weeks))
    told = {day.day: day for day in days}
    inside = [told[day] for day in told if weeks[0].first <= day <= last]
    assert sum(week.ruined for week in weeks) == sum(day.ruined for day in inside)


def test_a_few_customers_who_fail_again_and_again_make_no_journey_certainly_worse() -> None:
    clustered = JourneyDays("order", "Order", 1_000, 60, 0.96, low=0.90, high=0.98)
    pace, alone = pace_of(clustered), pace_of(msgspec.structs.replace(clustered, low=None, high=None))
    assert pace is not None
    assert alone is not None
    assert (pace.direction, alone.direction) == ("same", "worse")
