"""What the tickets behind a figure of a team's page are, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def heading(team: str, part: str, name: str) -> str:
    """The heading of the tickets behind `part` (and `name`) of a team's page."""
    if part == "from" and not name:
        return _("Tickets that began with %(team)s") % {"team": team}
    return _headings()[part] % {"team": team, "name": name or _("no topic")}


def _headings() -> dict[str, str]:
    return {
        "all": _("Tickets that %(team)s had"),
        "open": _("Open tickets that %(team)s has"),
        "waiting": _("Tickets that wait for %(team)s now"),
        "from": _("Tickets that %(name)s handed to %(team)s"),
        "to": _("Tickets that %(team)s handed to %(name)s"),
        "back": _("Tickets that %(team)s handed to %(name)s and had again"),
        "ping-pong": _("Tickets that went between %(team)s and %(name)s and came back"),
        "topic": _("Tickets about %(name)s that %(team)s had"),
        "month": _("Tickets of %(name)s that %(team)s had"),
        "customer": _("Tickets with which %(team)s waited for the customer"),
        "supplier": _("Tickets with which %(team)s waited for a supplier"),
        "other": _("Tickets with which %(team)s waited for something else"),
    }


BY = {
    "month": gettext_lazy("Month of opening"),
    "topic": gettext_lazy("Topic"),
    "team": gettext_lazy("First team"),
    "kind": gettext_lazy("Kind"),
    "service": gettext_lazy("Service"),
    "component": gettext_lazy("Component"),
    "channel": gettext_lazy("Channel"),
    "country": gettext_lazy("Country"),
    "impact": gettext_lazy("Impact"),
    "urgency": gettext_lazy("Urgency"),
}
"""By what figures can be asked."""


def solved_heading(what: str, name: str) -> str:
    """The heading of the tickets behind a figure of what was solved."""
    headings = {
        "all": _("Tickets: %(name)s"),
        "first-contact": _("Solved at first contact, and stayed solved: %(name)s"),
        "first-level": _("Solved at the first level, and stayed solved: %(name)s"),
        "came-back": _("Came back: %(name)s"),
    }
    return headings[what] % {"name": name}
