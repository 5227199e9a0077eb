"""Tables of tickets are known by their columns; odd histories come in and are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from desk_exports import events, imported, issue, written
from django.test import Client

from towpath.desk.importers.jira import issue_rows
from towpath.desk.measures.history import read_history
from towpath.desk.models import Desk
from towpath.desk.rules.reading_text import read_reading
from towpath.events.sniffing import sniff
from towpath.events.store import lake
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

SERVICENOW = Path(__file__).parents[2].parent / "shared" / "data" / "uci-servicenow-incidents"
HEAD = "number,incident_state,sys_updated_at,caller_id,assignment_group,priority,short_description\n"


def table(folder: Path, *lines: str) -> Path:
    path = folder / "incidents.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


TICKETS = [
    f"INC{number},{state},2026-01-{day:02} 10:00,Eva Holm,{team},2,Eva calls again from +46 70 123 45 67"
    for number in range(1, 6)
    for day, state, team in ((1, "New", "Desk"), (2, "In Progress", "Network"), (3, "Closed", "Network"))
]


def test_a_helpdesks_table_names_its_tickets_and_masks(tmp_path: Path) -> None:
    proposal = sniff(table(tmp_path, *TICKETS))
    assert proposal.mapping.events["ticket"][0].column == "number"
    assert proposal.mapping.events["team"][0].column == "assignment_group"
    assert proposal.mapping.sections == {"mask": "true"}
    assert any("masked" in doubt for doubt in proposal.doubts)
    assert "Eva" not in str(proposal.preview.rows)


def test_other_tables_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,status,at,amount\n" + "".join(f"{n % 3},paid,2026-01-0{n},5\n" for n in range(1, 9)),
        encoding="utf-8",
    )
    mapping = sniff(path).mapping
    assert "ticket" not in mapping.events
    assert mapping.sections == {}


def test_a_servicenow_export_dropped_as_it_is_is_taken_for_tickets() -> None:
    if not SERVICENOW.exists():
        pytest.skip(f"{SERVICENOW} is missing")
    (path,) = SERVICENOW.glob("*.csv.gz")
    mapping = sniff(path).mapping
    picks = {field: mapping.events[field][0].column for field in ("ticket", "type", "team", "identifier")}
    assert picks == {
        "ticket": "number", "type": "incident_state", "team": "assignment_group", "identifier": "caller_id",
    }  # fmt: skip
    assert mapping.sections["mask"] == "true"


@pytest.mark.django_db
def test_a_dropped_table_becomes_a_desk_without_any_modelling(tmp_home: Home, tmp_path: Path) -> None:
    assert imported(table(tmp_path, *TICKETS)).written == 15
    desk = Desk.objects.get()
    history = read_history(lake().snapshot(), desk.source, read_reading(desk.reading, "reading"))
    assert len(history.tickets) == 5
    assert set(history.of_ticket["customer"].texts()) == {events()[0]["identifier"]}


@pytest.mark.django_db
def test_unknown_states_are_told_before_and_kept_after(tmp_home: Home, tmp_path: Path) -> None:
    path = table(tmp_path, *TICKETS, "INC9,Frobnicated,2026-01-04 10:00,Eva Holm,Desk,2,x")
    assert any("Frobnicated" in doubt for doubt in sniff(path).doubts)
    imported(path)
    desk = Desk.objects.get()
    history = read_history(lake().snapshot(), desk.source, read_reading(desk.reading, "reading"))
    place = history.number_of("INC9")
    assert place is not None


@pytest.mark.django_db
def test_a_team_that_was_renamed_half_way_stays_one_team(tmp_home: Home, tmp_path: Path) -> None:
    imported(table(tmp_path, *TICKETS, "INC1,Closed,2026-01-05 10:00,Eva Holm,Networks & Wifi,2,x"))
    desk = Desk.objects.get()
    reading = read_reading(desk.reading, "reading")
    renamed = msgspec.structs.replace(reading, teams={"Networks & Wifi": "Network"})
    plain, joined = (read_history(lake().snapshot(), desk.source, each) for each in (reading, renamed))
    assert set(plain.team.texts()) == {"Desk", "Network", "Networks & Wifi"}
    assert int(plain.facts.hand_overs.sum()) == int(joined.facts.hand_overs.sum()) + 1


def test_an_issue_that_was_resolved_before_it_was_opened_is_kept() -> None:
    rows = list(issue_rows(issue(created="2026-02-01T00:00:00.000+0000")))
    assert [row["state"] for row in rows][-1] == "Resolved"
    assert {row["time"] for row in rows} == {"2026-02-01T00:00:00Z"}
    assert rows[-1]["resolved"] == "2026-01-06T11:00:00Z"


@pytest.mark.django_db
def test_a_hundred_thousand_tickets_of_one_caller_come_in(tmp_home: Home, tmp_path: Path) -> None:
    lines = (f"INC{number},New,2026-01-01 10:00,Eva Holm,Desk,2,x" for number in range(100_000))
    done = imported(table(tmp_path, *lines))
    assert (done.written, done.refused) == (100_000, 0)


@pytest.mark.django_db
def test_two_sites_of_one_helpdesk_stay_apart(tmp_home: Home, tmp_path: Path) -> None:
    for site in ("north", "south"):
        imported(written(tmp_path / f"{site}.json", {"issues": [issue("IT-1")]}))
    assert {row["source"] for row in events()} == {"north", "south"}
    assert len(events()) == 18
    assert Desk.objects.count() == 2


@pytest.mark.django_db
def test_the_command_needs_no_mapping_for_a_helpdesks_export(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "jira.json", {"issues": [issue("IT-1")]})
    assert run(["import", str(path)]) == 0
    told = capsys.readouterr()
    assert "9 events written" in told.out
    assert "10 mail addresses" in told.out
    assert "support tier" in told.err
    plain = tmp_path / "plain.csv"
    plain.write_text("at,what\n2026-01-01,x\n", encoding="utf-8")
    assert run(["import", str(plain)]) == 2


@pytest.mark.django_db
def test_the_page_of_an_import_says_what_was_masked_and_taken_back(
    tmp_home: Home, tmp_path: Path, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    imported(written(tmp_path / "jira.json", {"issues": [issue("IT-1")]}))
    without = issue("IT-1", comment={"comments": []})
    done = imported(written(tmp_path / "jira.json", {"issues": [without]}))
    page = client_of(service_manager).get(f"/events/imports/{done.pk}/").content.decode()
    assert "Taken back" in page
    assert "Masked on the way in" in page
