"""The account for leaders: true sentences, four languages, one page, and weeks that stay as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import standing_week as standing
from django.test import Client
from django.utils import timezone, translation

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding, StandingDays
from towpath.improvement.schemas.findings import Moment
from towpath.site.cli import run
from towpath.visibility.jobs import keep_week as keep_week_job
from towpath.visibility.keeping import keep_week
from towpath.visibility.models import KeptWeek
from towpath.visibility.pages.sheet import sheet_of
from towpath.visibility.printing.pdf import pages_in, pdf_of
from towpath.visibility.queries.account import account, accounts

pytestmark = pytest.mark.django_db
Clients = Callable[[Person], Client]
LANGUAGES = ("en", "es", "sv", "zh-hans")


@pytest.fixture
def told(tmp_home: Home) -> None:
    standing.put_all()


def test_it_tells_the_week_in_whole_sentences(told: None) -> None:
    made = account(OPERATOR)
    assert (made.week, made.whole) == ("2026-W47", True)
    said = " ".join(made.sentences).replace("\u00a0", " ")
    assert "Of 150,977 customer-days 92.6 % were good" in said
    assert "2.9 points worse than in the four weeks before" in said
    assert "What ruined most: “Pay by card” fails in app 4.12.0 (37 % of the ruined days)." in said
    assert "Better than before: Move home (+2.1)." in said
    assert "5 findings are to be mended, and nobody has taken one on yet." in said


def test_only_findings_that_name_a_component_or_a_change_were_infrastructure(told: None) -> None:
    made = account(OPERATOR)
    assert made.spoiled == pytest.approx(4_100 + 2_054 + 11)
    assert [piece.days for piece in made.spoiled_by] == [4_100, 2_054, 11]


def test_saved_days_are_measured_ones_alone(told: None) -> None:
    assert account(OPERATOR).saved is None
    assert "too little data" in " ".join(account(OPERATOR).sentences)
    measured = {"gain": 620.0, "expected": 500.0, "before": 660.0, "now": 40.0}
    Finding.objects.filter(state=Finding.State.GONE).update(measured=measured)
    assert account(OPERATOR).saved == 620.0


def test_a_change_within_chance_is_no_change(tmp_home: Home) -> None:
    standing.put_week(before=0.9262)
    assert "within chance" in " ".join(account(OPERATOR).sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_gives_a_pdf_of_one_page(told: None, language: str) -> None:
    with translation.override(language):
        made = account(OPERATOR)
        pdf = pdf_of(sheet_of(made), made.as_of)
        again = pdf_of(sheet_of(made), made.as_of)
    assert pdf.startswith(b"%PDF-")
    assert pages_in(pdf) == 1
    assert pdf == again


def test_long_names_and_many_journeys_stay_on_one_page(tmp_home: Home) -> None:
    long = "A step with a name that somebody thought about for a long time"
    many = tuple(standing.JourneyDays(f"j{n}", f"{long} {n}", 900, 90 + n, 0.9) for n in range(20))
    standing.put_week(journeys=many)
    gone = {
        "state": Finding.State.GONE,
        "measured": {"gain": 9.0, "expected": 8.0, "before": 9.0, "now": 0.0},
    }
    for place, cause in enumerate((standing.PAYING, standing.METER, standing.IDENTITY, standing.DOUBLE)):
        where = msgspec.structs.replace(standing.detected(cause, 1.0).where, step_name=f"{long}, {place}")
        standing.put_finding(cause, 900.0, found={"where": where}, **(gone if place < 2 else {}))
    made = account(OPERATOR)
    assert pages_in(pdf_of(sheet_of(made), made.as_of)) == 1


def test_chinese_is_set_in_a_font_that_has_it(tmp_home: Home) -> None:
    journeys = (standing.JourneyDays("pay", "支付账单", 70_000, 6_300, 0.958),)
    standing.put_week(journeys=journeys)
    made = account(OPERATOR)
    assert b"NotoSansSC" in pdf_of(sheet_of(made), made.as_of)


def test_what_names_hold_is_text_and_never_a_command(tmp_home: Home) -> None:
    evil = '#panic("no") $x$ *b* [c] `d` @e <f> \\ "'
    standing.put_week(journeys=(standing.JourneyDays("pay", evil, 70_000, 6_300, 0.958),))
    where = msgspec.structs.replace(standing.detected(standing.PAYING, 1.0).where, step_name=evil)
    standing.put_finding(standing.PAYING, 4_100.0, found={"where": where})
    made = account(OPERATOR)
    assert evil in made.spoiled_by[0].sentence
    assert pages_in(pdf_of(sheet_of(made), made.as_of)) == 1


def test_a_kept_week_says_next_week_what_it_said(told: None) -> None:
    assert keep_week(OPERATOR) == "2026-W47"
    assert keep_week(OPERATOR) == ""
    before = account(OPERATOR)
    Finding.objects.all().delete()
    StandingDays.objects.all().delete()
    last = standing.LAST + timedelta(days=2)
    as_of = datetime(2026, 11, 24, 9, tzinfo=UTC)
    days = standing.day_figures(last=last)
    standing.put_week(standing.week(as_of=as_of, first=date(2026, 11, 18), last=last, days=days))
    assert accounts(OPERATOR) == ["2026-W48", "2026-W47"]
    assert account(OPERATOR, "2026-W47") == before
    assert not account(OPERATOR).whole


def test_the_worker_keeps_the_week_of_its_last_look(told: None) -> None:
    assert keep_week_job.func() == "2026-W47"
    StandingDays.objects.update(made_at=timezone.now() + timedelta(minutes=1))
    assert keep_week_job.func() == "2026-W47"
    assert KeptWeek.objects.count() == 1


def test_a_kept_week_names_no_customer(tmp_home: Home) -> None:
    moment = Moment("7788990011", standing.LAST, standing.AS_OF, "shop", "e-1")
    standing.put_week()
    standing.put_finding(standing.PAYING, 900.0, found={"moments": (moment,)})
    keep_week(OPERATOR)
    assert "7788990011" not in str(KeptWeek.objects.get().body)


def test_the_page_offers_the_pdf_in_four_languages(told: None, leader: Person, client_of: Clients) -> None:
    text = client_of(leader).get("/account/").content.decode()
    assert "Week 47: how our customers’ days were" in text
    assert [code in text for code in ("?lang=en", "?lang=es", "?lang=sv", "?lang=zh-hans")] == [True] * 4
    answer = client_of(leader).get("/account/2026-W47.pdf?lang=zh-hans")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")


@pytest.mark.parametrize("address", ["/account/2020-W01.pdf", "/account/2026-W60.pdf", "/account/?week=soon"])
def test_a_week_without_an_account_is_not_found(
    told: None, leader: Person, client_of: Clients, address: str
) -> None:
    assert client_of(leader).get(address).status_code == 404


def test_a_language_that_is_not_spoken_is_refused(told: None, leader: Person, client_of: Clients) -> None:
    assert client_of(leader).get("/account/2026-W47.pdf?lang=tlh").status_code == 404


def test_the_api_tells_the_same_and_refuses_what_is_no_week(
    told: None, leader: Person, client_of: Clients
) -> None:
    api = client_of(leader)
    record = json.loads(msgspec.json.encode(account(OPERATOR)))
    assert api.get("/api/account?week=2026-W47").json() == record
    refused = api.get("/api/account?week=47")
    assert (refused.status_code, "2026-W47" in refused.json()["detail"]) == (422, True)


def test_before_any_figures_the_page_says_what_is_missing(
    tmp_home: Home, leader: Person, client_of: Clients
) -> None:
    assert "nothing to account for yet" in client_of(leader).get("/account/").content.decode()


def test_the_command_prints_the_week_and_writes_the_pdf(
    told: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "week.pdf"
    assert run(["account", "--week", "2026-W47", "--lang", "sv", "--pdf", str(file)]) == 0
    assert file.read_bytes().startswith(b"%PDF-")
    capsys.readouterr()
    assert run(["account"]) == 0
    assert "customer-days" in capsys.readouterr().out
    assert run(["account", "--week", "W47"]) == 2
    assert "write it as 2026-W47" in capsys.readouterr().err
