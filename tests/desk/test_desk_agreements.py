"""Agreements as a document: read strictly, told with line and column, and asked by ticket."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_clocks import HOUR_US, at

from towpath.desk.rules.agreements import InForce
from towpath.desk.rules.agreements_text import read_agreements, write_agreements
from towpath.desk.rules.calendars import MINUTE_US
from towpath.foundation.operations.documents import DocumentError

EXAMPLE = Path(__file__).parents[2] / "examples/agreements/agreements.yaml"
TEXT = """calendars:
  office: {zone: Europe/Stockholm, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
agreements:
  - {name: Network, metric: resolution, calendar: office, otherwise: 2h, only: {team: ["Network*"]}}
  - {name: Urgent, metric: resolution, calendar: office, targets: {1: 4h, "2": 1h30m}}
  - {name: Answer, metric: first_response, calendar: office, otherwise: 30m, reopened: restart}
"""


def in_force() -> InForce:
    return InForce.of(read_agreements(TEXT, "a.yaml"))


def test_the_example_is_read_and_written_as_it_is() -> None:
    found = read_agreements(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert len(found.agreements) == 3
    assert read_agreements(write_agreements(found), "again.yaml") == found


def test_the_first_agreement_that_fits_and_has_a_target_counts() -> None:
    asked = [
        ("resolution", {"team": "Network 2nd", "priority": "1"}, "Network"),
        ("resolution", {"team": "Mail", "priority": "1"}, "Urgent"),
        ("resolution", {"priority": "2"}, "Urgent"),
        ("resolution", {"team": "Mail", "priority": "3"}, None),
        ("first_response", {}, "Answer"),
    ]
    terms = in_force()
    for metric, ticket, expected in asked:
        place = terms.place(metric, ticket)  # type: ignore[arg-type]
        assert (None if place is None else terms.agreements[place].name) == expected


def test_an_agreement_knows_its_target_calendar_and_what_a_reopening_does() -> None:
    urgent, answer = in_force().agreed(1, "2"), in_force().agreed(2, "")
    assert (urgent.target, urgent.reopened) == (90 * MINUTE_US, "continue")
    assert (answer.target, answer.reopened) == (30 * MINUTE_US, "restart")
    begin = at("2026-03-27T14:30:00+00:00")
    assert urgent.calendar.due(begin, 8 * HOUR_US) == at("2026-03-30T14:30:00+00:00")


def line(text: str) -> str:
    return "agreements:\n  - {name: A, metric: resolution, calendar: office, " + text + "}\n"


OFFICE = "calendars:\n  office: {zone: UTC, hours: {mon: ['09:00-17:00']}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("calendars:\n  office: {zone: UTC, hours: {}}\n", "line 2, column 23: .*no day has working time"),
        ("calendars:\n  office: {zone: UTX, hours: {mon: ['09:00-17:00']}}\n", "column 12: .*no time zone"),
        ("calendars:\n  o: {zone: UTC, hours: {fri-mon: ['09:00-17:00']}}\n", "column 26: .*names no days"),
        ("calendars:\n  o: {zone: UTC, hours: {mon: ['9-17']}}\n", "column 32: .*no interval of a day"),
        ("calendars:\n  o: {zone: UTC, hours: {mon: ['09:00-25:00']}}\n", "that no day has"),
        ("calendars:\n  o: {zone: UTC, hours: {mon: ['22:00-06:00']}}\n", "give night work to both days"),
        (
            "calendars:\n  o: {zone: UTC, hours: {every: ['09:00-17:00'], sat: ['10:00-12:00']}}\n",
            "10:00-12:00 overlaps",
        ),
        (
            "calendars:\n  o: {zone: UTC, hours: {mon: ['09:00-17:00']}, holidays: [2026-02-30]}\n",
            "'2026-02-30' is no date",
        ),
        (OFFICE + line("otherwise: 2d"), "line 4, column .*'2d' is no target: write hours and minutes"),
        (OFFICE + line("otherwise: 0h"), "is no target"),
        (OFFICE + line("targets: {}"), "nothing is agreed"),
        (OFFICE + line("otherwise: 4h, pauses: [working]"), "'working' is no class of states that pauses"),
        (OFFICE + line("otherwise: 4h, reopened: later"), "line 4, column .*later"),
        (OFFICE + line("otherwise: 4h, prize: 3"), "the field 'prize' is not known here"),
        (line("otherwise: 4h"), "'office' is no calendar; known are none"),
        (OFFICE + line("otherwise: 4h").replace("office,", "offise,"), "did you mean office"),
        (OFFICE + line("otherwise: 4h") + line("otherwise: 4h").partition("\n")[2], "stands here twice"),
        (
            "priority: {impacts: [h, l], urgencies: [h], priorities: ['1', '2'], "
            "matrix: {h: ['2'], l: ['1']}}",
            "impact 'l' with urgency 'h' has priority '1', graver than '2'",
        ),
    ],
)
def test_the_error_says_where_and_what_to_do(text: str, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        read_agreements(text, "a.yaml")
