"""The client is a distribution of its own: its tests find it in the checkout."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from stand_in import CLIENT, StandIn

sys.path.insert(0, str(CLIENT))


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server that takes everything, until a test tells it otherwise."""
    with StandIn() as running:
        yield running
