"""Calls of a call centre: how lists are read and refused, what they say, and the doors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from test_desk_flow_pages import MAPPING, READING, put_in

from towpath.desk.actions.calls import take_calls
from towpath.desk.commands import COMMANDS
from towpath.desk.following import refresh
from towpath.desk.models import CallImport, CallInterval, CallSeries, Desk
from towpath.desk.pages.trend_drawing import Line, draw_lines
from towpath.desk.queries.call_previews import preview_calls
from towpath.desk.queries.calls import call_trends
from towpath.desk.rules.call_lists import CallListRefused, CallMapping, read_calls
from towpath.desk.rules.call_times import UnknownZone
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
HEADING = "begins,queue,offered,answered,abandoned,wait,within\n"
GOOD = HEADING + (
    "2026-03-02 08:00,billing,40,36,4,30,80 %\n"
    "2026-03-02 08:30,billing,60,42,18,1:30,50 %\n"
    "2026-03-02 08:00,outage,10,9,,20,\n"
)
AMSTERDAM = CallMapping(zone="Europe/Amsterdam")
HALF_HOURS = CallMapping(zone="Europe/Amsterdam", minutes=30)


def read(lines: str, mapping: CallMapping = HALF_HOURS) -> list[tuple[int, str]]:
    found = read_calls(
        HEADING + "2026-03-02 08:00,q,9,9,0,1,\n2026-03-02 08:30,q,9,9,0,1,\n" + lines, mapping
    )
    return [(each.line, each.reason) for each in found.refused]


def weeks(count: int) -> str:
    """Weekdays of `count` weeks from Monday 2026-01-05, 09:00 and 09:30; every day as bad as its number."""
    lines = [HEADING]
    for day in range(count * 7):
        at = datetime(2026, 1, 5, 9) + timedelta(days=day)  # noqa: DTZ001 - local, as the list is
        if at.weekday() < 5:
            lost = 2 * (at.weekday() + 1)
            lines += [
                f"{at + timedelta(minutes=half):%Y-%m-%d %H:%M},a,100,{100 - lost},{lost},{lost * 10},\n"
                for half in (0, 30)
            ]
    return "".join(lines)


def test_a_list_is_read_with_what_it_does_not_say_unknown() -> None:
    found = read_calls(GOOD, AMSTERDAM)
    assert found.mapping.minutes == 30
    first, second, last = found.rows
    assert first.begins == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert (second.wait_seconds, second.within, second.line) == (90.0, 0.5, 3)
    assert (last.abandoned, last.within) == (None, None)
    assert (found.refused, found.gaps, found.unread) == ((), (), ())


def test_other_headings_delimiters_and_times_are_mapped() -> None:
    text = "\ufeffStart;Skill;Rufe;Handled;Note\n02.03.2026 08:15;x;5;4;a\n02.03.2026 08:30;x;7;7,b\n"
    mapping = CallMapping(zone="Europe/Berlin", time_format="%d.%m.%Y %H:%M", offered="Rufe")
    found = read_calls(text.replace("7,b", "7;b"), mapping)
    assert (found.mapping.minutes, found.unread, len(found.rows)) == (15, ("Note",), 2)
    assert [each.line for each in read_calls(text, msgspec.structs.replace(mapping, minutes=15)).refused] == [
        3
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-03-02 09:00,q,10,8,3,1,", "more than 10 offered"),
        ("2026-03-02 09:00,q,-1,0,0,1,", "offered is “-1”"),
        ("2026-03-02 09:00,q,5,2.5,0,1,", "answered is “2.5”"),
        ("2026-03-02 09:00,q,9999999,0,0,1,", "from 0 to 1,000,000"),
        ("2026-03-02 09:00,q,5,5,0,-3,", "no waiting time"),
        ("2026-03-02 09:00,q,5,5,0,3,140 %", "no service level"),
        ("02/03/2026 09:00,q,5,5,0,3,", "no time written like"),
        ("0026-03-02 09:00,q,5,5,0,3,", "between 1990 and 2100"),
        ("2026-03-02 09:10,q,5,5,0,3,", "overlaps its neighbour"),
        ("2026-03-02 08:30,q,5,5,0,3,", "same queue and interval as line 3"),
        ("2026-03-29 02:30,q,5,5,0,3,", "the clock was put forward"),
        ("2026-03-02 09:00,q,5,5", "4 cells where the heading has 7"),
        (f"2026-03-02 09:00,{'q' * 201},5,5,0,3,", "at most 200 characters"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_reason(line: str, reason: str) -> None:
    [(number, said)] = read(line + "\n")
    assert number == 4
    assert reason in said


@pytest.mark.parametrize(
    ("text", "mapping", "reason"),
    [
        ("", AMSTERDAM, "a heading and at least one line"),
        (HEADING, AMSTERDAM, "a heading and at least one line"),
        ("a,b\n1,2\n", AMSTERDAM, "Say which column holds: begins, offered, answered"),
        (GOOD, CallMapping(zone="UTC", offered="calls"), "There is no column calls"),
        (GOOD, CallMapping(zone="UTC", offered="answered"), "cannot hold two things"),
        ("begins,begins\n1,2\n", AMSTERDAM, "Two columns are called begins"),
        (HEADING + "2026-03-02 08:00,q,5,5,0,1,\n", AMSTERDAM, "Say how many minutes"),
        (GOOD + "2026-03-02 09:30,billing,5,5,0,1,\n", AMSTERDAM, "steps of 30 and of 60 are as usual"),
        (GOOD, CallMapping(zone="UTC", minutes=7), "Intervals of 7 minutes"),
        (HEADING + "x,q,5,5,0,1,\n", AMSTERDAM, "line 2: “x” is no time"),
        (HEADING + '2026-03-02 08:00,"q,5,5,0,1,\n', AMSTERDAM, "is no CSV"),
        (GOOD.replace("80 %", "0.8").replace("50 %", "0.5"), AMSTERDAM, "these seem to be shares"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_whole(text: str, mapping: CallMapping, reason: str) -> None:
    with pytest.raises(CallListRefused, match=reason):
        read_calls(text, mapping)


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone, match="is no time zone"):
        read_calls(GOOD, CallMapping(zone=zone))


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    lines = "".join(f"2026-10-25 {at},q,1,1,0,1,\n" for at in ("02:00", "02:30", "02:00", "02:30", "03:00"))
    found = read_calls(HEADING + lines, AMSTERDAM)
    assert [row.begins.hour * 60 + row.begins.minute for row in found.rows] == [0, 30, 60, 90, 120]
    again = read_calls(HEADING + lines + "2026-10-25 02:00,q,1,1,0,1,\n", AMSTERDAM)
    assert [each.line for each in again.refused] == [7]


def test_gaps_within_a_day_are_told_and_nights_are_none() -> None:
    found = read_calls(
        GOOD + "2026-03-02 10:00,billing,1,1,0,1,\n2026-03-03 08:00,billing,1,1,0,1,\n", HALF_HOURS
    )
    assert [(gap.line, gap.queue, gap.missing) for gap in found.gaps] == [(5, "billing", 2)]


def test_the_same_interval_again_is_updated_and_never_doubled(tmp_home: object) -> None:
    first = take_calls(OPERATOR, "switchboard", GOOD, AMSTERDAM)
    again = take_calls(OPERATOR, "switchboard", GOOD.replace("40,36,4", "41,36,5"), CallMapping())
    assert [(each.new, each.changed, each.same) for each in (first, again)] == [(3, 0, 0), (0, 1, 2)]
    assert CallInterval.objects.count() == 3
    assert call_trends(OPERATOR).queues[0].figures.offered == 101


def test_a_series_keeps_its_zone_and_length(tmp_home: object) -> None:
    take_calls(OPERATOR, "switchboard", GOOD, AMSTERDAM)
    for other in (CallMapping(zone="UTC"), CallMapping(minutes=15)):
        with pytest.raises(ValidationError, match="would count calls twice"):
            take_calls(OPERATOR, "switchboard", GOOD, other)
    with pytest.raises(ValidationError, match="small letters"):
        take_calls(OPERATOR, "Switch board", GOOD, AMSTERDAM)
    assert CallImport.objects.count() == 1


def test_figures_are_those_of_the_list(tmp_home: object) -> None:
    take_calls(OPERATOR, "switchboard", GOOD, AMSTERDAM)
    found = call_trends(OPERATOR)
    billing, outage = (each.figures for each in found.queues)
    assert (billing.offered, billing.abandoned, billing.unexplained) == (100, 22, 0)
    assert billing.wait_seconds == pytest.approx((36 * 30 + 42 * 90) / 78)
    assert billing.within_share == pytest.approx((0.8 * 40 + 0.5 * 60) / 100)
    assert (billing.given_up_share, billing.given_up_low) == (0.22, None), "one day is too little"
    assert (outage.abandoned, outage.given_up_share, outage.unexplained) == (None, None, 1)
    assert [told[:9] for told in found.unknown] == ["1 of 3 in", "1 of 3 in"]
    assert found.weeks[0].tickets is None


def test_days_not_calls_are_taken_as_independent(tmp_home: object) -> None:
    take_calls(OPERATOR, "switchboard", weeks(6), AMSTERDAM)
    figures = call_trends(OPERATOR).queues[0].figures
    assert figures.given_up_share == pytest.approx(0.06)
    assert figures.given_up_low is not None
    assert figures.given_up_high is not None
    # Each day is wholly bad or good: wider than the 0.0086 that 6,000 independent calls would give.
    assert 0.014 < figures.given_up_high - figures.given_up_low < 0.03


def test_weeks_hours_and_what_is_missing(tmp_home: object) -> None:
    lines = weeks(6).splitlines(keepends=True)
    del lines[12]
    take_calls(OPERATOR, "switchboard", "".join(lines), AMSTERDAM)
    found = call_trends(OPERATOR, queue="a")
    assert [(week.monday, week.whole) for week in found.weeks][::5] == [
        (date(2026, 1, 5), True),
        (date(2026, 2, 9), True),
    ]
    assert [(hour.weekday, hour.hour, hour.days) for hour in found.hours] == [(day, 9, 6) for day in range(5)]
    assert found.queues[0].missing == 1
    assert found.hours[4].figures.given_up_share == pytest.approx(0.1)


def test_a_week_that_the_list_cuts_is_not_whole(tmp_home: object) -> None:
    lines = weeks(3).splitlines(keepends=True)
    take_calls(OPERATOR, "switchboard", "".join([lines[0], *lines[3:-2]]), AMSTERDAM)
    assert [week.whole for week in call_trends(OPERATOR).weeks] == [False, True, False]


def test_tickets_stand_beside_the_calls(tmp_home: object, tmp_path: Path) -> None:
    put_in(tmp_path, MAPPING + READING)
    refresh(Desk.objects.get())
    take_calls(OPERATOR, "switchboard", weeks(3), AMSTERDAM)
    assert [week.tickets for week in call_trends(OPERATOR).weeks] == [0, 0, 1]


def test_the_page_looks_first_and_takes_in_then(
    tmp_home: object, client_of: ClientOf, service_manager: Person
) -> None:
    manager = client_of(service_manager)
    assert "No calls are known yet" in manager.get("/desk-calls/").content.decode()
    bad = GOOD + "2026-03-02 09:00,<b>,10,8,3,1,\n"
    sent: dict[str, Any] = {"name": "switchboard", "zone": "Europe/Amsterdam", "text": bad}
    seen = manager.post("/desk-calls-import/", sent).content.decode()
    assert "3 intervals of 30 minutes would come in" in seen
    assert "Line 5" in seen
    assert not CallSeries.objects.exists()
    file = SimpleUploadedFile("calls.csv", bad.encode())
    page = manager.post("/desk-calls-import/", {**sent, "text": "", "file": file, "take": "1"}, follow=True)
    shown = page.content.decode()
    assert "3 intervals are new" in shown
    assert "&lt;b&gt;" in shown
    assert "too little data" in shown
    assert "<svg" in manager.get("/desk-calls/switchboard/?queue=billing").content.decode()


def test_the_page_says_what_is_wrong(tmp_home: object, client_of: ClientOf, service_manager: Person) -> None:
    manager = client_of(service_manager)
    for sent, words in (
        ({"name": "x"}, "Choose a file"),
        ({"name": "x", "text": GOOD}, "is no time zone"),
        ({"name": "X y", "text": GOOD, "zone": "UTC"}, "small letters"),
        ({"name": "x", "file": SimpleUploadedFile("c.csv", b"\xff\xfe")}, "byte 0 cannot be read"),
    ):
        answer = manager.post("/desk-calls-import/", sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert manager.get("/desk-calls/nowhere/").status_code == 404
    take_calls(OPERATOR, "switchboard", GOOD, AMSTERDAM)
    assert manager.get("/desk-calls/switchboard/?queue=none").status_code == 404


def test_readers_read_and_outsiders_do_not(
    tmp_home: object, client_of: ClientOf, agent: Person, customer_person: Person
) -> None:
    take_calls(OPERATOR, "switchboard", GOOD, AMSTERDAM)
    reader, outsider = client_of(agent), client_of(customer_person)
    assert reader.get("/desk-calls/switchboard/").status_code == 200
    assert "Bring a list in" not in reader.get("/desk-calls/switchboard/").content.decode()
    assert reader.post("/desk-calls-import/", {}).status_code == 403
    assert reader.post("/api/calls/switchboard", GOOD, content_type="text/csv").status_code == 403
    assert outsider.get("/desk-calls/switchboard/").status_code == 403
    assert outsider.get("/api/calls/switchboard").status_code == 403
    for deed in (preview_calls, take_calls):
        with pytest.raises(PermissionDenied):
            deed(ANONYMOUS, "switchboard", GOOD, AMSTERDAM)


def test_api_and_command_bring_in_and_show_the_same(
    tmp_home: object, tmp_path: Path, client_of: ClientOf, service_manager: Person
) -> None:
    manager, group = client_of(service_manager), COMMANDS[0]
    address = "/api/calls/switchboard"

    def post(body: str | bytes, where: str = "?zone=Europe/Amsterdam") -> Any:
        return manager.post(address + where, body, content_type="text/csv")

    looked = post(GOOD, "/preview?zone=Europe/Amsterdam").json()
    assert len(looked["rows"]) == 3
    assert not CallSeries.objects.exists()
    assert post(GOOD).json()["new"] == 3
    assert post(GOOD, "?zone=Mars").status_code == 422
    assert post(GOOD, "/preview?zone=Mars").status_code == 422
    assert post(b"\xff").status_code == 422
    file = tmp_path / "calls.csv"
    file.write_text(GOOD + "2026-03-02 09:00,q,10,8,3,1,\n")
    for words, code in ((["--preview"], 1), ([], 1)):
        done = CliRunner().invoke(
            group, ["import-calls", "switchboard", str(file), "--json", *words], standalone_mode=False
        )
        assert done.return_value == code
        assert json.loads(done.output)["refused"][0]["line"] == 5
    told = CliRunner().invoke(group, ["calls", "--json"])
    assert json.loads(told.output) == manager.get(address).json()
    assert [each["name"] for each in manager.get("/api/calls").json()] == ["switchboard"]
    assert "billing" in CliRunner().invoke(group, ["calls"]).output


def test_the_command_refuses_what_it_cannot_read(tmp_home: object, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    for body, words, reason in (
        (GOOD.encode(), ["--zone", "Mars"], "is no time zone"),
        (GOOD.encode(), ["--column", "colour=queue"], "WHAT=HEADING"),
        (b"\xff", [], "is not UTF-8"),
    ):
        file.write_bytes(body)
        done = CliRunner().invoke(COMMANDS[0], ["import-calls", "x", str(file), *words])
        assert done.exit_code != 0
        assert reason in done.output


def test_a_picture_of_several_lines_says_which_is_which() -> None:
    two = draw_lines([Line("offered", [3, 2]), Line("<b>answered", [2, 1])], ["1", "2"], str)
    assert "offered" in two.split("<title>")[0]
    assert "&lt;b&gt;answered" in two.split("<title>")[0]
    one = draw_lines([Line("offered", [3, 2])], ["1", "2"], str)
    assert "offered" not in one.split("<title>")[0]
