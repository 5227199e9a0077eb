"""Writes: what a person does about a stuck announcement."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.outbox.rules import MANAGE_OUTBOX


def try_again(actor: Actor, message_id: int) -> None:
    """Deliver it with the next round, as if it had never failed."""
    with writing(actor, "announcement.tried_again", MANAGE_OUTBOX) as write:
        message = _waiting(message_id)
        before = {"attempts": message.attempts, "last_error": message.last_error}
        message.attempts, message.not_before = 0, timezone.now()
        message.save(update_fields=["attempts", "not_before"])
        write.about(message, before=before, after={"attempts": 0})


def give_up(actor: Actor, message_id: int) -> None:
    """Never deliver it. What it says stays in the audit log."""
    with writing(actor, "announcement.given_up", MANAGE_OUTBOX) as write:
        message = _waiting(message_id)
        write.about(message, before={"body": message.body, "last_error": message.last_error})
        message.handled_at = timezone.now()
        message.save(update_fields=["handled_at"])


def _waiting(message_id: int) -> OutboxMessage:
    message = OutboxMessage.objects.select_for_update().filter(pk=message_id, handled_at=None).first()
    if message is None:
        raise Http404(_("This announcement does not wait any more."))
    return message
