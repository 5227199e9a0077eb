"""What tickets are about, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ABOUT_WORDS: dict[str, Promise] = {
    "service": _("Service"),
    "component": _("Component"),
    "step": _("Journey step"),
    "customer": _("Customer"),
}
BY_WORDS: dict[str, Promise] = {
    "learned": _("like tickets that say it"),
    "named": _("its text names it"),
    "together": _("together with"),
}
NAMED_BY_WORDS: dict[str, Promise] = {
    "part_of": _("Part of this"),
    "caused_by": _("Caused by this"),
    "solved_through": _("Solved by this"),
    "duplicate_of": _("Duplicates of this"),
    "affects": _("Affect this"),
}
REFUSED: dict[str, Promise | str] = {
    "": "",
    "few": _("Nothing is learned: fewer than 200 tickets say it, or each says something else."),
    "alike": _("Nothing is learned: all tickets that say it say the same."),
    "step": _(
        "Proposed where an attempt of the customer at a step went wrong within 24 hours before: "
        "together with, not caused by."
    ),
    "customer": _("Proposed where the text holds the identifier of exactly one customer of this desk."),
}
