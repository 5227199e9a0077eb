"""Finding out who is who, in the background."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from django.utils.translation import gettext as _

from towpath.customers.actions.forgetting import forget, go_on
from towpath.customers.forgetting import ImportsRun
from towpath.customers.joining.following import resolve_everything, resolve_noted
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs.declaring import job, scheduled
from towpath.foundation.jobs.progress import progress


@job(attempts=5)
def resolve_new() -> dict[str, int]:
    """Join the identifiers of events that came in; returns how many of what."""
    return asdict(resolve_noted(_tell))


@job(attempts=3)
def forget_customer(key: str) -> dict[str, int]:
    """Forget a customer, as somebody asked who may; returns how much was removed, by place.

    Where it must wait for imports, `finish_forgetting` does it: that it is to be done is on record.
    """
    with suppress(ImportsRun):
        return forget(OPERATOR, key).removed
    return {}


@scheduled(every=60)
@job(attempts=1)
def finish_forgetting() -> int:
    """Go on with what was killed, or had to wait; returns how many customers were forgotten."""
    return go_on(OPERATOR)


@job(attempts=3)
def resolve_all() -> dict[str, int]:
    """Find anew who is who, from all events and by the rules of today."""
    return asdict(resolve_everything(_tell))


def _tell(done: int, total: int | None) -> None:
    progress(done, total, _("identifiers"))
