"""The pages of keeping in a real browser: how Towpath is, and what would go before it goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

sys.path.append(str(Path(__file__).parents[1] / "events"))

from lake_rows import batch, event, import_rows

from towpath.events.flushing import flush
from towpath.events.store import inbox, lake
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def events(tmp_home: Home, tmp_path: Path) -> None:
    import_rows(lake(), tmp_path, "one", [event(20 * number) for number in range(100)])
    received = datetime.now(UTC) - timedelta(seconds=1)
    inbox().accept(batch([event(5_000 + number, received=received) for number in range(10)]))
    flush(inbox(), lake())


def test_an_operator_sees_how_it_is_and_looks_before_old_events_go(
    signed_in: Callable[[Person], Page], administrator: Person, look_over: Callable[[Page, str], None]
) -> None:
    page = signed_in(administrator)
    page.goto("/administration/keeping/")
    expect(page.get_by_text("No backup is known.")).to_be_visible()
    look_over(page, "keeping")
    page.get_by_text("Files of each month").click()
    expect(page.get_by_role("rowheader", name="2011-11")).to_be_visible()
    look_over(page, "keeping-months")
    page.get_by_role("link", name="Retention").click()
    page.get_by_label("Periods").fill("events:\n- types: viewed\n  months: 12\n")
    page.get_by_role("button", name="See what would go").click()
    expect(page.get_by_text("Nothing has gone yet.")).to_be_visible()
    look_over(page, "retention")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Version 1 is in force")).to_be_visible()
