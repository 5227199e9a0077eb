"""Helpdesks in a real browser: one is connected, looked at, and its export dropped and agreed to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

sys.path.append(str(Path(__file__).parents[1] / "desk"))

from desk_exports import issue, written
from helpdesk_stand_in import serving

from towpath.desk import jobs
from towpath.desk.models import Connection
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_service_manager_connects_a_helpdesk_and_sees_how_it_goes(
    tmp_home: Home,
    settings: Any,
    signed_in: Callable[[Person], Page],
    service_manager: Person,
    look_over: Callable[[Page, str], None],
) -> None:
    settings.WEBHOOKS_PRIVATE = True
    page = signed_in(service_manager)
    with serving() as helpdesk:
        helpdesk.issues = [issue("IT-1"), issue("IT-2")]
        page.goto("/administration/helpdesks/")
        expect(page.get_by_text("No helpdesk is connected")).to_be_visible()
        page.get_by_label("Name", exact=True).fill("acme-jira")
        page.get_by_label("Address", exact=True).fill(helpdesk.url)
        page.locator("[name=account]").fill("reader@acme.example")
        page.locator("[name=secret]").fill("token")
        page.locator("[name=query]").fill("project = IT")
        page.get_by_role("button", name="Connect it").click()
        expect(page.get_by_text("the first tickets are on their way")).to_be_visible()
        jobs.poll_connection.call(Connection.objects.get().pk)
        helpdesk.troubles = [(429, {"Retry-After": "60"}, b"")]
        page.goto("/administration/helpdesks/")
        expect(page.get_by_text("well", exact=True)).to_be_visible()
        look_over(page, "helpdesks")
        jobs.poll_connection.call(Connection.objects.get().pk)
        page.reload()
        expect(page.get_by_text("asks to wait")).to_be_visible()


def test_a_dropped_export_is_known_and_its_names_are_masked_before_anybody_agrees(
    tmp_home: Home,
    tmp_path: Path,
    signed_in: Callable[[Person], Page],
    service_manager: Person,
    look_over: Callable[[Page, str], None],
) -> None:
    page = signed_in(service_manager)
    page.goto("/events/import/")
    path = written(tmp_path / "acme-jira.json", {"issues": [issue("IT-1")]})
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Look at this file").click()
    expect(page.get_by_text("Which support tier a team is")).to_be_visible()
    assert "anna.berg" not in page.content()
    look_over(page, "desk-draft")
