"""What mending brought is counted in the events: the same customer-days, before and afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from made_weeks import UNTIL, Row, Weeks, fill, since

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.improvement.actions import findings as actions
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.models import Finding

pytestmark = pytest.mark.django_db
TAKEN = since(17)


def failing(row: Row, draw: np.random.Generator) -> Row:
    """For three weeks paying by phone fails half of the time, until it is mended two weeks ago."""
    if row["type"] == "pay" and row["channel"] == "phone" and since(35) < row["time"] < since(16):
        row["outcome"] = "fault" if draw.random() < 0.5 else "ok"
    return row


def counted(rows: list[Row], first: date, last: date) -> int:
    """Customer-days on which a payment by phone failed."""
    bad = {
        (row["identifier"], row["time"].date())
        for row in rows
        if (row["type"], row["channel"], row["outcome"]) == ("pay", "phone", "fault")
        and first <= row["time"].date() <= last
    }
    return len(bad)


def test_a_mended_trouble_is_gone_with_the_gain_that_the_events_show(tmp_home: Home) -> None:
    rows = fill(Weeks(plant=failing))
    refresh(TAKEN)
    row = Finding.objects.get(key="order/pay/fault/channel=phone")
    actions.accept(OPERATOR, row.digest, owner="Ann", next_step="Mend it", due=date(2030, 1, 1))
    row.steps.filter(state="accepted").update(at=TAKEN)
    refresh(UNTIL + timedelta(hours=1))
    row.refresh_from_db()
    assert row.state == "gone"
    assert row.measured is not None
    day = TAKEN.date()
    before = counted(rows, day - timedelta(days=6), day)
    last = UNTIL.date() - timedelta(days=1)
    now = counted(rows, last - timedelta(days=6), last)
    assert row.measured["gain"] == row.measured["before"] - row.measured["now"]
    assert (row.measured["before"], row.measured["now"]) == (before, now)
    assert before > 20 > now


def test_a_trouble_that_nobody_took_on_goes_without_a_gain(tmp_home: Home) -> None:
    fill(Weeks(plant=failing))
    refresh(TAKEN)
    refresh(UNTIL + timedelta(hours=1))
    row = Finding.objects.get()
    assert row.state == "gone"
    assert row.measured is not None
    assert row.measured["gain"] is None
