"""The walk from a weak library of the demo company to the customers at risk, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from towpath.foundation.operations.home import Home

Look = Callable[[Page, str], None]
SCENARIO = "name: Small\ncauses:\n  - {kind: lossy_step, target: join.identify, from: -7d}\n"


@pytest.fixture
def company(signed_in_page: Page, tmp_home: Home, tmp_path: Path) -> Page:
    """The page, over two weeks of a small demo company."""
    from towpath.site.cli import run

    (tmp_path / "small.yaml").write_text(SCENARIO)
    size = ["--days", "14", "--customers", "400", "--until", "2026-11-23"]
    assert run(["demo", *size, "--scenario", str(tmp_path / "small.yaml")]) == 0
    return signed_in_page


def test_one_walks_from_a_weak_library_to_the_customers_at_risk_and_back(
    company: Page, look_over: Look
) -> None:
    page = company
    page.goto("/estate/software/")
    expect(page.get_by_role("heading", name="Days to mend")).to_be_visible()
    look_over(page, "weak-libraries")
    page.get_by_role("row", name=re.compile("log4j-core")).get_by_role(
        "link", name=re.compile("GHSA")
    ).click()
    expect(page.get_by_text("CISA asks for it by that day")).to_be_visible()
    expect(page.get_by_text("Customers a week at risk")).to_be_visible()
    exposure = page.url
    look_over(page, "exposure")

    page.get_by_role("link", name="GHSA-jfh8-c2jp-5v3q", exact=True).click()
    expect(page).to_have_url(re.compile("/estate/advisories/"))
    expect(page.get_by_text("CVSS:3.1/AV:N")).to_be_visible()
    look_over(page, "advisory")
    page.get_by_role("link", name=re.compile("log4j:log4j-core")).click()
    expect(page).to_have_url(re.compile("/estate/libraries/pkg:maven/"))
    expect(page.get_by_role("link", name="payment-hub").first).to_be_visible()
    look_over(page, "library")

    page.get_by_role("link", name=re.compile("Pay a bill › Pay")).first.click()
    expect(page).to_have_url(re.compile("/beneath/pay/"))
    page.get_by_role("link", name="payment-hub").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("payment-hub")
    expect(page.get_by_role("heading", name="Weak libraries")).to_be_visible()
    page.get_by_role("link", name="GHSA-jfh8-c2jp-5v3q").click()
    expect(page).to_have_url(exposure)


def test_licences_lead_to_their_libraries_and_the_end_of_life_has_its_day(
    company: Page, look_over: Look
) -> None:
    page = company
    page.goto("/estate/licences/")
    look_over(page, "licences")
    page.get_by_role("link", name="Apache-2.0").click()
    expect(page.get_by_text("Of the licence Apache-2.0 alone.")).to_be_visible()
    look_over(page, "libraries")
    page.get_by_role("link", name=re.compile("spring-beans")).click()
    expect(page.get_by_text("mended no more since 31 Aug 2024")).to_be_visible()
    expect(page.get_by_text("endoflife.date, 2026-01-15")).to_be_visible()
    page.goto("/estate/software/vex/")
    look_over(page, "bring-in-vex")
