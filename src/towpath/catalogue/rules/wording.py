"""What the catalogue's keys are called in words that can be translated."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
AUDIENCES: Words = {"customers": _("For customers"), "colleagues": _("For colleagues")}
LIFECYCLES: Words = {
    "planned": _("planned"), "live": _("live"), "retiring": _("being retired"), "retired": _("retired"),
}  # fmt: skip
KINDS: Words = {
    "sla": _("SLA: promised to customers"),
    "ola": _("OLA: promised to colleagues"),
    "supplier": _("Supplier's contract"),
    "xla": _("XLA: an experience is promised"),
}
MEASURES: Words = {
    "availability": _("Attempts without a fault of ours"),
    "latency": _("Answered within, for 95 % of attempts"),
    "first_response": _("First response"),
    "resolution": _("Solved within"),
    "good_days": _("Good days"),
    "satisfaction": _("Satisfied"),
}
VERDICTS: Words = {
    "kept": _("kept"),
    "missed": _("missed"),
    "cannot_tell": _("cannot tell yet"),
    "not_measurable": _("not measurable yet"),
}
CONNECT: Words = {
    "availability": _("Connect a source whose events name this service and say how attempts ended."),
    "latency": _("Connect a source whose events name this service and say how long an answer took."),
    "first_response": _("The clocks of the desk measure it by ticket; they do not yet tell it by service."),
    "resolution": _("The clocks of the desk measure it by ticket; they do not yet tell it by service."),
    "good_days": _("Journeys measure it by step; they do not yet tell it by service."),
    "satisfaction": _("Connect answers to a survey that name this service."),
}
HEALTH: Words = {
    "missed": _("a promise is missed"),
    "worse": _("more faults than the week before"),
    "better": _("fewer faults than the week before"),
    "usual": _("as the week before"),
    "little": _("too little data"),
    "unknown": _("not measurable yet"),
}
CHANGES: Words = {
    "new": _("new"), "changed": _("changed"), "back": _("back again"), "gone": _("gone"),
}  # fmt: skip
