"""The demo company as a newcomer meets it: `towpath up` in an empty home, from a finding down and back."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

MAKING_MS = 180_000
"""A newcomer waits half a minute; a machine that runs all tests at once may take longer."""


@dataclass(frozen=True)
class Shown:
    address: str
    password: str


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOWPATH_", "PYTHOND"))}
    output = folder / "output"
    with output.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "towpath", "up", "--port", str(port)],
            env={**kept, "TOWPATH_HOME": str(folder / "home")},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Shown(f"http://127.0.0.1:{port}", password_in(output))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def password_in(output: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := re.search(r"with the password (\S+)", output.read_text()):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(output.read_text())


@pytest.fixture(scope="module")
def page(shown: Shown, browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(shown.address)
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", shown.password)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_text("An invented company.").first).to_be_visible()
    expect(page.get_by_text("Mend these first")).to_be_visible(timeout=MAKING_MS)
    yield page
    page.close()


def test_one_walks_from_a_finding_to_its_evidence_step_component_and_customers(page: Page) -> None:
    page.get_by_role("link", name=re.compile("fails in mobile-app")).last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("fails in mobile-app")
    finding = page.url
    expect(page.get_by_text("What each detector saw")).to_be_visible()

    page.get_by_role("link", name="mobile-app", exact=True).click()
    expect(page.get_by_role("heading", name="Steps that it carries")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("fails in mobile-app")).first).to_be_visible()
    page.get_by_role("row", name=re.compile("moment of truth")).first.get_by_role("link").last.click()
    expect(page).to_have_url(re.compile("/entities/.*bad=1"))
    expect(page.locator("main table tbody tr").first).to_be_visible()

    page.goto(finding)
    page.get_by_role("link", name=re.compile("Play one ruined day")).click()
    expect(page.get_by_text("What our teams saw at that time")).to_be_visible()
    expect(page.get_by_text("our fault").first).to_be_visible()
    page.get_by_role("link", name="Whole story").click()
    expect(page).to_have_url(re.compile("/customers/"))

    page.goto(finding)
    page.get_by_role("link", name=re.compile("Pay a bill")).first.click()
    expect(page).to_have_url(re.compile("/journeys/pay/"))
    expect(page.get_by_text("An invented company.").first).to_be_visible()

    page.get_by_role("link", name="Home", exact=True).first.click()
    page.get_by_role("link", name="Weekly report for leaders").click()
    expect(page.get_by_text("Days that infrastructure spoiled")).to_be_visible()


def test_leaders_have_their_page_in_four_languages_and_as_pdf(page: Page, shown: Shown) -> None:
    page.goto(f"{shown.address}/account/")
    expect(page.get_by_text("Days that infrastructure spoiled")).to_be_visible()
    link = page.locator("a[href*='.pdf']").first.get_attribute("href") or ""
    for language in ("en", "es", "sv", "zh-hans"):
        answer = page.request.get(f"{shown.address}{link.split('?')[0]}?lang={language}")
        assert answer.ok
        assert answer.body().startswith(b"%PDF")


def test_one_click_leaves_it_for_the_own_store_and_one_comes_back(page: Page, shown: Shown) -> None:
    page.goto(shown.address)
    page.get_by_role("button", name="Start with my own data").click()
    look = page.get_by_role("button", name="Look at an invented company")
    expect(look).to_be_visible(timeout=MAKING_MS)
    expect(page.get_by_text("Drop a file here")).to_be_visible()
    expect(page.get_by_text("An invented company.")).to_have_count(0)
    look.click()
    expect(page.get_by_text("Mend these first")).to_be_visible(timeout=MAKING_MS)
