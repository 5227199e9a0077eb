"""Sign-in, keyboard, scheme, time zone and error pages, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

PASSWORD = "correct-horse-battery"
Look = Callable[[Page, str], None]


def test_a_person_signs_in_and_out(page: Page, administrator: object, watch: Any, look_over: Look) -> None:
    page.goto("/accounts/login/?next=/styleguide/")
    look_over(page, "sign-in")
    page.get_by_label("User name or e-mail").fill("administrator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Style guide")
    page.get_by_text("Account of administrator").locator("..").click()
    watch.expect("404")  # the start page belongs to the areas that fill it
    page.get_by_role("button", name="Sign out").click()
    expect(page).not_to_have_url("/styleguide/")
    page.goto("/styleguide/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_page_that_asks_by_itself_goes_to_sign_in_when_the_session_has_ended(signed_in_page: Page) -> None:
    page = signed_in_page
    page.goto("/styleguide/")
    page.context.clear_cookies(name="sessionid")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_label("Password")).to_have_count(1)


def test_a_wrong_password_is_told_and_nothing_is_given_away(page: Page, look_over: Look, db: None) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail").fill("nobody")
    page.get_by_label("Password").fill("not-the-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    look_over(page, "sign-in-wrong")


@pytest.mark.parametrize("address", ["/accounts/password/reset/", "/accounts/signup/"])
def test_the_pages_around_sign_in_stand_in_our_frame(page: Page, address: str, look_over: Look) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("link[href$='tokens.css']")).to_have_count(1)
    look_over(page, address.strip("/").replace("/", "-"))


def test_changing_the_password_keeps_the_person_informed(signed_in_page: Page, look_over: Look) -> None:
    signed_in_page.goto("/accounts/password/change/")
    expect(signed_in_page.get_by_role("heading", level=1)).to_have_text("Change password")
    look_over(signed_in_page, "password-change")


def test_the_keyboard_reaches_content_first_then_everything_visibly(signed_in_page: Page) -> None:
    page = signed_in_page
    page.goto("/styleguide/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main").get_by_role("link").first).to_be_focused()
    for _step in range(25):
        outline = page.evaluate(
            "() => { const it = document.activeElement; const box = it.closest('.drop') ?? it;"
            " const style = getComputedStyle(box); return [it.outerHTML.slice(0, 120), style.outlineStyle]; }"
        )
        assert outline[1] != "none", outline[0]
        page.keyboard.press("Tab")


def test_a_menu_opens_and_closes_by_keyboard(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    menu = signed_in_page.locator("summary", has_text="Account of")
    menu.focus()
    signed_in_page.keyboard.press("Enter")
    expect(signed_in_page.get_by_role("link", name="Change password")).to_be_visible()
    signed_in_page.keyboard.press("Escape")
    expect(signed_in_page.get_by_role("link", name="Change password")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_chosen_scheme_holds_from_the_first_paint(signed_in_page: Page) -> None:
    page = signed_in_page
    page.goto("/styleguide/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Light or dark").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.url.endswith("/styleguide/")
    page.get_by_label("Light or dark").click()
    page.get_by_role("button", name="As the device is set").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_a_page_that_is_not_there_says_what_to_do(signed_in_page: Page, watch: Any, look_over: Look) -> None:
    watch.expect("404")
    signed_in_page.goto("/no-such-page/")
    expect(signed_in_page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    expect(signed_in_page.get_by_role("link", name="Go to the start page")).to_be_visible()
    look_over(signed_in_page, "not-found")


def test_a_page_that_is_not_open_to_a_role_names_what_is_missing(
    signed_in: Callable[..., Page], agent: object, watch: Any, look_over: Look
) -> None:
    watch.expect("403")
    page = signed_in(agent)
    page.goto("/styleguide/")
    expect(page.get_by_text("This is open to Administrator")).to_be_visible()
    look_over(page, "not-open")


def test_times_are_in_the_time_zone_of_the_browser(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    signed_in_page.reload()
    moment = signed_in_page.locator("time").first
    expect(moment).to_have_text("12 Nov 2026, 10:40:07")
    expect(moment).to_have_attribute("title", "Europe/Zurich")
