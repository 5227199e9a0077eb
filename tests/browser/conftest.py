"""A real browser (Debian's Chromium) on the real pages, watched: a console error fails the test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, expect, sync_playwright
from playwright.sync_api import TimeoutError as PatienceLost

if TYPE_CHECKING:
    from towpath.foundation.people.models import Person

HERE = Path(__file__).parent
PICTURES = HERE.parent.parent / "test-results"
WIDE, NARROW = 1280, 390
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds; a busy machine may take long, a page that is well takes no notice."""
expect.set_options(timeout=PATIENCE)
GRAVE = {"serious", "critical"}
"""The impacts (axe-core's words) that no page may have."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _chromium() -> str:
    found = os.environ.get("TOWPATH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return found
    message = "The browser tests need Chromium: install it, or name its program in TOWPATH_CHROMIUM."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one module only: it brings an event loop to this thread, in which Django refuses to work."""
    _chromium()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        yield driver
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
    yield running
    running.close()


@dataclass
class Watch:
    """What went wrong: console errors and warnings, exceptions, breaches of the policy, failed requests."""

    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, words: str) -> None:
        """The test brings this about itself: problems that hold these words do not count."""
        self.expected.append(words)

    def unexpected(self) -> list[str]:
        return [problem for problem in self.problems if not any(words in problem for words in self.expected)]

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} from {response.url}")

    def on_error(self, error: Any) -> None:
        self.problems.append(f"exception: {error}")


POLICY_WATCH = """document.addEventListener("securitypolicyviolation", (event) => console.error(
    `policy breached: ${event.violatedDirective} by ${event.blockedURI} in ${event.sourceFile}`));"""


@pytest.fixture
def watch() -> Iterator[Watch]:
    watching = Watch()
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def page(browser: Browser, live_server: Any, watch: Watch) -> Iterator[Page]:
    """An empty page; addresses are relative to a server on the test database. `watch` may fail the test."""
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": WIDE, "height": 900},
        reduced_motion="reduce",
        timezone_id="Europe/Zurich",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(POLICY_WATCH)
    opened = context.new_page()
    opened.on("console", watch.on_console)
    opened.on("response", watch.on_response)
    opened.on("pageerror", watch.on_error)
    yield opened
    context.close()


@pytest.fixture
def signed_in(page: Page, live_server: Any, client_of: Callable[..., Any]) -> Callable[[Person], Page]:
    """`signed_in(agent)`: the page, with this person signed in."""

    def sign_in(person: Person) -> Page:
        session = client_of(person).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def signed_in_page(signed_in: Callable[[Person], Page], administrator: Person) -> Page:
    """The page, with an administrator signed in."""
    return signed_in(administrator)


@pytest.fixture
def look_over() -> Callable[[Page, str], None]:
    """`look_over(page, "funnel")`: light and dark, wide and narrow: a picture of each in `test-results/`,
    no sideways scroll, and none of axe-core's grave findings."""

    def look(page: Page, name: str) -> None:
        PICTURES.mkdir(exist_ok=True)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (WIDE, NARROW):
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_function("() => document.fonts.ready.then(() => true)")
                take_picture(page, PICTURES / f"{name}-{scheme}-{width}.png")
                assert sideways(page) <= 0, f"{name} scrolls sideways at {width} pixels"
                if width == WIDE or scheme == "light":  # dark changes colours, narrow the order
                    assert grave(page) == [], f"{name} in {scheme} at {width} pixels"
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDE, "height": 900})

    return look


def take_picture(page: Page, path: Path) -> None:
    """A picture of the whole page. Chromium's headless compositor now and then answers no capture at all;
    a second attempt gets one, and a picture that is still missing is told: it is for people, not a check."""
    for _ in range(2):
        try:
            page.screenshot(path=path, full_page=True, animations="disabled")
        except PatienceLost:
            sys.stderr.write(f"no picture was taken for {path.name}\n")
        else:
            return


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def grave(page: Page) -> list[str]:
    """axe-core's serious and critical findings, each with the elements that it names."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
