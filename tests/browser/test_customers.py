"""The customers' pages in a real browser: look somebody up, read their day, decide what is open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

sys.path.append(str(Path(__file__).parents[1] / "customers"))

from who import met, take_in

from towpath.customers.joining.observing import key_of
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
ANNA = "account:4711"


@pytest.fixture(autouse=True)
def events(tmp_home: Home) -> None:
    web = {"session": "s1", "channel": "web"}
    take_in(
        [
            met(0, ANNA, "mail:anna@shop.example", type_="Opens the bill", **web),
            met(0.1, ANNA, type_="Pays", outcome="fault", latency_ms=9000.0, component="payments", **web),
            met(0.2, ANNA, type_="Pays", outcome="fault", latency_ms=8000.0, component="payments", **web),
            met(0.3, ANNA, type_="Pays", outcome="abandoned", **web),
            met(2, "caller:+41441234567", ANNA, type_="Calls", channel="phone", outcome="refused"),
            met(2.1, ANNA, type_="Ticket opened", ticket="T-81442", team="desk", tier="1"),
            met(30, ANNA, "device:7f3a", type_="Writes", channel="mail"),
            met(31, "account:815", "device:7f3a", type_="Opens the bill", channel="app"),
            met(32, "mail:ben@shop.example", "mail:benjamin@work.example", type_="Registers", channel="web"),
        ]
    )


def test_somebody_is_looked_up_read_and_decided_about(
    signed_in: Callable[[Person], Page], agent: Person, look_over: Callable[[Page, str], None]
) -> None:
    page = signed_in(agent)
    page.goto("/customers/")
    look_over(page, "customers")
    page.get_by_label("Account, mail, phone or other identifier").fill("mail:zoe@")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("Nobody is known by that")).to_be_visible()
    page.get_by_label("Account, mail, phone or other identifier").fill("anna@shop.example")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("table").get_by_role("link", name=ANNA).click()
    expect(page.get_by_text("2 failed by our fault")).to_be_visible()
    look_over(page, "customer")
    page.locator("details.identity > summary").click()
    look_over(page, "customer-identity")
    page.get_by_role("button", name=f"Belongs to {ANNA}").click()
    expect(page.get_by_text("Decided. All figures follow.")).to_be_visible()
    page.goto(f"/customers/{key_of('device:7f3a')}/")
    expect(page).to_have_url(f"/customers/{key_of(ANNA)}/")
