"""A call centre's series: what is taken, what is refused and why, and what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.actions.calls import take_calls
from towpath.desk.commands import COMMANDS
from towpath.desk.importers.calls import SeriesRefused, read_series
from towpath.desk.models import CallInterval
from towpath.desk.queries.calls import call_trends
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.people.models import Person

ClientOf = Callable[[Person], Client]
HEAD = "Interval Start;Queue;Calls offered;Calls answered;Abandoned;ASA\n"
ROWS = (
    HEAD + "2026-03-10 09:00;sales;10;8;2;30\n2026-03-10 09:30;sales;20;20;0;10\n"
    "2026-03-10 10:30;sales;0;0;0;\n2026-03-17 09:00;sales;30;15;15;60\n"
)


def refused(rows: str, **given: str) -> list[tuple[int, str]]:
    return [(each.line, each.reason) for each in read_series(rows.encode(), **given).refused]


def test_columns_go_by_the_names_that_systems_give_them() -> None:
    found = read_series(ROWS.encode()).intervals
    first = found[0]
    assert (first.queue, first.seconds, first.offered, first.answered, first.given_up, first.waited) == (
        "sales", 1800, 10, 8, 2, 30.0,
    )  # fmt: skip
    assert found[2].waited is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("soon;sales;1;1;0;", "is no time"),
        ("2026-03-10 09:00;;1;1;0;", "names no queue"),
        ("2026-03-10 09:00;sales;-1;1;0;", "offered is no count: -1"),
        ("2026-03-10 09:00;sales;1.5;1;0;", "offered is no count: 1.5"),
        ("2026-03-10 09:00;sales;5;4;2;", "more were answered and given up than were offered"),
        ("2026-03-10 09:00;sales;5;6;;", "more were answered"),
        ("2026-03-10 09:00;sales;5;4;1;-3", "waiting time is a number of seconds: -3"),
        ("2026-03-10 09:00;sales;5;4;1;nan", "waiting time is a number of seconds: nan"),
        ("2026-03-10 09:00;sales;99999999999;4;1;", "offered is no count"),
        ("2026-03-10 09:00;sales", "offered is no count"),
    ],
)
def test_a_line_that_is_not_right_is_left_out_with_its_number(line: str, why: str) -> None:
    good = "2026-03-10 12:00;sales;1;1;0;\n"
    series = read_series(f"{HEAD}{good}{line}\n".encode())
    assert len(series.intervals) == 1
    assert series.refused[0].line == 3
    assert why in series.refused[0].reason


def test_an_interval_told_twice_in_a_file_is_told_once() -> None:
    twice = "2026-03-10 09:00;sales;1;1;0;\n"
    assert refused(HEAD + twice + twice) == [(3, "this interval of the queue was told before in this file")]


def test_the_hour_that_never_was_is_refused_and_the_one_that_comes_twice_is_two() -> None:
    never = refused(HEAD + "2026-03-29 02:30;sales;1;1;0;\n", zone="Europe/Berlin")
    assert never == [(2, "clocks were put forward then: this time never was")]
    twice = HEAD + "2026-10-25 02:00;sales;1;1;0;\n2026-10-25 02:00;sales;2;2;0;\n"
    first, second = read_series(twice.encode(), "Europe/Berlin").intervals
    assert second.begin - first.begin == 3_600_000_000


@pytest.mark.parametrize(
    ("raw", "given", "why"),
    [
        (b"a,b\n1,2\n", {}, "begin, offered, answered is not there"),
        (b"", {}, "begin, offered, answered is not there"),
        (ROWS.encode("utf-16"), {}, "no UTF-8"),
        (ROWS.encode(), {"zone": "Mars/Olympus"}, "No time zone is called Mars/Olympus"),
        (b'begin,offered,answered\n"2026', {}, "This is no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    raw: bytes, given: dict[str, str], why: str
) -> None:
    with pytest.raises(SeriesRefused, match=why):
        read_series(raw, **given)


COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=60)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(COUNTS)
def test_sums_shares_and_waiting_are_those_of_plain_arithmetic(counts: list[tuple[int, int]]) -> None:
    CallInterval.objects.all().delete()
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    lines = [
        f"{begin + timedelta(minutes=30 * place):%Y-%m-%d %H:%M};q;{up + lost};{up};{lost};{place}"
        for place, (up, lost) in enumerate(counts)
    ]
    take_calls(OPERATOR, "pbx", (HEAD + "\n".join(lines)).encode())
    (queue,) = call_trends(OPERATOR).queues
    answered, lost = (sum(each[place] for each in counts) for place in (0, 1))
    assert (queue.offered, queue.answered, queue.given_up) == (answered + lost, answered, lost)
    if answered:
        waited = sum(up * place for place, (up, _lost) in enumerate(counts)) / answered
        assert queue.waited == pytest.approx(waited)
    assert sum(week.offered for week in queue.weeks) == queue.offered


@pytest.mark.django_db
def test_told_again_it_changes_what_is_other_and_never_doubles() -> None:
    first = take_calls(OPERATOR, "pbx", ROWS.encode())
    assert (first.written, first.unchanged) == (4, 0)
    again = take_calls(OPERATOR, "pbx", ROWS.replace(";30\n2026", ";31\n2026", 1).encode())
    assert (again.written, again.unchanged) == (1, 3)
    assert CallInterval.objects.count() == 4
    (queue,) = call_trends(OPERATOR).queues
    assert (queue.offered, queue.given_up, queue.lacking) == (60, 17, 333)
    assert [week.week for week in queue.weeks] == ["2026-03-09", "2026-03-16"]
    with pytest.raises(PermissionDenied):
        take_calls(ANONYMOUS, "pbx", ROWS.encode())


@pytest.mark.django_db
def test_page_api_and_command_take_and_show_the_same(
    tmp_path: Path, client_of: ClientOf, service_manager: Person, agent: Person
) -> None:
    manager, reader = client_of(service_manager), client_of(agent)

    def post(raw: bytes, **given: Any) -> str:
        sent = {"source": "pbx", "zone": "UTC", "file": SimpleUploadedFile("calls.csv", raw), **given}
        return manager.post("/desk-calls/take/", sent, follow=True).content.decode()

    assert "4 intervals are new or other." in post(ROWS.encode())
    assert "Line 2 was left out: offered is no count: x." in post(
        f"{HEAD}2026-03-10 09:00;sales;x;1;0;\n".encode()
    )
    assert "is not there" in post(b"a,b\n")
    assert "No time zone is called" in post(ROWS.encode(), zone="Mars/Olympus")
    assert "sales" in reader.get("/desk-calls/").content.decode()
    assert reader.post("/desk-calls/take/", {}).status_code == 403
    address = "/api/calls?source=pbx"
    assert manager.post(address, ROWS, content_type="text/csv").json()["unchanged"] == 4
    assert manager.post(address, "a,b", content_type="text/csv").status_code == 422
    file = tmp_path / "calls.csv"
    file.write_text(ROWS)
    told = CliRunner().invoke(COMMANDS[0], ["import-calls", str(file), "--source", "pbx", "--json"])
    assert json.loads(told.output)["unchanged"] == 4
    shown = CliRunner().invoke(COMMANDS[0], ["calls", "--json"], standalone_mode=False)
    assert json.loads(shown.output) == manager.get("/api/calls").json()
    file.write_text("a,b")
    wrong = CliRunner().invoke(COMMANDS[0], ["import-calls", str(file), "--source", "pbx"])
    assert wrong.exit_code == 1
    assert "is not there" in wrong.output
