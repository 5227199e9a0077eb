"""A person's word on what tickets are about: one click, one ticket or a whole group, taken back by one."""

from __future__ import annotations

import math
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.joining.observing import batches
from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.measures.linking import FILLED
from towpath.desk.models import Desk, Ticket, TicketLink
from towpath.desk.noting import note
from towpath.desk.queries.linking import ABOUT, Linking, by_of, group_meant, linking_of
from towpath.desk.rules.permissions import LINK_TICKETS
from towpath.desk.schemas.linking import About, LinkGroupKey
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require
from towpath.foundation.audit.writing import writing

AT_ONCE = 500
OF_TICKETS = ("service", "customer")
"""What the rows of tickets hold of it."""


def say_of_ticket(actor: Actor, name: str, number: str, *, about: str, value: str, confirmed: bool) -> str:
    """Confirm or reject what is proposed for one ticket; returns the batch that takes it back.

    Raises ValidationError where it is not proposed (any more), Http404, PermissionDenied.
    """
    with writing(actor, "ticket.linked", LINK_TICKETS) as write:
        desk, meant = _locked(actor, name), _about(actor, about)
        seen = linking_of(actor, desk, meant, number)
        place = seen.history.number_of(number)
        if place is None:
            raise Http404(_("This desk has no ticket of that number."))
        code = int(seen.found.value.codes[place])
        if not seen.open[place] or code < 0 or seen.found.value.names[code].as_py() != value:
            raise ValidationError(_("This is not proposed any more: look at the ticket again."))
        rows = _said(actor, desk, seen, [place], value, confirmed=confirmed)
        write.about(rows[0], after={"about": about, "value": _audited(meant, value), "confirmed": confirmed})
    return str(rows[0].batch)


def say_of_group(actor: Actor, name: str, wanted: LinkGroupKey, *, confirmed: bool) -> tuple[str, int]:
    """Confirm or reject what is proposed for all tickets of a topic and team; returns the batch, and how many
    tickets it covers. Raises ValidationError where it is not proposed (any more), Http404, PermissionDenied.
    """
    with writing(actor, "tickets.linked", LINK_TICKETS) as write:
        desk, meant = _locked(actor, name), _about(actor, wanted.about)
        seen, group = group_meant(actor, desk, meant, wanted)
        rows = _said(actor, desk, seen, group.places.tolist(), wanted.value, confirmed=confirmed)
        told = {"topic": wanted.topic, "team": wanted.team, "tickets": len(rows), "confirmed": confirmed}
        write.about(rows[0], after={"about": meant, "value": _audited(meant, wanted.value), **told})
    return str(rows[0].batch), len(rows)


def take_back(actor: Actor, name: str, batch: str) -> int:
    """Undo what one click said; returns the number of tickets. Raises Http404, PermissionDenied."""
    with writing(actor, "tickets.unlinked", LINK_TICKETS) as write:
        desk = _locked(actor, name)
        try:
            rows = TicketLink.objects.filter(desk=desk, batch=uuid.UUID(batch))
        except ValueError as error:
            raise Http404(_("Nothing was said by that click.")) from error
        first = rows.first()
        if first is None:
            raise Http404(_("Nothing was said by that click."))
        if first.about == "customer":
            require(actor, READ_CUSTOMERS)
        count: int = rows.count()
        before = {"about": first.about, "value": _audited(first.about, first.value), "tickets": count}
        write.about(first, before={**before, "confirmed": first.confirmed})
        if first.confirmed and first.about in OF_TICKETS:
            # Whether the source says it too by now, only its events tell.
            note([desk.pk])
        rows.delete()
    return count


def _locked(actor: Actor, name: str) -> Desk:
    """The desk; of two who say something at once, one waits."""
    desk = fetch(Desk, actor, name=name)
    return Desk.objects.select_for_update().get(pk=desk.pk)


def _about(actor: Actor, about: str) -> About:
    found = next((each for each in ABOUT if each == about), None)
    if found is None:
        raise ValidationError(_("A ticket is about a service, component, step or customer."))
    if found == "customer":
        require(actor, READ_CUSTOMERS)
    return found


def _said(
    actor: Actor, desk: Desk, seen: Linking, places: list[int], value: str, *, confirmed: bool
) -> list[TicketLink]:
    batch, now = uuid.uuid4(), timezone.now()
    rows = [
        TicketLink(
            desk=desk,
            number=str(seen.history.tickets[place]),
            about=seen.about,
            value=value,
            confirmed=confirmed,
            by=by_of(seen, place),
            share=_known(float(seen.found.share[place])),
            batch=batch,
            said_by=actor.name or actor.kind,
            said_at=now,
        )
        for place in places
    ]
    TicketLink.objects.bulk_create(rows, batch_size=AT_ONCE)
    if confirmed and seen.about in OF_TICKETS and seen.about in FILLED:
        for some in batches([row.number for row in rows], AT_ONCE):
            # With no digest, so that whoever reads its events next writes it anew.
            without: dict[str, Any] = {seen.about: ""}
            named: dict[str, Any] = {seen.about: value[:200], "digest": 0}
            Ticket.objects.filter(desk=desk, number__in=some, **without).update(**named)
    return rows


def _known(share: float) -> float | None:
    return share if math.isfinite(share) else None


def _audited(about: str, value: str) -> str:
    """The log is kept when a customer is forgotten: it never holds who they are."""
    return "" if about == "customer" else value
