"""The whole walk in a real browser: from a dropped file to the story of one lost customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

Look = Callable[[Page, str], None]
START = datetime(2024, 1, 1, 10, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
JOURNEY = """\
key: orders
name: Order
follows: case
window: 90d
departments: [{key: desk, name: Desk}]
steps:
  - {key: placed, name: Place the order, match: {type: order placed}, sees: The shop., then: customer}
  - {key: paid, name: Pay, match: {type: paid}, target: 400ms, then: desk, moment_of_truth: true}
  - {key: delivered, name: Have it, match: {type: delivered}}
outcomes:
  - {key: cancelled, name: Cancelled, kind: cancelled, match: {type: cancelled}}
inside:
  - {key: packed, name: Pack, lane: back_stage, department: desk, behind: [paid], match: {type: packed}}
"""


def orders() -> str:
    """41 orders: 25 delivered, 3 cancelled, 8 lost at paying (after a fault), 4 before, one still open."""
    rows = ["case,activity,timestamp,channel,outcome,latency_ms"]

    def add(case: int, what: str, after: float, how: str) -> None:
        when = START + timedelta(days=case, hours=after)
        rows.append(f"o{case:02},{what},{when:%Y-%m-%d %H:%M:%S},{how}")

    for case in range(40):
        add(case, "order placed", 0, "web,ok,300" if case % 2 else "app,ok,300")
        if case % 10 == 9:
            continue
        failed = case % 5 == 0
        add(case, "paid", 0.1, "web,fault,2500" if failed else f"web,ok,{200 + case}")
        if failed:
            add(case, "paid", 0.2, "phone,fault,300")
        elif case in {3, 11, 27}:
            add(case, "cancelled", 30, "phone,ok,300")
        else:
            add(case, "packed", 5 + case, ",ok,300")
            add(case, "delivered", 40 + case, "post,ok,300")
    add(250, "order placed", 0, "web,ok,300")
    return "\n".join(rows) + "\n"


def drop(page: Page) -> None:
    page.goto("/")
    page.locator("[data-drop] input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders().encode()}
    )
    page.get_by_role("button", name="Look at this file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("orders.csv")
    expect(page.get_by_role("cell", name="order placed").first).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="orders.csv waits for a worker")).to_be_visible()


def run_the_job() -> None:
    from towpath.events.ingest import run_import
    from towpath.events.models import FileImport

    run_import(FileImport.objects.get())


def piece_of(page: Page, part: str, value: str) -> Locator:
    """The unfolded form of a part that the draft proposes."""
    piece = page.locator(f"details.piece:has([id^=id_{part}-])", has=page.locator(f'input[value="{value}"]'))
    if piece.first.get_attribute("open") is None:
        piece.first.locator("summary").click()
    return piece.first


def draw(page: Page) -> None:
    """Correct the proposed draft: packing is inside; cancelled is proposed as an outcome already."""
    page.get_by_role("link", name="Draw the journey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw a journey")
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text("New journey")
    piece_of(page, "steps", "packed").get_by_label("Delete").check()
    outcome = piece_of(page, "outcomes", "cancelled")
    expect(outcome.get_by_label("Kind")).to_have_value("cancelled")
    outcome.get_by_label("Outcome", exact=True).fill("Cancelled")
    outcome.get_by_label("Recognised by").fill("{type: [cancelled")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.locator("#id_outcomes-0-match").fill("cancelled")
    page.get_by_role("button", name="Apply", exact=True).click()


def test_from_a_dropped_file_to_the_story_of_a_lost_customer(
    page: Page, tmp_home: Home, administrator: Person, watch: Any
) -> None:
    watch.expect("422")  # the wrong rule, on purpose
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail").fill("administrator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    drop(page)
    run_the_job()
    page.reload()
    expect(page.get_by_role("heading", name="orders.csv done")).to_be_visible()
    draw(page)
    expect(page.get_by_text("Version 1 is in force.")).to_be_visible()
    expect(page.locator(".blueprint svg")).to_be_visible()
    page.get_by_role("link", name="Funnel").click()
    expect(page.locator(".subtitle")).to_contain_text("Most are lost at “paid”: 8 of the 36 who reached it")
    page.get_by_role("link", name="8 lost").first.click()
    expect(page.locator(".subtitle")).to_have_text("8 lost, furthest step “paid”")
    page.get_by_role("link", name="o35").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("o35")
    expect(page.locator(".told.bad")).to_have_count(2)
    page.locator(".told.bad summary").first.click()
    expect(page.get_by_text("orders", exact=True).first).to_be_visible()


@pytest.fixture
def drawn(tmp_home: Home, signed_in_page: Page) -> Page:
    """The orders in the lake, their journey applied."""
    from towpath.foundation.access.actor import OPERATOR
    from towpath.journeys.actions import apply_journey

    drop(signed_in_page)
    run_the_job()
    apply_journey(OPERATOR, JOURNEY, "orders.yaml")
    return signed_in_page


def test_every_page_of_a_journey_is_readable_in_light_and_dark_wide_and_narrow(
    drawn: Page, look_over: Look
) -> None:
    for name, address in {
        "journeys": "/journeys/",
        "blueprint": "/journeys/orders/",
        "funnel": "/journeys/orders/funnel/?by=channel",
        "flow": "/journeys/orders/flow/?over=inside",
        "segments": "/journeys/orders/segments/?by=channel",
        "losses": "/journeys/orders/losses/",
        "friction": "/journeys/orders/friction/",
        "people": "/journeys/orders/entities/?step=paid&state=lost",
        "definition": "/journeys/orders/definition/",
        "edit": "/journeys/orders/edit/",
        "source-flow": "/events/sources/orders/flow/",
    }.items():
        drawn.goto(address)
        for chart in drawn.locator("figure.chart").all():
            expect(chart).to_have_attribute("data-drawn", "yes")
        look_over(drawn, f"journey-{name}")
    drawn.goto("/journeys/orders/entities/?step=paid&state=lost")
    drawn.get_by_role("link", name="o35").click()
    look_over(drawn, "journey-story")
    drawn.get_by_role("link", name="Everything they met").click()
    look_over(drawn, "customer-story")


def test_the_question_is_asked_and_kept_without_javascript(drawn: Page, live_server: Any) -> None:
    context = drawn.context.browser.new_context(java_script_enabled=False, base_url=live_server.url)  # type: ignore[union-attr]
    context.add_cookies(drawn.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/journeys/orders/funnel/")
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Within").fill("2d")
    page.get_by_label("Compare by").select_option("channel")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".question summary")).to_contain_text("In order · within 2d · all entries")
    expect(page.get_by_role("heading", name="Compared by channel")).to_be_visible()
    page.get_by_role("link", name="Friction").click()
    expect(page.locator(".question summary")).to_contain_text("within 2d")
    context.close()


def test_a_connection_of_the_flow_can_be_reached_by_keyboard_and_opens_its_people(drawn: Page) -> None:
    drawn.goto("/journeys/orders/flow/")
    edge = drawn.get_by_role("link", name=re.compile("^Place the order → Pay: 36 times"))
    edge.focus()
    edge.press("Enter")
    expect(drawn.locator(".subtitle")).to_have_text("36 went from “Place the order” to “Pay”")
