"""What the fields of the envelope mean, for a person who writes a mapping."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEANINGS: dict[str, Promise] = {
    "time": _("When it happened. Needed."),
    "type": _("What happened: the activity, the step, the state. Needed."),
    "identifier": _("The customer, with its kind as prefix: account:4711."),
    "identifiers": _("Further identifiers of the same customer, such as mail and phone: a list of columns."),
    "case": _(
        "What belongs together: the order, the application, the ticket. Without a customer it stands for one."
    ),
    "session": _("One visit on one channel."),
    "channel": _("Where the customer met the service: web, app, phone, shop."),
    "outcome": _("How it ended: ok, fault, refused, mistake or abandoned."),
    "latency_ms": _("How long the customer waited. “unit” says in what it is given: ms, s, min, h."),
    "value": _("Money that is at stake or was earned."),
    "currency": _("The currency of value, such as EUR."),
    "service": _("The service that the customer used."),
    "component": _("The system or part that served it."),
    "environment": _("Production, test, and the like."),
    "version": _("The version of the software that served."),
    "team": _("The team or department that worked on it."),
    "tier": _("The support level."),
    "ticket": _("The ticket that it belongs to, where that is not the case."),
    "change": _("The change or deployment that it belongs to."),
    "trace": _("The trace id, to find it among the traces."),
    "id": _("The event's own id. Without one, the row's content and place make it."),
    "seq": _("A number that orders events of the same time. Without one, the order of the file does."),
    "source": _("The source, where one file holds events of several."),
}
"""By the field's name, those first that say most."""
