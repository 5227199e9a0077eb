"""What stands in the head of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from towpath.catalogue.rules.permissions import READ_CATALOGUE
from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.events.rules import READ_EVENTS, READ_KEEPING, WRITE_EVENTS
from towpath.foundation.access.actor import ANONYMOUS
from towpath.foundation.access.rules import OWN_KEYS, Permission
from towpath.foundation.accounts.rules import MANAGE_PEOPLE, READ_PEOPLE
from towpath.foundation.audit.rules import READ_AUDIT
from towpath.foundation.jobs.rules import READ_JOBS
from towpath.foundation.outbox.rules import READ_OUTBOX
from towpath.improvement.rules.permissions import READ_FINDINGS, TELL_FINDINGS
from towpath.journeys.rules.permissions import READ_JOURNEYS
from towpath.site.demo.showing import is_invented


@dataclass(frozen=True)
class Entry:
    """One word in the navigation, shown to those who hold the permission."""

    label: str | Promise
    route: str
    needs: Permission


ENTRIES: tuple[Entry, ...] = (
    Entry(_("Home"), "start", READ_FINDINGS),
    Entry(_("Journeys"), "journeys:list", READ_JOURNEYS),
    Entry(_("Desk"), "desk:list", READ_DESK),
    Entry(_("Catalogue"), "catalogue:list", READ_CATALOGUE),
    Entry(_("Estate"), "estate:list", READ_ESTATE),
    Entry(_("Customers"), "customers:list", READ_CUSTOMERS),
    Entry(_("Events"), "events:sources", READ_EVENTS),
    Entry(_("Administration"), "people", READ_PEOPLE),
)
"""In the head of every page; an area's word stays marked on all addresses that begin with its own."""

OF_HOME = ("/findings/", "/components/", "/reviews/", "/account/")
"""Addresses that home leads to and that have no word of their own."""

ADMINISTRATION: tuple[Entry, ...] = (
    Entry(_("How Towpath is"), "events:keeping", READ_KEEPING),
    Entry(_("Set aside"), "events:set-aside", READ_KEEPING),
    Entry(_("Retention"), "events:retention", READ_KEEPING),
    Entry(_("People"), "people", READ_PEOPLE),
    Entry(_("Teams"), "teams", READ_PEOPLE),
    Entry(_("API keys"), "api-keys", OWN_KEYS),
    Entry(_("Audit log"), "audit-log", READ_AUDIT),
    Entry(_("Jobs"), "jobs", READ_JOBS),
    Entry(_("Announcements"), "announcements", READ_OUTBOX),
    Entry(_("Who is told"), "improvement:telling", TELL_FINDINGS),
    Entry(_("Helpdesks"), "desk:connections", MANAGE_DESK),
)
"""The tabs of the pages under Administration."""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: `navigation`, the entries that this actor may open, with the current one marked;
    `administration`, the tabs (label, address); `actor`; `may_manage_people`; `invented`: whether the demo
    company is shown, `may_leave_demo`, and `page_above`, the template that says so.
    """
    actor = getattr(request, "actor", ANONYMOUS)
    entries = []
    for entry in ENTRIES:
        if actor.may(entry.needs):
            address = reverse(entry.route)
            entries.append({"label": entry.label, "address": address, "here": _is_in(request.path, address)})
    return {
        "navigation": entries,
        "administration": [(tab.label, reverse(tab.route)) for tab in ADMINISTRATION if actor.may(tab.needs)],
        "actor": actor,
        "invented": is_invented(),
        "may_leave_demo": actor.may(WRITE_EVENTS),
        "page_above": "site/demo_banner.html" if is_invented() else "",
        "may_manage_people": actor.may(MANAGE_PEOPLE),
    }


def _is_in(path: str, address: str) -> bool:
    """Whether the page belongs to that entry's area; findings and the account belong to home."""
    area = address.split("/")[1]
    return path.startswith(f"/{area}/" if area else OF_HOME) or path == address
