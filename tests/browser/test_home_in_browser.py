"""Home in a real browser: how it looks, and that it renews itself while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding, StandingDays

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[Page, str], None]
OTHERS = Path(__file__).parent.parent / "visibility"


@pytest.fixture
def standing(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A believable week in the records, and what makes more of it."""
    monkeypatch.syspath_prepend(str(OTHERS))
    import standing_week

    standing_week.put_all()
    return standing_week


@pytest.fixture
def managing(signed_in: Callable[[Person], Page], service_manager: Person) -> Page:
    return signed_in(service_manager)


def test_home_and_the_account_are_well_in_light_and_dark_wide_and_narrow(
    standing: Any, managing: Page, look_over: Look
) -> None:
    managing.goto("/")
    expect(managing.get_by_role("heading", level=1)).to_have_count(1)
    look_over(managing, "home")
    managing.goto("/account/")
    look_over(managing, "account")


def test_new_figures_come_without_a_reload_and_are_marked(standing: Any, managing: Page) -> None:
    managing.goto("/")
    rate = managing.locator("[data-figure=rate]")
    expect(rate).to_have_text("92.6")
    managing.get_by_role("link", name="Weekly report for leaders").focus()
    StandingDays.objects.all().delete()
    standing.put_week(good_rate=0.9, good_low=0.898, good_high=0.902)
    expect(rate).to_have_text("90.0")
    expect(rate).to_have_class("changed")
    expect(managing.get_by_role("link", name="Weekly report for leaders")).to_be_focused()
    expect(managing.locator("#home-said")).to_contain_text("Good days now 90.0")


def test_a_quiet_week_and_a_first_look_are_well(standing: Any, managing: Page, look_over: Look) -> None:
    StandingDays.objects.all().delete()
    Finding.objects.all().delete()
    standing.put_week(causes=(), moved_by=())
    managing.goto("/")
    expect(managing.get_by_text("A quiet week")).to_be_visible()
    look_over(managing, "home-quiet")


def test_the_language_menu_works_without_a_script(
    standing: Any, managing: Page, browser: Any, live_server: Any
) -> None:
    plain = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    plain.add_cookies(managing.context.cookies())
    page = plain.new_page()
    page.goto("/")
    page.get_by_label("Language").click()
    page.get_by_role("button", name="Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    plain.close()
