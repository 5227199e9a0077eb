"""A home with the small shop's events and its journey."""

from __future__ import annotations

import pytest

from towpath.foundation.operations.home import Home


@pytest.fixture
def shop(db: None, tmp_home: Home) -> Home:
    """The journey `order`, and five orders in the lake."""
    # Where pytest is asked for this folder, this module is read before Django knows its apps.
    from journey_events import JOURNEY, put_in, shop_events

    from towpath.foundation.access.actor import OPERATOR
    from towpath.journeys.actions import apply_journey

    put_in(shop_events())
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    return tmp_home
