"""What stands in the head of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.actor import ANONYMOUS
from towpath.foundation.access.rules import Permission


@dataclass(frozen=True)
class Entry:
    """One word in the navigation, shown to those who hold the permission."""

    label: str | Promise
    route: str
    needs: Permission


ENTRIES: tuple[Entry, ...] = ()


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: `navigation`, the entries that this actor may open, with the current one marked."""
    actor = getattr(request, "actor", ANONYMOUS)
    here = request.path
    entries = []
    for entry in ENTRIES:
        if actor.may(entry.needs):
            address = reverse(entry.route)
            entries.append({"label": entry.label, "address": address, "here": here.startswith(address)})
    return {"navigation": entries, "actor": actor}
