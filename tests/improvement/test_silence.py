"""Events stop: home says so within the hour, nothing counts as healed, and one process looks at a time."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
from made_weeks import UNTIL, Row, Weeks, event, fill, put_in, since

from towpath.events.lake.lock import FileLocks
from towpath.events.store import in_turn
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.improvement import jobs
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.models import Finding, StandingDays
from towpath.improvement.queries import looks
from towpath.improvement.queries.findings import standing
from towpath.visibility.queries.home import home

pytestmark = pytest.mark.django_db
STOPPED = since(1) + timedelta(hours=14)


def stopping(row: Row, _draw: np.random.Generator) -> Row | None:
    return row if row["time"] < STOPPED else None


def failing_phone(row: Row, draw: np.random.Generator) -> Row | None:
    """Paying by phone fails, until the telephone system tells of nothing any more."""
    if row["channel"] != "phone":
        return row
    if row["time"] > since(14):
        return None
    if row["type"] == "pay" and since(35) < row["time"] and draw.random() < 0.5:
        row["outcome"] = "fault"
    return row


def test_within_the_hour_home_says_that_customers_are_missing(tmp_home: Home) -> None:
    fill(Weeks(visits_a_day=400, plant=stopping))
    refresh(STOPPED + timedelta(minutes=5))
    assert not home(OPERATOR).days.silent  # type: ignore[union-attr]
    refresh(STOPPED + timedelta(minutes=50))
    shown = home(OPERATOR)
    assert shown.days is not None
    assert shown.days.nobody_until is not None
    assert shown.days.missing is not None
    assert shown.days.missing.low < 400 * 0.095 * 50 / 60 < shown.days.missing.high
    (silent,) = shown.days.silent
    assert (silent.source, silent.expected.low > 20) == ("shop", True)
    (only,) = shown.findings
    assert only.sentence.startswith("Nothing comes in since")
    refresh(STOPPED + timedelta(hours=20))
    assert Finding.objects.count() == 1
    later = home(OPERATOR).days
    assert later is not None
    assert later.missing is not None
    assert later.missing.value > 3 * shown.days.missing.value


def test_a_file_of_the_past_is_no_silence(tmp_home: Home) -> None:
    def imported(row: Row, _draw: np.random.Generator) -> Row:
        return row | {"received": UNTIL}

    fill(Weeks(plant=imported))
    put_in([event("open", since(60), identifier="account:1") | {"received": UNTIL}], "one")
    refresh(UNTIL + timedelta(days=2))
    days = home(OPERATOR).days
    assert days is not None
    assert (days.silent, days.nobody_until) == ((), None)


def test_what_fell_silent_is_not_gone_and_says_since_when(tmp_home: Home) -> None:
    fill(Weeks(plant=failing_phone))
    refresh(since(14))
    row = Finding.objects.get(key="order/pay/fault/channel=phone")
    refresh(UNTIL)
    row.refresh_from_db()
    assert (row.seen, row.state) == (False, "open")
    assert row.silent_since is not None
    assert since(15) < row.silent_since <= since(14)
    assert row.digest in {shown.digest for shown in standing(OPERATOR)}


def test_in_silence_there_is_something_to_look_at_again_and_again(tmp_home: Home) -> None:
    fill(Weeks(visits_a_day=3))
    newest = max(mark for mark in looks.lake().snapshot().watermarks().values())
    states = [looks.state(newest + timedelta(minutes=n)) for n in (1, 14, 16, 31)]
    assert states[0] == states[1]
    assert len({*states}) == 3
    assert looks.state(newest + timedelta(days=40)).split()[-2] == "0", "what is long over is no silence"


def test_what_one_process_looked_at_another_need_not(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REST", 0.0)
    monkeypatch.setattr(looks, "PAUSE_S", 10**9)
    fill(Weeks(visits_a_day=3))
    with in_turn(jobs.LOOK, 1):
        assert jobs.look_again() is False
    assert jobs.look_again() is True
    assert StandingDays.objects.get().state
    assert jobs.look_again() is False


OTHER = """
import sys, time
from pathlib import Path
from towpath.events.lake.lock import FileLocks
with FileLocks(Path(sys.argv[1]))("look", 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_while_another_process_looks_this_one_does_not(
    tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on one machine; leases of nodes have tests of their own.
    monkeypatch.setattr(jobs, "in_turn", FileLocks(tmp_home.root))
    fill(Weeks(visits_a_day=3))
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert jobs.look_again() is False
        assert not StandingDays.objects.exists()
    finally:
        other.communicate()
    assert jobs.look_again() is True
