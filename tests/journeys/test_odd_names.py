"""Names that sources choose for themselves: no page or question breaks on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from journey_events import JOURNEY, event, put_in, shop_events

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.queries.attributes import attributes

pytestmark = pytest.mark.django_db
ODD = (
    '{"a\\"b": "x", "c\\\\d": "x", "": "x", "e/f": "x", "g~h": "x", "$": "x", "*": "x"}',
    "not JSON",
    "[1, 2]",
    "7",
)


def test_a_source_may_be_called_as_cloudevents_call_theirs(
    tmp_home: Home, client_of: Callable[[Person], Client], service_manager: Person
) -> None:
    name = "https://shop.example/orders"
    put_in([event("basket", "1", 0, source=name), event("pay", "1", 1, source=name)])
    client = client_of(service_manager)
    page = client.get("/events/").content.decode()
    address = reverse("journeys:source-flow", args=[name])
    assert address in page
    assert "basket" in client.get(address).content.decode()
    people = client.get(reverse("journeys:source-entities", args=[name]))
    assert people.status_code == 200


def test_attributes_are_found_whatever_they_are_called(tmp_home: Home) -> None:
    rows = [event("basket", "o9", 1, data=data) for data in ODD]
    rows += [event("pay", "o9", 2, data=data.replace('"x"', '"y"')) for data in ODD]
    put_in([*shop_events(), *rows])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    found = {name for name in attributes(OPERATOR, "order") if name.startswith("data.")}
    assert found == {"data.phase", 'data.a"b', "data.c\\d", "data.e/f", "data.g~h", "data.$", "data.*"}
