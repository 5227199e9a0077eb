"""A helpdesk export, dropped on the first page of an empty store: findings, each with its tickets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from towpath.events.ingest import run_import
from towpath.events.models import FileImport
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
LOG = Path(__file__).parents[3] / "shared/data/uci-servicenow-incidents/incident_event_log.csv.gz"


def test_a_dropped_export_shows_five_findings_each_opened_to_its_tickets(
    tmp_home: Home,
    signed_in: Callable[[Person], Page],
    service_manager: Person,
    look_over: Callable[[Page, str], None],
) -> None:
    if not LOG.exists():
        pytest.skip("uci-servicenow-incidents is missing")
    page = signed_in(service_manager)
    page.goto("/")
    page.locator("[data-drop] input[type=file]").set_input_files(LOG)
    page.get_by_role("button", name="Look at this file").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="waits for a worker")).to_be_visible()
    run_import(FileImport.objects.get())
    page.get_by_role("link", name="See what stands out").click(timeout=30_000)
    expect(page.get_by_role("heading", name="37 % of the tickets missed their SLA")).to_be_visible(
        timeout=30_000
    )
    look_over(page, "insights")
    sentences = page.locator(".stands-out h2 a").all_inner_texts()
    assert len(sentences) >= 5
    for sentence in sentences:
        page.get_by_role("link", name=sentence).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(sentence)
        expect(page.locator("tbody tr").first).to_contain_text("INC")
        page.go_back()
    expect(page.get_by_role("heading", name="What this file cannot tell")).to_be_visible()
