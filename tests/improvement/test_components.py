"""A component's page, command and API: what plain counting over the same events tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import numpy as np
import pytest
from click.testing import CliRunner
from django.http import Http404
from django.test import Client
from findings import put
from made_weeks import Row, Weeks, event, fill, put_in, since

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.improvement.component_commands import list_components
from towpath.improvement.queries.components import component, components
from towpath.improvement.rules.causes import Family

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
LATEST = since(0)


def with_components(row: Row, _draw: np.random.Generator) -> Row:
    """Paying asks the ledger, and so do few of the others; the ledger is slow in the last week."""
    if row["type"] == "pay" or row["identifier"].endswith("7"):
        row |= {"component": "ledger"}
        if row["type"] == "pay" and row["time"] > since(7):
            row["latency_ms"] *= 12
    else:
        row |= {"component": "front"}
    return row


@pytest.fixture
def shop(tmp_home: Home) -> list[Row]:
    deployed = event("deployment.finished", since(20), identifier=None, service="shop", component="ledger")
    deployed |= {"version": "2.7", "key": 5}
    return fill(Weeks(seed=4, visits_a_day=25, fault=0.03, plant=with_components, more=[deployed]))


def attempts_of(rows: list[Row], name: str, days: float) -> list[Row]:
    last = max(row["time"] for row in rows)
    return [
        row
        for row in rows
        if row.get("component") == name
        and row["outcome"] is not None
        and row["time"] > last - timedelta(days=days)
    ]


def test_its_figures_are_those_that_plain_counting_tells(shop: list[Row]) -> None:
    shown, mine = component(OPERATOR, "ledger"), attempts_of(shop, "ledger", 28)
    assert shown.attempts == len(mine)
    assert shown.customers == len({row["key"] for row in mine})
    assert shown.faults == sum(row["outcome"] == "fault" for row in mine)
    assert shown.services == ("shop",)
    assert [release.version for release in shown.releases] == ["2.7"]
    assert sum(week.attempts for week in shown.weeks) == len(attempts_of(shop, "ledger", 91))
    assert [week.attempts for week in shown.weeks[-4:]] == [
        len(attempts_of(shop, "ledger", 7 * ago)) - len(attempts_of(shop, "ledger", 7 * (ago - 1)))
        for ago in (4, 3, 2, 1)
    ]


def test_each_step_that_it_carries_tells_how_it_went_there(shop: list[Row]) -> None:
    steps = {step.step: step for step in component(OPERATOR, "ledger").steps}
    assert list(steps) == ["open", "pay", "thanks"]
    for key, step in steps.items():
        mine = [row for row in attempts_of(shop, "ledger", 28) if row["type"] == key]
        bad = [row for row in mine if row["outcome"] == "fault" or row["latency_ms"] > 4_000]
        assert (step.attempts, step.customers) == (len(mine), len({row["key"] for row in mine}))
        assert (step.measured, step.bad) == (len(mine), len(bad))
        assert step.p95_latency_ms == pytest.approx(np.quantile([row["latency_ms"] for row in mine], 0.95))
        assert step.target_ms == 1_000
    assert steps["pay"].bad > 5 * steps["open"].bad


def test_the_list_has_all_that_are_named_the_most_ruining_first(shop: list[Row]) -> None:
    put("component=front")
    found = components(OPERATOR)
    assert [each.name for each in found] == ["front", "ledger"]
    assert found[0].findings == 1
    assert found[0].ruined_days_per_week > 0
    assert found[1].faults == component(OPERATOR, "ledger").faults


def test_its_page_leads_to_findings_steps_and_customers(
    shop: list[Row], service_manager: Person, client_of: ClientOf
) -> None:
    standing = put("component=ledger")
    gone = put("component=ledger", Family.SLOW, state="gone", seen=False)
    page = client_of(service_manager).get("/components/ledger/").content.decode()
    for said in (
        f"/findings/{standing.digest}/",
        f"/findings/{gone.digest}/",
        "/journeys/order/#step-pay",
        "/journeys/order/entities/?step=pay&amp;bad=1",
        "2.7",
    ):
        assert said in page, said
    assert "/components/ledger/" in client_of(service_manager).get("/components/").content.decode()


def test_what_nothing_names_is_not_found_and_is_said_so(shop: list[Row]) -> None:
    with pytest.raises(Http404, match="names the component cellar"):
        component(OPERATOR, "cellar")


def test_names_of_any_kind_open_and_are_escaped(
    shop: list[Row], service_manager: Person, client_of: ClientOf
) -> None:
    hostile = "a/<script>alert(1)</script> ?#%"
    put_in(
        [event("pay", LATEST, identifier="account:1", service="shop", outcome="ok", component=hostile)], "x"
    )
    client = client_of(service_manager)
    for address in ("/components/", f"/components/{quote(hostile, safe='')}/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def test_command_and_api_tell_the_same(shop: list[Row], service_manager: Person, client_of: ClientOf) -> None:
    client = client_of(service_manager)
    for arguments, address in (
        ([], "/api/components"),
        (["ledger"], "/api/components/ledger"),
    ):
        told = CliRunner().invoke(list_components, [*arguments, "--json"])
        assert told.exit_code == 0
        assert json.loads(told.output) == client.get(address).json()
    assert "Pay" in CliRunner().invoke(list_components, ["ledger"]).output


def test_an_empty_store_names_none(tmp_home: Home, service_manager: Person, client_of: ClientOf) -> None:
    assert components(OPERATOR) == []
    assert "No event names a component" in client_of(service_manager).get("/components/").content.decode()
