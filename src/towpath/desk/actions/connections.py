"""Connections to helpdesks: made, stopped, tried again, removed."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.desk.models import Connection
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.sealing import sealed
from towpath.foundation.outbox.webhooks import NotDelivered, place_of

LEAST_S, MOST_S = 60, 86_400
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def connect(
    actor: Actor,
    *,
    name: str,
    kind: str,
    url: str,
    secret: str,
    account: str = "",
    query: str = "",
    table: str = "incident",
    every_s: int = 300,
    mask: bool = True,
) -> Connection:
    """Fetch tickets from there from now on. Raises ValidationError by field, PermissionDenied."""
    require(actor, MANAGE_DESK)
    url = url.strip().rstrip("/")
    wrong = {**_wrong_name(name), **_wrong_place(kind, url, table)}
    if not secret.strip():
        wrong["secret"] = _("Without a password or token nothing can be fetched.")
    if not LEAST_S <= every_s <= MOST_S:
        wrong["every_s"] = _("From %(least)d seconds to a day.") % {"least": LEAST_S}
    if wrong:
        raise ValidationError(wrong)
    with writing(actor, "connection.added", MANAGE_DESK) as write:
        row = Connection.objects.create(
            name=name,
            kind=kind,
            url=url,
            account=account.strip(),
            secret=sealed(secret.strip()),
            query=query.strip(),
            table=table.strip(),
            every_s=every_s,
            mask=mask,
            created_by=(actor.name or actor.kind)[:200],
        )
        write.about(row, after=_kept(row))
    return row


def set_active(actor: Actor, name: str, *, active: bool) -> None:
    """Stop fetching, or go on where it was. Raises Http404, PermissionDenied."""
    verb = "connection.started" if active else "connection.stopped"
    with writing(actor, verb, MANAGE_DESK) as write:
        row = _locked(name)
        before = _kept(row)
        row.active, row.not_before = active, None
        row.save(update_fields=["active", "not_before"])
        write.about(row, before=before, after=_kept(row))


def disconnect(actor: Actor, name: str) -> None:
    """Fetch no more, and forget the secret. What was fetched stays. Raises Http404, PermissionDenied."""
    with writing(actor, "connection.removed", MANAGE_DESK) as write:
        row = _locked(name)
        write.about(row, before=_kept(row))
        row.delete()


def _wrong_name(name: str) -> dict[str, str]:
    if not _NAME.fullmatch(name):
        return {"name": _("Write small letters, digits and dashes, like acme-jira.")}
    if Connection.objects.filter(name=name).exists():
        return {"name": _("Give it a name that no other connection has.")}
    return {}


def _wrong_place(kind: str, url: str, table: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if kind not in Connection.Kind.values:
        wrong["kind"] = _("Known are: %(kinds)s.") % {"kinds": ", ".join(Connection.Kind.values)}
    if not re.fullmatch(r"[a-z0-9_]{1,80}", table.strip()):
        wrong["table"] = _("A table's name has small letters, digits and underscores, like incident.")
    try:
        place_of(url, private=settings.WEBHOOKS_PRIVATE)
    except NotDelivered as error:
        wrong["url"] = str(error)
    return wrong


def _locked(name: str) -> Connection:
    row = Connection.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise Http404(_("There is no connection %(name)s.") % {"name": name})
    return row


def _kept(row: Connection) -> dict[str, Any]:
    """For the audit log, without the secret."""
    names = ("name", "kind", "url", "account", "query", "table", "every_s", "mask", "active")
    return {name: getattr(row, name) for name in names}
