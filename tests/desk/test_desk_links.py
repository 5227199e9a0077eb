"""Links that tickets lack: what is proposed and how often it is right, what people say, what comes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from test_desk_flow_pages import put_in

from towpath.desk.actions import linking as actions
from towpath.desk.commands import COMMANDS
from towpath.desk.following import refresh
from towpath.desk.models import Desk, LinkWord, Ticket
from towpath.desk.queries.flow import history
from towpath.desk.queries.links import missing_links
from towpath.desk.schemas.links import LinkCoverage, LinkProposal
from towpath.events import actions as importing
from towpath.events.ingest import run_import
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
MAPPING = """
source: acme
format: csv
events:
  {time: at, type: state, ticket: number, case: number, team: team, identifier: caller, component: item}
data: rest
desk:
  states: {working: [Doing], resolved: [Done]}
  topic: data.topic
  title: data.title
"""
HEAD = "at,number,state,team,caller,item,topic,title\n"
SHOP = """
source: shop
format: csv
events: {time: at, type: step, identifier: caller, component: item, outcome: outcome}
"""
ALIKE = {"field": "component", "how": "alike", "topic": "login", "team": "Front", "value": "directory"}


def rows() -> str:
    """Of login at Front 12 tickets name the directory, 4 the portal and 5 nothing; of bill 3 name one."""
    made, count = [], 0
    for topic, team, item, many in (
        ("login", "Front", "directory", 12),
        ("login", "Front", "portal", 4),
        ("login", "Front", "", 5),
        ("bill", "Back", "ledger", 3),
        ("bill", "Back", "", 2),
    ):
        for _each in range(many):
            count += 1
            at = f"2026-01-{count:02}T08:00:00Z"
            title = "cannot get at the ledger today" if topic == "bill" and not item else "help"
            made.append(f"{at},T{count},Doing,{team},c{count},{item},{topic},{title}\n")
    return HEAD + "".join(made)


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    put_in(tmp_path, MAPPING, rows())
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def of_components(desk: Desk) -> LinkCoverage:
    found = {each.field: each for each in missing_links(OPERATOR, desk.name).coverage}
    return found["component"]


def proposed(desk: Desk) -> dict[tuple[str, str, str], LinkProposal]:
    found = missing_links(OPERATOR, desk.name).proposals
    return {(each.how, each.topic, each.value): each for each in found if each.field == "component"}


def components(desk: Desk) -> Counter[str]:
    column = history(desk).of_ticket["component"]
    return Counter([*column.texts(), ""][code] for code in column.codes)


def test_what_others_of_topic_and_team_name_is_proposed_with_how_often_it_is_right(acme: Desk) -> None:
    each = proposed(acme)["alike", "login", "directory"]
    assert (each.team, each.tickets, each.right, each.of, each.share) == ("Front", 5, 12, 16, 0.75)
    assert each.low is not None
    assert each.high is not None
    assert (round(each.low, 3), round(each.high, 3)) == (0.505, 0.898), "Wilson of 12 of 16"
    assert set(each.examples) <= {"T17", "T18", "T19", "T20", "T21"}
    assert ("alike", "bill", "ledger") not in proposed(acme), "three tickets that name one are too few"


def test_a_name_in_the_text_is_proposed_and_unmeasured_says_so(acme: Desk) -> None:
    each = proposed(acme)["named", "", "ledger"]
    assert (each.tickets, each.of, each.share, each.low) == (2, 0, None, None)


def test_coverage_adds_up(acme: Desk) -> None:
    found = of_components(acme)
    assert (found.tickets, found.named, found.confirmed, found.proposed, found.unknown) == (26, 19, 0, 7, 0)


def test_a_fault_that_the_customer_met_shortly_before_is_proposed(acme: Desk, tmp_path: Path) -> None:
    """Of eleven customers with a ticket that names one, nine met the fault there, and two elsewhere; one
    met it two days before, and one whose ticket names nothing within the day."""
    file = tmp_path / "shop.csv"
    met = [(day, "directory" if day > 2 else "ledger") for day in range(1, 12)] + [(17, "directory")]
    lines = [f"2026-01-{day:02}T02:00:00Z,sign in,c{day},{item},fault\n" for day, item in met]
    lines.append("2026-01-16T07:00:00Z,sign in,c18,directory,fault\n")
    file.write_text("at,step,caller,item,outcome\n" + "".join(lines))
    draft = importing.draft_import(OPERATOR, file, file.name, mapping=SHOP)
    assert run_import(importing.confirm_import(OPERATOR, draft, SHOP)).error == ""
    each = proposed(acme)["met", "", "directory"]
    assert (each.tickets, each.examples, each.right, each.of) == (1, ("T17",), 9, 11)


def test_one_confirmation_holds_for_the_group_and_for_those_to_come(acme: Desk, tmp_path: Path) -> None:
    assert actions.answer_proposal(OPERATOR, acme.name, **ALIKE, confirm=True) == 5  # type: ignore[arg-type]
    assert components(acme) == {"directory": 17, "portal": 4, "ledger": 3, "": 2}
    assert of_components(acme).confirmed == 5
    assert ("alike", "login", "directory") not in proposed(acme)
    more = "2026-02-01T08:00:00Z,T90,Doing,Front,c90,,login,help\n"
    put_in(tmp_path, MAPPING, rows() + more)
    assert components(acme)["directory"] == 18
    entry = AuditEntry.objects.get(verb="link.confirmed")
    assert entry.after == {"value": "directory", "topic": "login", "team": "Front", "tickets": 5}


def test_what_the_source_says_later_holds(acme: Desk, tmp_path: Path) -> None:
    actions.answer_proposal(OPERATOR, acme.name, **ALIKE, confirm=True)  # type: ignore[arg-type]
    put_in(tmp_path, MAPPING, HEAD + "2026-02-01T08:00:00Z,T17,Done,Front,c17,portal,login,help\n")
    assert components(acme) == {"directory": 16, "portal": 5, "ledger": 3, "": 2}
    assert of_components(acme).confirmed == 4


def test_what_texts_tell_is_confirmed_of_those_tickets_alone(acme: Desk, tmp_path: Path) -> None:
    told = {"field": "component", "how": "named", "topic": "", "team": "", "value": "ledger"}
    assert actions.answer_proposal(OPERATOR, acme.name, **told, confirm=True) == 2  # type: ignore[arg-type]
    assert set(LinkWord.objects.values_list("number", flat=True)) == {"T25", "T26"}
    assert components(acme)["ledger"] == 5
    assert actions.take_back(OPERATOR, acme.name, **told) == 2  # type: ignore[arg-type]
    assert components(acme)["ledger"] == 3


def test_what_is_refused_is_not_proposed_again_until_that_is_taken_back(acme: Desk) -> None:
    actions.answer_proposal(OPERATOR, acme.name, **ALIKE, confirm=False)  # type: ignore[arg-type]
    assert ("alike", "login", "directory") not in proposed(acme)
    assert components(acme)["directory"] == 12
    with pytest.raises(ValidationError, match="not proposed any more"):
        actions.answer_proposal(OPERATOR, acme.name, **ALIKE, confirm=True)  # type: ignore[arg-type]
    actions.take_back(OPERATOR, acme.name, **ALIKE)  # type: ignore[arg-type]
    assert ("alike", "login", "directory") in proposed(acme)
    with pytest.raises(ValidationError, match="Nothing like this"):
        actions.take_back(OPERATOR, acme.name, **ALIKE)  # type: ignore[arg-type]


def test_of_one_ticket_it_can_be_said_where_the_source_does_not(acme: Desk) -> None:
    actions.answer_proposal(OPERATOR, acme.name, **ALIKE, confirm=True)  # type: ignore[arg-type]
    actions.say_of_ticket(OPERATOR, acme.name, "T17", field="component", value=" portal ")
    assert components(acme)["portal"] == 5, "what is said of one goes before what is said of its group"
    actions.say_of_ticket(OPERATOR, acme.name, "T17", field="component", value="")
    assert components(acme)["directory"] == 17
    with pytest.raises(ValidationError, match="source says which"):
        actions.say_of_ticket(OPERATOR, acme.name, "T1", field="component", value="portal")
    with pytest.raises(ValidationError, match="no ticket T99"):
        actions.say_of_ticket(OPERATOR, acme.name, "T99", field="component", value="portal")
    with pytest.raises(ValidationError, match="at most 300"):
        actions.say_of_ticket(OPERATOR, acme.name, "T17", field="component", value="x" * 301)
    with pytest.raises(ValidationError, match="a service or a component"):
        actions.say_of_ticket(OPERATOR, acme.name, "T17", field="customer", value="x")  # type: ignore[arg-type]


def test_a_confirmed_service_stands_in_the_tickets_record(acme: Desk) -> None:
    actions.say_of_ticket(OPERATOR, acme.name, "T17", field="service", value="accounts")
    refresh(acme)
    assert Ticket.objects.get(number="T17").service == "accounts"


def test_only_those_who_manage_the_desk_may_answer(acme: Desk, client_of: ClientOf, agent: Person) -> None:
    with pytest.raises(PermissionDenied):
        actions.answer_proposal(ANONYMOUS, acme.name, **ALIKE, confirm=True)  # type: ignore[arg-type]
    theirs = client_of(agent)
    page = theirs.get("/desk/acme/links/").content.decode()
    assert "12 of 16" in page
    assert "Confirm" not in page
    assert theirs.post("/desk/acme/links/answer/", {**ALIKE, "answer": "confirm"}).status_code == 403
    assert not LinkWord.objects.exists()


def test_page_api_and_command_show_the_same(acme: Desk, client_of: ClientOf, service_manager: Person) -> None:
    manager = client_of(service_manager)
    answer = manager.post("/desk/acme/links/answer/", {**ALIKE, "answer": "confirm"}, follow=True)
    assert "Confirmed: 5 tickets are about directory." in answer.content.decode()
    by_api = manager.get("/api/desks/acme/links").json()
    done = CliRunner().invoke(COMMANDS[0], ["links", "acme", "--json"], standalone_mode=False)
    assert done.exception is None
    assert json.loads(done.output) == by_api
    assert by_api["said"][0]["value"] == "directory"
    ticket = manager.get("/desk/acme/tickets/T17/").content.decode()
    assert "said by a person" in ticket
    back = manager.post("/desk/acme/links/answer/", {**ALIKE, "answer": "back"}, follow=True)
    assert "Taken back." in back.content.decode()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({**ALIKE, "value": "nothing like it", "answer": "confirm"}, "not proposed any more"),
        ({**ALIKE, "answer": "maybe"}, "Choose to confirm"),
        ({**ALIKE, "answer": "back"}, "Nothing like this was said"),
    ],
)
def test_what_cannot_be_answered_is_told_on_the_page(
    acme: Desk, client_of: ClientOf, service_manager: Person, sent: dict[str, str], told: str
) -> None:
    answer = client_of(service_manager).post("/desk/acme/links/answer/", sent, follow=True)
    assert told in answer.content.decode()
    assert not LinkWord.objects.exists()


def test_the_api_refuses_what_is_not_proposed(
    acme: Desk, client_of: ClientOf, service_manager: Person
) -> None:
    manager = client_of(service_manager)

    def post(path: str, sent: dict[str, str]) -> tuple[int, str]:
        answer = manager.post(f"/api/desks/acme/links/{path}", sent, content_type="application/json")
        return answer.status_code, answer.content.decode()

    status, told = post("answers", {**ALIKE, "value": "x", "answer": "confirm"})
    assert (status, "not proposed any more" in told) == (422, True)
    assert post("answers", {**ALIKE, "field": "customer", "answer": "confirm"})[0] == 422
    status, told = post("tickets", {"number": "T1", "field": "component", "value": "x"})
    assert (status, "source says which" in told) == (422, True)
    assert post("tickets", {"number": "T17", "field": "service", "value": "accounts"})[0] == 200
