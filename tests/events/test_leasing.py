"""Leases keep the writers of several nodes apart, and who lost one cannot commit."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now
from lake_rows import batch, event

from towpath.events.flushing import flush
from towpath.events.inbox import Inbox
from towpath.events.lake import Lake, LakeBusy
from towpath.events.lake.errors import LakeLockLost
from towpath.events.lake.lock import WRITER
from towpath.events.lake.log import Turn
from towpath.events.leasing import Leases
from towpath.events.models import LakeLease

pytestmark = pytest.mark.django_db(transaction=True)


def node(tmp_path: Path, name: str) -> tuple[Lake, Inbox]:
    """A node's view of the one lake that all of them share, and its own inbox."""
    own = tmp_path / name
    own.mkdir()
    lake = Lake(tmp_path / "lake", local=own, locks=Leases())
    lake.create()
    return lake, Inbox(own / "inbox.sqlite3")


def ids(lake: Lake) -> list[str]:
    return sorted(lake.snapshot().query("select id from events")["id"].to_pylist())


def take_away() -> None:
    """As if the holder had not answered for long and another had come."""
    LakeLease.objects.filter(name=WRITER).update(token="another", expires_at=Now() + timedelta(minutes=1))


def leave() -> None:
    LakeLease.objects.filter(name=WRITER).update(token="")


def test_who_waits_in_vain_is_told_who_holds_the_lease() -> None:
    leases = Leases()
    with (
        leases(WRITER, 0),
        pytest.raises(LakeBusy, match=r"process \d+ on .*lease writer"),
        leases(WRITER, 0.2),
    ):
        pass
    with leases(WRITER, 0):
        leases.check()


def test_a_lease_is_kept_while_its_holder_works_longer_than_it_lasts() -> None:
    leases = Leases(length_s=0.8)
    with leases(WRITER, 0):
        time.sleep(1.6)
        leases.check()
        with pytest.raises(LakeBusy), Leases()(WRITER, 0):
            pass


def test_the_lease_of_a_dead_holder_ends_by_itself() -> None:
    LakeLease.objects.create(
        name=WRITER, holder="process 1 on gone", token="dead", expires_at=Now() + timedelta(seconds=0.5)
    )
    with pytest.raises(LakeBusy, match="process 1 on gone"), Leases()(WRITER, 0):
        pass
    with Leases()(WRITER, 5):
        assert LakeLease.objects.get(name=WRITER).holder != "process 1 on gone"


def test_of_many_who_want_it_one_has_it_at_a_time() -> None:
    leases, inside, most = Leases(), [0], [0]

    def work() -> None:
        for _ in range(3):
            with leases(WRITER, 30):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.01)
                inside[0] -= 1
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == ([0], [1])


def test_who_lost_the_lease_commits_nothing_and_does_it_again_later(tmp_path: Path) -> None:
    lake, inbox = node(tmp_path, "a")
    inbox.accept(batch([event(number) for number in range(5)]))
    before = lake.snapshot().version
    found = inbox.read(10)
    assert found is not None
    with lake.writing() as tail:
        take_away()
        with pytest.raises(LakeLockLost, match="Nothing was committed"):
            tail.append(Turn(inbox.writer, found.last), found.events)
    assert lake.snapshot().version == before
    leave()
    assert flush(inbox, lake).written == 5


@pytest.mark.parametrize("already", [False, True], ids=["another commits", "another only clears up"])
def test_a_commit_that_another_made_impossible_fails_instead_of_naming_files_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, already: bool
) -> None:
    """The worst moment: the lease is lost after the last look at it and before the commit."""
    slow, its_inbox = node(tmp_path, "a")
    quick, other_inbox = node(tmp_path, "b")
    its_inbox.accept(batch([event(1, id="one")]))
    other_inbox.accept(batch([event(2, id="two")]))
    if already:
        flush(other_inbox, quick)
        other_inbox.accept(batch([event(2, id="two")]))
    check = Leases.check

    def overtaken(leases: Leases) -> None:
        check(leases)
        if leases is slow._locks:
            monkeypatch.setattr(Leases, "check", check)
            leave()
            flush(other_inbox, quick)
            take_away()

    monkeypatch.setattr(Leases, "check", overtaken)
    with pytest.raises(LakeLockLost):
        flush(its_inbox, slow)
    assert ids(quick) == ["two"]
    leave()
    assert flush(its_inbox, slow).written == 1
    assert ids(quick) == ["one", "two"]


def test_a_nodes_index_follows_what_others_flush_compact_and_clear_away(tmp_path: Path) -> None:
    one, inbox = node(tmp_path, "a")
    other, other_inbox = node(tmp_path, "b")
    for number in range(3):
        inbox.accept(batch([event(number)]))
        flush(inbox, one)
    other_inbox.accept(batch([event(0), event(3)]))
    assert flush(other_inbox, other).written == 1
    inbox.accept(batch([event(4)]))
    flush(inbox, one)
    one.compact(force=True)
    one.vacuum(timedelta(0))
    other_inbox.accept(batch([event(4), event(3), event(5)]))
    assert flush(other_inbox, other).written == 1
    inbox.accept(batch([event(5), event(3)]))
    assert flush(inbox, one).written == 0
    assert one.tidy_index() is False
    assert len(ids(one)) == len(set(ids(one))) == 6


def test_an_index_that_lags_too_far_keeps_what_only_it_knows(tmp_path: Path) -> None:
    one, inbox = node(tmp_path, "a")
    other, other_inbox = node(tmp_path, "b")
    inbox.accept(batch([event(1)]))
    flush(inbox, one)
    assert other.tidy_index() is False
    one.compact(force=True)
    assert sum(gone.total for gone in one.expire(lambda _type, _month: True)) == 1
    inbox.accept(batch([event(2)]))
    flush(inbox, one)
    one.compact(force=True)
    one.vacuum(timedelta(0))
    other_inbox.accept(batch([event(1), event(2)]))
    assert flush(other_inbox, other).written == 0
    assert len(ids(other)) == 1
