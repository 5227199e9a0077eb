"""What people call the classes of states, and what a clock does and why."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATE_WORDS: dict[str, Promise] = {
    "new": _("new"),
    "queued": _("in the queue"),
    "working": _("worked on"),
    "waiting_customer": _("waits for the customer"),
    "waiting_supplier": _("waits for a supplier"),
    "waiting": _("waits"),
    "resolved": _("solved"),
    "closed": _("closed"),
    "cancelled": _("cancelled"),
    "unknown": _("unknown state"),
}
CLOCK_WORDS: dict[str, Promise] = {
    "running": _("running"),
    "paused": _("paused"),
    "met": _("met"),
    "missed": _("missed"),
    "stopped": _("stopped"),
    "cancelled": _("cancelled"),
}
WHY_WORDS: dict[str, Promise] = {
    "running": _("counted"),
    "closed": _("outside the agreed hours"),
    "holiday": _("holiday"),
    "paused": _("paused"),
    "stopped": _("stopped"),
    "reset": _("counted until the clock began anew"),
}
METRIC_WORDS: dict[str, Promise] = {
    "resolution": _("until it is solved"),
    "first_response": _("until somebody answers"),
}
LINK_WORDS: dict[str, Promise] = {
    "part_of": _("Part of"),
    "caused_by": _("Caused by"),
    "solved_through": _("Solved by"),
    "duplicate_of": _("Duplicate of"),
    "affects": _("Affects"),
    "repeats": _("Repeats"),
    "repeated_by": _("Came back as"),
}
DIMENSION_WORDS = {"what": _("What"), "where": _("Where"), "when": _("When"), "extent": _("How much")}
TEST_WORDS = {
    "": _("not tested"),
    "explains": _("explains it"),
    "assumes": _("only if we assume something"),
    "fails": _("does not explain it"),
}
