"""Of several processes one reads tickets at a time."""

from __future__ import annotations

import pytest

from towpath.desk.jobs import TICKETS, refresh_tickets
from towpath.desk.models import Desk, TicketNote
from towpath.desk.noting import note
from towpath.events.store import in_turn
from towpath.foundation.operations.home import Home

pytestmark = pytest.mark.django_db


def test_while_another_reads_nothing_is_written_and_what_is_noted_stays_for_the_next(tmp_home: Home) -> None:
    desk = Desk.objects.create(name="acme", source="acme", reading="kind: incident\n")
    note([desk.pk])
    with in_turn(TICKETS, 0):
        assert refresh_tickets.call() == 0
        assert TicketNote.objects.count() == 1
    refresh_tickets.call()
    assert TicketNote.objects.count() == 0
