"""The outbox: what is announced reaches every listener, at least once, whatever else fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from towpath.foundation.outbox import announcing
from towpath.foundation.outbox.announcing import Announcement, announce, handles
from towpath.foundation.outbox.delivery import deliver
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.outbox.queries import announcements, waiting
from towpath.foundation.outbox.rules import LONGEST_PAUSE, STUCK_AFTER, pause_after
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


class LockOpened(Announcement, frozen=True):
    number: int


heard: list[str] = []


@pytest.fixture(autouse=True)
def _listeners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "_listeners", {})
    heard.clear()

    @handles(LockOpened)
    def keeper(fact: LockOpened) -> None:
        if fact.number < 0:
            raise ValueError("no such lock")
        heard.append(f"keeper {fact.number}")

    @handles(LockOpened)
    def skipper(fact: LockOpened) -> None:
        heard.append(f"skipper {fact.number}")


def open_lock(number: int) -> None:
    with transaction.atomic():
        announce(LockOpened(number))


def due_now() -> None:
    OutboxMessage.objects.filter(handled_at=None).update(not_before=timezone.now() - timedelta(seconds=1))


def test_every_listener_hears_it_once_and_in_order() -> None:
    open_lock(1)
    open_lock(2)
    assert deliver() == 4
    assert heard == ["keeper 1", "skipper 1", "keeper 2", "skipper 2"]
    assert deliver() == 0


def test_a_limit_holds() -> None:
    open_lock(1)
    assert deliver(limit=1) == 1
    assert heard == ["keeper 1"]


def test_what_is_rolled_back_was_never_announced() -> None:
    with transaction.atomic():
        announce(LockOpened(1))
        transaction.set_rollback(True)
    assert deliver() == 0


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_announced() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        announce(LockOpened(1))


def test_a_listener_that_fails_waits_alone_and_says_why() -> None:
    open_lock(-1)
    open_lock(2)
    assert deliver() == 3
    assert heard == ["skipper -1", "keeper 2", "skipper 2"]
    stuck = OutboxMessage.objects.get(handled_at=None)
    assert (stuck.attempts, stuck.last_error) == (1, "ValueError: no such lock")
    assert stuck.not_before > timezone.now()
    assert deliver() == 0
    due_now()
    deliver()
    stuck.refresh_from_db()
    assert stuck.attempts == 2


def test_pauses_double_up_to_an_hour() -> None:
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(1000) == LONGEST_PAUSE


def test_a_listener_that_is_gone_keeps_its_message_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    open_lock(1)
    monkeypatch.setattr(announcing, "_listeners", {})
    assert deliver() == 0
    assert all("does not handle LockOpened" in row.last_error for row in OutboxMessage.objects.all())


def test_a_message_taken_by_a_process_that_died_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from towpath.foundation.outbox import delivery

    open_lock(1)
    taken = delivery._claim()
    assert taken is not None
    deliver()
    assert heard == ["skipper 1"]
    due_now()
    deliver()
    assert heard == ["skipper 1", "keeper 1"]


def test_the_list_names_who_announces_and_who_listens() -> None:
    (kind,) = [kind for kind in announcements() if kind.announcement == "LockOpened"]
    assert [name.rsplit(".", 1)[1] for name in kind.listeners] == ["keeper", "skipper"]


def test_stuck_messages_are_shown_tried_again_and_given_up(
    client_of: Callable[[Person], Client], administrator: Person
) -> None:
    open_lock(-1)
    for _ in range(STUCK_AFTER):
        due_now()
        deliver()
    assert waiting() == {"on its way": 0, "stuck": 1}
    client = client_of(administrator)
    assert "no such lock" in client.get("/administration/announcements/").content.decode()
    stuck = OutboxMessage.objects.get(handled_at=None)
    client.post(f"/administration/announcements/{stuck.pk}/", {"decision": "try-again"})
    stuck.refresh_from_db()
    assert stuck.attempts == 0
    client.post(f"/administration/announcements/{stuck.pk}/", {"decision": "give-up"})
    assert "Nothing is stuck" in client.get("/administration/announcements/").content.decode()
    assert client.post(f"/administration/announcements/{stuck.pk}/").status_code == 404
