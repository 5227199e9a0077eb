"""Three real desks: every figure of the flow against the raw file, read and counted in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from desk_homes import data, microseconds, put_in, rows_of
from plain_paths import Plain, Snapshot, plain

from towpath.desk.queries.flow import flow
from towpath.desk.schemas.flow import TicketFlow
from towpath.foundation.access.actor import OPERATOR

pytestmark = pytest.mark.django_db
Row = dict[str, str]
HOUR, DAY = 3_600_000_000, 86_400_000_000
VOLVO = {
    "Awaiting Assignment": 1, "Assigned": 1, "In Progress": 2, "Wait - User": 3, "Wait - Customer": 3,
    "Wait - Vendor": 4, "Wait": 5, "Wait - Implementation": 5, "Resolved": 6, "In Call": 6, "Closed": 7,
    "Cancelled": 8,
}  # fmt: skip
SERVICENOW = {
    "New": 0, "Active": 2, "Awaiting User Info": 3, "Awaiting Vendor": 4, "Awaiting Problem": 5,
    "Awaiting Evidence": 5, "Resolved": 6, "Closed": 7,
}  # fmt: skip
RATES = {1: 22.0, 2: 69.0, 3: 104.0}


def tier_of(team: str) -> int:
    return 3 if team.endswith(" 3rd") else 2 if team.endswith(" 2nd") else 1


def told_of(
    rows: list[Row], number: str, moment: Callable[[Row], int], state: Callable[[Row], int], team: str
) -> tuple[dict[str, Plain], dict[str, list[tuple[Snapshot, Row]]]]:
    """Each ticket's path, and its rows in the order (time, place in the file)."""
    teams = {name: place for place, name in enumerate(sorted({row[team] for row in rows} - {"?"}))}
    tickets: dict[str, list[tuple[Snapshot, Row]]] = defaultdict(list)
    for row in rows:
        named = row[team] != "?"
        tier = tier_of(row[team]) if named else -2
        at = (moment(row), state(row), teams[row[team]] if named else -1, tier)
        tickets[row[number]].append((at, row))
    for found in tickets.values():
        found.sort(key=lambda pair: pair[0][0])
    as_of = max(snapshot[0] for found in tickets.values() for snapshot, _row in found)
    paths = {name: plain([at for at, _row in found], as_of, 7 * DAY) for name, found in tickets.items()}
    return paths, tickets


def assert_counts(shown: TicketFlow, paths: dict[str, Plain]) -> None:
    every = list(paths.values())
    assert shown.tickets == len(every)
    assert shown.ping_pong_tickets == sum(each.ping_pong for each in every)
    assert shown.reassigned == sum(each.hand_overs > 0 for each in every)
    assert shown.hand_overs == sum(each.hand_overs for each in every)
    assert shown.reopened == sum(each.reopened > 0 for each in every)
    assert shown.resolved == sum(each.resolved_at is not None for each in every)
    for place, name in enumerate(("new", "queued", "working", "waiting_customer", "waiting_supplier")):
        hours = sum(each.by_state.get(place, 0) for each in every) / HOUR
        assert math.isclose(getattr(shown.waits, name), hours, rel_tol=1e-9)


def assert_tiers(shown: TicketFlow, paths: dict[str, Plain]) -> None:
    every = list(paths.values())
    assert shown.tiers_refused == ""
    assert shown.never_left_tier_1 == sum(each.never_left_tier_1 for each in every)
    assert shown.escalated == sum(each.escalated for each in every)
    assert [tier.tier for tier in shown.tiers] == [1, 2, 3]
    for tier in shown.tiers:
        assert tier.started == sum(each.tiers[0] == tier.tier for each in every)
        assert tier.resolved == sum(
            each.resolved_at is not None and each.resolved_tier == tier.tier for each in every
        )
        elapsed, handling = (
            sum(hours.get(tier.tier, 0) for hours in each) / HOUR
            for each in ([one.elapsed for one in every], [one.handling for one in every])
        )
        assert math.isclose(tier.elapsed_hours, elapsed, rel_tol=1e-9)
        assert math.isclose(tier.handling_hours, handling, rel_tol=1e-9)
        assert tier.cost == RATES[tier.tier] * sum(each.tiers.count(tier.tier) for each in every)
    costs = [sum(RATES[tier] for tier in each.tiers) for each in every]
    assert shown.costs is not None
    assert shown.shift_index is not None
    assert math.isclose(shown.costs.total, sum(costs))
    assert math.isclose(shown.shift_index, sum(costs) / len(costs) / 22.0)


