"""Every part of the pages, looked at in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

DRAWN = 'figure.chart[data-drawn="yes"] svg'


def test_every_part_is_readable_in_light_and_dark_wide_and_narrow(
    signed_in_page: Page, look_over: Callable[[Page, str], None]
) -> None:
    signed_in_page.goto("/styleguide/?errors=1")
    expect(signed_in_page.locator(DRAWN)).to_have_count(3)
    expect(signed_in_page.get_by_text("40 of 40")).to_be_visible()
    look_over(signed_in_page, "styleguide")


def test_charts_draw_and_explain_themselves_under_the_strict_policy(signed_in_page: Page) -> None:
    answer = signed_in_page.goto("/styleguide/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    expect(signed_in_page.locator(DRAWN)).to_have_count(3)
    signed_in_page.locator("figure.chart").first.locator("path[fill='var(--canal)']").first.hover()
    expect(signed_in_page.locator(".chart-tip")).to_contain_text("13,087")


def test_a_chart_says_the_same_as_a_table(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    figure = signed_in_page.locator("figure.chart").first
    figure.get_by_text("The same as a table").click()
    row = figure.locator("tbody tr").first
    expect(row.locator("td")).to_have_text(["Submitted", "13,087", "100.0 %"])


def test_charts_follow_the_scheme_of_the_device(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    expect(signed_in_page.locator(DRAWN)).to_have_count(3)
    cell = signed_in_page.locator("figure.chart").nth(2).locator(".mark-rect.role-mark path").first
    light = cell.get_attribute("fill")
    signed_in_page.emulate_media(color_scheme="dark")
    expect(cell).not_to_have_attribute("fill", light or "")


def test_htmx_sends_a_form_with_its_token_and_puts_the_answer_in_place(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    signed_in_page.get_by_role("button", name="Send").click()
    expect(signed_in_page.locator("#sent")).to_contain_text("Ada arrived.")


def test_progress_asks_until_the_work_is_over(signed_in_page: Page) -> None:
    asked: list[str] = []
    signed_in_page.on("request", lambda request: asked.append(request.url))
    signed_in_page.goto("/styleguide/")
    expect(signed_in_page.get_by_text("40 of 40")).to_be_visible()
    signed_in_page.wait_for_timeout(1_500)
    assert len([address for address in asked if "/progress/" in address]) == 2


def test_a_small_table_sorts_by_its_heads(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    table = signed_in_page.locator("table[data-sortable]")
    table.get_by_role("button", name="Reached").click()
    expect(table.locator("tbody th").first).to_contain_text("Activated")
    expect(table.locator("th", has_text="Reached")).to_have_attribute("aria-sort", "ascending")


def test_a_dropped_file_is_named(signed_in_page: Page) -> None:
    signed_in_page.goto("/styleguide/")
    signed_in_page.locator("[data-drop] input").set_input_files(
        {"name": "loans.xes.gz", "mimeType": "application/gzip", "buffer": b""}
    )
    expect(signed_in_page.locator(".drop .chosen")).to_have_text("loans.xes.gz")
