"""What was accepted is in the inbox until the lake has it, in the order in which it came."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from lake_rows import START, batch, event

from towpath.events.flushing import FLUSH_EVENTS, announce_flushed, conforming, flush, flush_when_due
from towpath.events.inbox import Inbox, InboxBroken
from towpath.events.lake import Lake
from towpath.events.lake.log import Turn
from towpath.events.lake.tail import Tail
from towpath.foundation.operations.home import Home
from towpath.foundation.outbox.models import OutboxMessage


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox.sqlite3")


def a_lake(folder: Path) -> Lake:
    lake = Lake(folder / "lake")
    lake.create()
    return lake


def test_batches_come_out_whole_and_in_order(inbox: Inbox) -> None:
    for first in (0, 3, 6):
        inbox.accept(batch([event(number) for number in range(first, first + 3)]))
    fill = inbox.fill()
    assert (fill.events, fill.oldest is not None) == (9, True)
    found = inbox.read(5)
    assert found is not None
    assert [row["id"] for row in found.events.to_pylist()] == ["e0", "e1", "e2"]
    inbox.remove(found.last)
    rest = inbox.read(100)
    assert rest is not None
    assert rest.events["id"].to_pylist() == [f"e{number}" for number in range(3, 9)]
    inbox.remove(rest.last)
    assert (inbox.read(1), inbox.fill().events, inbox.fill().bytes, inbox.fill().oldest) == (None, 0, 0, None)


def test_every_made_inbox_writes_under_a_name_of_its_own(tmp_path: Path) -> None:
    names = {Inbox(tmp_path / f"{number}.sqlite3").writer for number in range(3)}
    assert len(names) == 3
    assert Inbox(tmp_path / "0.sqlite3").writer in names
    assert (tmp_path / "0.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InboxBroken, match=r"no folder .*away.* Is its disk mounted"):
        Inbox(tmp_path / "away" / "inbox.sqlite3")
    assert not (tmp_path / "away").exists()


def test_several_threads_lose_nothing(inbox: Inbox) -> None:
    def send(sender: int) -> None:
        for number in range(10):
            inbox.accept(batch([event(number, source=f"s{sender}")]))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = inbox.read(1000)
    assert found is not None
    assert inbox.fill().events == len(found.events) == 40


def test_it_is_on_disk_before_accept_returns(inbox: Inbox) -> None:
    with inbox._using() as connection:
        assert connection.execute("pragma synchronous").fetchone()[0] == 2
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"


def test_an_inbox_that_is_no_database_says_where_and_what_to_do(tmp_path: Path) -> None:
    place = tmp_path / "inbox.sqlite3"
    place.write_bytes(b"not a database at all, but long enough to be looked at" * 10)
    with pytest.raises(InboxBroken, match=r"inbox.sqlite3 cannot be used .*Make room"):
        Inbox(place).accept(batch([event(1)]))


def test_a_flush_that_ended_before_the_inbox_was_cleared_counts_once(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = a_lake(tmp_home.root)
    inbox.accept(batch([event(1), event(2)]))
    with monkeypatch.context() as killing:
        killing.setattr(inbox, "remove", lambda last: _killed() if last else None)
        with pytest.raises(KeyboardInterrupt):
            flush(inbox, lake)
    assert (lake.snapshot().rows, inbox.fill().events) == (2, 2)
    inbox.accept(batch([event(2), event(3)]))
    assert flush(inbox, lake).written == 1
    assert (lake.snapshot().rows, inbox.fill().events) == (3, 0)


def _killed() -> None:
    raise KeyboardInterrupt


def test_it_flushes_what_has_waited_or_is_much(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = a_lake(tmp_home.root)
    inbox.accept(batch([event(1)]))
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 3600.0)
    assert flush_when_due(inbox, lake).taken == 0
    monkeypatch.setattr("towpath.events.flushing.FLUSH_EVENTS", 2)
    inbox.accept(batch([event(2), event(3)]))
    assert flush_when_due(inbox, lake).written == 3
    assert FLUSH_EVENTS == 50_000


def told() -> list[dict[str, object]]:
    """What one of the listeners was told; each has its own message."""
    messages = OutboxMessage.objects.filter(announcement="EventsFlushed").order_by("pk")
    listener = messages.values_list("listener", flat=True).first()
    return [dict(body) for body in messages.filter(listener=listener).values_list("body", flat=True)]


def test_flushes_are_told_of_together_and_once(db: None, tmp_home: Home, inbox: Inbox) -> None:
    lake = a_lake(tmp_home.root)
    for numbers in ((1, 2), (3,), (1, 3)):  # the last brings nothing new
        inbox.accept(batch([event(number, received=START + timedelta(hours=number)) for number in numbers]))
        flush(inbox, lake)
    assert told() == []
    assert (announce_flushed(inbox), announce_flushed(inbox)) == (2, 0)
    (body,) = told()
    assert (body["written"], body["first_received"], body["last_received"]) == (
        3,
        "2011-10-28T13:00:00Z",
        "2011-10-28T15:00:00Z",
    )


def test_a_flush_killed_after_its_commit_is_told_of_still(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = a_lake(tmp_home.root)
    inbox.accept(batch([event(1)]))
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "settle_flush", lambda *_: _killed())
        with pytest.raises(KeyboardInterrupt):
            flush(inbox, lake)
    assert (lake.snapshot().rows, announce_flushed(inbox)) == (1, 0)
    flush(inbox, lake)
    assert (inbox.fill().events, announce_flushed(inbox), len(told())) == (0, 1, 1)


def test_an_inbox_of_before_learns_to_note_its_flushes(inbox: Inbox) -> None:
    with sqlite3.connect(inbox.path) as connection:
        connection.execute("drop table if exists flushes")
    connection.close()
    assert Inbox(inbox.path).untold() == []


def test_events_that_an_older_towpath_accepted_get_the_columns_of_today() -> None:
    old = pa.Table.from_batches([batch([event(1)])]).drop_columns(["identifiers"])
    assert conforming(old).to_pylist() == [event(1)]


def test_a_batch_can_be_replaced_and_its_old_content_leaves_the_file(inbox: Inbox) -> None:
    inbox.accept(batch([event(1, identifier="mail:secret@shop.example"), event(2)]))
    ((number, batches),) = inbox.batches()
    assert batches[0].num_rows == 2
    inbox.replace(number, [batch([event(2)])])
    inbox.compact()
    assert inbox.fill().events == 1
    with sqlite3.connect(inbox.path) as connection:
        (content,) = connection.execute("select content from batches").fetchone()
    with pa.ipc.open_stream(content) as reader:
        assert reader.read_all()["id"].to_pylist() == ["e2"]


def test_few_but_large_events_are_flushed_a_part_at_a_time(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.inbox.READ_BYTES", 100_000)
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)
    lake = a_lake(tmp_home.root)
    for number in range(6):
        inbox.accept(batch([event(number, data=f'{{"text": "{"x" * 60_000}"}}')]))
    assert flush(inbox, lake).taken == 2
    assert flush_when_due(inbox, lake).written == 4


def test_a_batch_that_cannot_be_taken_is_set_aside_and_the_others_go_on(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)
    lake = a_lake(tmp_home.root)
    for number in range(4):
        inbox.accept(batch([event(number)]))
    with inbox._using() as connection:
        connection.execute("update batches set content = x'00ff' where number = 2")
    append = Tail.append

    def poisoned(tail: Tail, turn: Turn, events: pa.Table) -> int:
        if "e2" in events["id"].to_pylist():
            raise pa.ArrowInvalid("offset overflow")
        return append(tail, turn, events)

    monkeypatch.setattr(Tail, "append", poisoned)
    assert flush_when_due(inbox, lake).written == 2
    assert inbox.fill().events == 0
    assert list(inbox.aside()) == [2, 3]
    assert "offset overflow" in inbox.aside()[3]


def test_a_fault_of_ours_sets_not_everything_aside(
    db: None, tmp_home: Home, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("towpath.events.flushing.MOST_ASIDE", 2)
    lake = a_lake(tmp_home.root)
    for number in range(5):
        inbox.accept(batch([event(number)]))

    def broken(*_given: object) -> int:
        raise pa.ArrowInvalid("always")

    monkeypatch.setattr(Tail, "append", broken)
    with pytest.raises(pa.ArrowInvalid):
        flush_when_due(inbox, lake)
    assert (inbox.fill().events, len(inbox.aside())) == (3, 2)


def test_a_clock_that_was_set_back_holds_nothing_up(db: None, tmp_home: Home, inbox: Inbox) -> None:
    lake = a_lake(tmp_home.root)
    inbox.accept(batch([event(1)]))
    with inbox._using() as connection:
        connection.execute("update batches set accepted = accepted + 3600")
    assert flush_when_due(inbox, lake).written == 1


def test_a_batch_of_which_nothing_is_left_goes(inbox: Inbox) -> None:
    inbox.accept(batch([event(1)]))
    inbox.accept(batch([event(2)]))
    inbox.replace(1, [])
    assert (inbox.fill().events, [number for number, _batches in inbox.batches()]) == (1, [2])