def volvo(kind: str, file: str, mapping: str, team: str) -> tuple[TicketFlow, dict[str, Plain]]:
    put_in(data("bpic2013-volvo", file), f"volvo-{kind}/{mapping}")
    table = "incidents.csv.gz" if kind == "incidents" else "closed_problems.csv.gz"
    paths, _tickets = told_of(
        rows_of(data("bpic2013-volvo", table)),
        "case:concept:name",
        lambda row: microseconds(datetime.fromisoformat(row["time:timestamp"])),
        lambda row: VOLVO.get(row["lifecycle:transition"], 9),
        team,
    )
    return flow(OPERATOR), paths


@pytest.mark.parametrize(
    ("file", "mapping"), [("incidents.xes.gz", "mapping.yaml"), ("incidents.csv.gz", "mapping-csv.yaml")]
)
def test_incidents_of_volvo_flow_as_the_file_says(tmp_home: object, file: str, mapping: str) -> None:
    shown, paths = volvo("incidents", file, mapping, "org:group")
    assert_counts(shown, paths)
    assert_tiers(shown, paths)
    assert shown.unknown_states == {"Unmatched": 5}
    assert shown.sla_missed is None
    assert shown.repeats is None
    assert shown.first_contact.solved > 1_800


@pytest.mark.parametrize(
    ("file", "mapping"),
    [("closed_problems.xes.gz", "mapping.yaml"), ("closed_problems.csv.gz", "mapping-csv.yaml")],
)
def test_problems_of_volvo_flow_as_the_file_says(tmp_home: object, file: str, mapping: str) -> None:
    shown, paths = volvo("problems", file, mapping, "organization involved")
    assert_counts(shown, paths)
    assert_tiers(shown, paths)
    assert shown.first_contact.reason


def came_again(paths: dict[str, Plain], tickets: dict[str, list[tuple[Snapshot, Row]]]) -> tuple[int, int]:
    """How many repeat another ticket, and how many met their SLA and came back all the same."""
    mates: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, found in tickets.items():
        last: dict[str, str] = {}
        for _at, row in found:
            named = {key: row[key] for key in ("caller_id", "category", "subcategory") if row[key] != "?"}
            last.update(named)
        if "caller_id" in last and ("category" in last or "subcategory" in last):
            topic = " › ".join(last[key] for key in ("category", "subcategory") if key in last)
            mates[last["caller_id"], topic].append(name)
    repeats, back = set(), {name for name, each in paths.items() if each.reopened_soon}
    for names in mates.values():
        for one in names:
            for other in names:
                ended, opened = paths[one].resolved_at, tickets[other][0][0][0]
                if ended is not None and ended < opened <= ended + 7 * DAY:
                    repeats.add(other)
                    back.add(one)
    green = {name for name in back if tickets[name][-1][1]["made_sla"] == "true"}
    return len(repeats), len(green)


def test_servicenow_names_no_tiers_so_tiers_are_refused_and_all_else_is_told(tmp_home: object) -> None:
    path = data("uci-servicenow-incidents", "incident_event_log.csv.gz")
    put_in(path, "servicenow-incidents/mapping.yaml")
    paths, tickets = told_of(
        rows_of(path),
        "number",
        lambda row: microseconds(
            datetime.strptime(row["sys_updated_at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
        ),
        lambda row: SERVICENOW.get(row["incident_state"], 9),
        "assignment_group",
    )
    shown = flow(OPERATOR, "servicenow-incidents")
    assert_counts(shown, paths)
    assert "tiers" in shown.tiers_refused
    assert (shown.tiers, shown.moves, shown.costs, shown.shift_index) == ((), (), None, None)
    assert (shown.never_left_tier_1, shown.escalated) == (None, None)
    missed = sum(found[-1][1]["made_sla"] == "false" for found in tickets.values())
    assert (shown.sla_missed, shown.sla_known) == (missed, len(tickets))
    assert shown.unknown_states == {"-100": 5}
    assert (shown.repeats, shown.green_but_red) == came_again(paths, tickets)
