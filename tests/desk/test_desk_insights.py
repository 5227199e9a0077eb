"""What stands out at a real desk, held to a count of the log by other means; and its page."""

from __future__ import annotations

import csv
import gzip
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from towpath.desk.measures.insights import FEWEST
from towpath.desk.models import Desk
from towpath.desk.queries.insights import behind, insights
from towpath.desk.schemas.insights import Insight
from towpath.events.importers import open_importer
from towpath.events.lake import Staging
from towpath.events.mapping_text import load_mapping
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
LOG = ROOT.parent / "shared/data/uci-servicenow-incidents/incident_event_log.csv.gz"
DONE = ("Resolved", "Closed")
WEEK = timedelta(days=7)
Row = dict[str, str]


@pytest.fixture(scope="module")
def tickets() -> dict[str, list[Row]]:
    """The log by ticket, each ticket's rows in order."""
    if not LOG.exists():
        pytest.skip("uci-servicenow-incidents is missing")
    found: dict[str, list[Row]] = defaultdict(list)
    with gzip.open(LOG, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["number"]].append(row)
    for rows in found.values():
        rows.sort(key=time_of)
    return found


@pytest.fixture(scope="module", autouse=True)
def kept(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tickets: dict[str, list[Row]],
) -> Iterator[None]:
    """A home whose lake holds the log."""
    text = (ROOT / "examples/servicenow-incidents/mapping.yaml").read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOWPATH_HOME", str(tmp_path_factory.mktemp("insights")))
        home().prepare()
        staging = Staging(home().staging, "incidents")
        for chunk in open_importer(LOG, load_mapping(text, "mapping.yaml"), resume_from=None):
            staging.append(chunk.batch)
        staging.checkpoint({})
        with django_db_blocker.unblock():
            lake().absorb(staging)
        yield


@pytest.fixture(autouse=True)
def desk() -> Desk:
    text = (ROOT / "examples/servicenow-incidents/mapping.yaml").read_text(encoding="utf-8")
    reading = textwrap.dedent(text.partition("desk:\n")[2])
    return Desk.objects.create(name="incidents", source="servicenow-incidents", reading=reading)


def time_of(row: Row) -> datetime:
    return datetime.strptime(row["sys_updated_at"], "%d/%m/%Y %H:%M")  # noqa: DTZ007


def found(kind: str) -> Insight:
    return next(each for each in insights(OPERATOR, "incidents").insights if each.kind == kind)


def teams_of(rows: list[Row]) -> list[str]:
    named = [row["assignment_group"] for row in rows if row["assignment_group"] != "?"]
    return [team for team, _same in groupby(named)]


def test_hand_overs_loops_and_missed_promises_are_those_of_the_log(tickets: dict[str, list[Row]]) -> None:
    teams = {number: teams_of(rows) for number, rows in tickets.items()}
    named = [each for each in teams.values() if each]
    handed = sum(len(each) > 1 for each in named)
    assert (found("handed_on").tickets, found("handed_on").of) == (handed, len(named))
    loops = [each for each in named if len(set(each)) < len(each)]
    assert found("loops").tickets == len(loops)
    pairs: dict[frozenset[str], int] = defaultdict(int)
    for each in loops:
        for pair in {frozenset(two) for two in pairwise(each)}:
            pairs[pair] += 1
    most = found("loops").parts[0]
    assert (frozenset(most.name.split(" ⇄ ")), most.tickets) == max(pairs.items(), key=lambda item: item[1])
    late = sum(rows[-1]["made_sla"] == "false" for rows in tickets.values())
    assert (found("late").tickets, found("late").of) == (late, len(tickets))


def test_what_came_back_is_what_the_log_says_came_back(tickets: dict[str, list[Row]]) -> None:
    newest = max(time_of(row) for rows in tickets.values() for row in rows)
    opened: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for rows in tickets.values():
        opened[need_of(rows)].append(time_of(rows[0]))
    back = followed = green = red = 0
    for rows in tickets.values():
        spells = [(done, list(each)) for done, each in groupby(rows, key=is_done)]
        if not spells[-1][0]:
            continue
        ends = [time_of(each[0]) for done, each in spells if done]
        if ends[0] + WEEK > newest:
            continue
        followed += 1
        restarts = [time_of(each[0]) for done, each in spells[1:] if not done]
        soon = any(start - end <= WEEK for end, start in zip(ends, restarts, strict=False))
        need = need_of(rows)
        again = "?" not in need and any(ends[-1] < other <= ends[-1] + WEEK for other in opened[need])
        back += soon or again
        if rows[-1]["made_sla"] == "true":
            green += 1
            red += soon or again
    assert (found("comes_back").of, found("green_but_red").of) == (followed, green)
    # Equal times of a repeat and a resolution can be ordered either way.
    assert abs(found("comes_back").tickets - back) <= 0.005 * back
    assert abs(found("green_but_red").tickets - red) <= 0.005 * red


def is_done(row: Row) -> bool:
    return row["incident_state"] in DONE


def need_of(rows: list[Row]) -> tuple[str, str]:
    """Who, and about what."""
    known = [part for part in (rows[-1]["category"], rows[-1]["subcategory"]) if part != "?"]
    callers = [row["caller_id"] for row in rows if row["caller_id"] != "?"]
    return (callers or ["?"])[-1], " › ".join(known) or "?"


def test_each_insight_opens_the_tickets_behind_it(tickets: dict[str, list[Row]]) -> None:
    rows, total = behind(OPERATOR, "incidents", "loops")
    assert total == found("loops").tickets > FEWEST
    assert [row.hours for row in rows] == sorted((row.hours for row in rows), reverse=True)
    for row in rows:
        teams = teams_of(tickets[row.ticket])
        assert len(set(teams)) < len(teams)
        assert row.hand_overs == len(teams) - 1
    last, _total = behind(OPERATOR, "incidents", "loops", total // 50 + 1)
    assert len(last) == total % 50


def test_what_the_file_cannot_tell_is_said() -> None:
    shown = insights(OPERATOR, "incidents")
    assert [text.partition(":")[0] for text in shown.unknown] == ["No tier is named"]
    assert (shown.state, shown.tickets, shown.movements) == ("ready", 24_918, 141_712)
    assert len(shown.insights) >= 5


def test_the_page_reads_as_the_record_and_leads_to_the_tickets(
    client_of: Callable[[Person], Client], service_manager: Person, customer_person: Person
) -> None:
    manager, outsider = client_of(service_manager), client_of(customer_person)
    page = manager.get("/desk/incidents/insights/")
    assert page.status_code == 200
    for each in insights(OPERATOR, "incidents").insights:
        assert each.sentence in page.content.decode()
        assert manager.get(f"/desk/incidents/insights/{each.kind}/").status_code == 200
    assert manager.get("/desk/incidents/insights/nonsense/").status_code == 404
    assert manager.get("/desk/nowhere/insights/").status_code == 404
    assert outsider.get("/desk/incidents/insights/").status_code in (302, 403)
    told = msgspec.json.decode(manager.get("/api/desks/incidents/insights").content)
    kinds = [each.kind for each in insights(OPERATOR, "incidents").insights]
    assert [each["kind"] for each in told["insights"]] == kinds
