"""Events that show who is who, put into a lake and looked at."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "journeys"))

from journey_events import START, Row, event, put_in

from towpath.customers.joining.applying import Outcome
from towpath.customers.joining.following import resolve_everything
from towpath.customers.joining.observing import key_of
from towpath.customers.models import Identifier

__all__ = ["START", "customer_of", "met", "put_in", "take_in", "together"]


def met(hours: float, identifier: str | None, *others: str, type_: str = "visit", **given: Any) -> Row:
    """An event at which this identifier, and perhaps others of the same customer, were shown."""
    listed = {"identifiers": json.dumps(list(others))} if others else {}
    return event(type_, None, hours, identifier=identifier, **listed, **given)


def take_in(rows: Sequence[Row], name: str = "first") -> Outcome:
    put_in(rows, name)
    return resolve_everything()


def together() -> set[frozenset[str]]:
    """Today's customers, each as the identifiers that they are known by."""
    groups: dict[int | None, set[str]] = {}
    for row in Identifier.objects.all():
        groups.setdefault(row.customer_id, set()).add(row.written)
    return {frozenset(those) for those in groups.values()}


def customer_of(identifier: str) -> int:
    found = Identifier.objects.get(pk=key_of(identifier)).customer_id
    assert found is not None
    return found
