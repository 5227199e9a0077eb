"""Sending what is to be told, by e-mail or webhook; what came of it stays with the delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.sealing import unsealed
from towpath.foundation.outbox.webhooks import NotDelivered, post
from towpath.improvement.actions.findings import LOOKER
from towpath.improvement.actions.telling import set_active
from towpath.improvement.models import Delivery, TellingRule
from towpath.improvement.queries.findings import record_of, shown_of
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.improvement.rules.telling import MOST_TRIES
from towpath.improvement.schemas.records import FindingShown

GONE = 410
"""By this answer a receiver says that it wants nothing any more (Standard Webhooks)."""


def send(delivery_id: int) -> bool:
    """Try once; whether it is settled. Raises NotDelivered for another try, until all tries are used."""
    row = Delivery.objects.select_related("rule", "finding").filter(pk=delivery_id).first()
    if row is None or row.state != Delivery.State.WAITING:
        return True
    if not row.rule.active:
        _settle(row, Delivery.State.FAILED, _("The rule was stopped before it was told."))
        return True
    try:
        with override(row.rule.language):
            said = _sent(row)
    except NotDelivered as error:
        again = error.status != GONE and row.tries + 1 < MOST_TRIES
        _settle(row, Delivery.State.WAITING if again else Delivery.State.FAILED, str(error))
        if error.status == GONE:
            set_active(LOOKER, row.rule_id, active=False)
        if again:
            raise
        return True
    _settle(row, Delivery.State.DELIVERED, said)
    return True


def _settle(row: Delivery, state: str, said: str) -> None:
    with writing(LOOKER, f"telling.{state}", WRITE_FINDINGS) as write:
        row.state, row.said, row.tries = state, said[:500], row.tries + 1
        row.done_at = None if state == Delivery.State.WAITING else timezone.now()
        row.save(update_fields=["state", "said", "tries", "done_at"])
        write.about(row, after={"state": state, "tries": row.tries, "said": row.said})


def _sent(row: Delivery) -> str:
    shown = shown_of(row.finding) if row.finding else None
    if row.rule.means == TellingRule.Means.EMAIL:
        return _by_mail(row, shown)
    now = timezone.now()
    body = msgspec.json.encode(_message_of(row, shown, now))
    try:
        secret = unsealed(row.rule.secret)
    except InvalidToken as error:
        raise NotDelivered(
            _("The secret cannot be read any more, as the home's key is another: make the rule anew.")
        ) from error
    private = settings.WEBHOOKS_PRIVATE
    status = post(row.rule.address, secret, _id_of(row), int(now.timestamp()), body, private=private)
    return _("answered with %(status)d") % {"status": status}


def _id_of(row: Delivery) -> str:
    """The same for every try, so that a receiver can leave out what it has."""
    return f"msg_{row.rule_id}_{row.pk}"


def _message_of(row: Delivery, shown: FindingShown | None, now: datetime) -> dict[str, Any]:
    """A webhook's body: type, timestamp, and the finding as `--json` tells it. No customer is named."""
    data: dict[str, Any] = {"test": True}
    if shown is not None:
        data = {
            **msgspec.to_builtins(record_of(shown)),
            "digest": shown.digest,
            "sentence": shown.sentence,
            "state": shown.state,
            "grave": shown.grave,
            "url": _address(row, shown),
        }
    return {"type": f"finding.{row.news}", "timestamp": now.astimezone(UTC).isoformat(), "data": data}


def _address(row: Delivery, shown: FindingShown) -> str:
    return f"{row.rule.site.rstrip('/')}/findings/{shown.digest}/" if row.rule.site else ""


def _by_mail(row: Delivery, shown: FindingShown | None) -> str:
    if not settings.EMAIL_HOST:
        raise NotDelivered(_("Towpath sends no e-mail here: set TOWPATH_EMAIL_URL."))
    subject, text = _letter(row, shown)
    receivers = [each.strip() for each in row.rule.address.split(",")]
    # Receivers do not see one another; a step's name may hold a line break, a subject may not.
    letter = EmailMessage(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, bcc=receivers)
    try:
        letter.send()
    except (OSError, BadHeaderError, ValueError) as error:
        raise NotDelivered(_("The mail server did not take it: %(why)s") % {"why": error}) from error
    return _("the mail server took it")


def _letter(row: Delivery, shown: FindingShown | None) -> tuple[str, str]:
    """Subject and text."""
    if shown is None:
        return _("Towpath: a try-out"), _("This was sent to see whether it arrives. Nothing is wrong.")
    subjects = {
        "new": _("New: %(sentence)s"),
        "back": _("Came back: %(sentence)s"),
        "grave": _("Grave: %(sentence)s"),
        "gone": _("Gone: %(sentence)s"),
    }
    found = shown.found
    lines = [
        shown.sentence + ".",
        _("%(days)d ruined customer-days a week; %(customers)d customers beyond what would have happened.")
        % {"days": found.ruined_days.value, "customers": found.beyond.value},
        *(f"{each}." for each in shown.together),
        shown.cause_in_words,
        _("Do first: %(step)s.") % {"step": shown.first_step_in_words},
        _address(row, shown),
    ]
    return subjects[row.news] % {"sentence": shown.sentence}, "\n\n".join(line for line in lines if line)
