"""From events in the lake to customers: identifiers, what joins them, and figures that follow."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from who import START, customer_of, met, put_in, take_in, together

from towpath.customers.handlers import look_at_absorbed, look_at_flushed
from towpath.customers.jobs import resolve_new
from towpath.customers.joining.following import REST, resolve_everything, resolve_noted, rested, waits
from towpath.customers.joining.observing import key_of
from towpath.customers.models import Customer, Identifier, Link, Move, Question, Unresolved
from towpath.events.announcements import EventsAbsorbed, EventsFlushed
from towpath.events.store import lake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tmp_home")]


def test_what_events_show_together_becomes_one_customer() -> None:
    take_in(
        [
            met(0, "device:d1", session="s1"),
            met(1, "account:4711", "mail:Anna@Shop.example", session="s1"),
            met(2, "mail:anna@shop.example"),
            met(3, "mail:Anna@shop.example"),
        ]
    )
    known = {
        "account:4711",
        "device:d1",
        "mail:Anna@Shop.example",
        "mail:Anna@shop.example",
        "session:shop:s1",
    }
    assert together() == {frozenset(known), frozenset({"mail:anna@shop.example"})}
    account = Identifier.objects.get(pk=key_of("account:4711"))
    assert account.customer_id == account.key == key_of("account:4711")
    assert (account.kind, account.value, account.source) == ("account", "4711", "shop")
    assert account.first_seen == START + timedelta(hours=1)


def test_the_lake_tells_everything_under_the_key_of_the_account() -> None:
    take_in([met(0, "device:d1"), met(1, "account:1", "device:d1"), met(2, "device:d2")])
    keys = lake().snapshot().query("select key, count(*)::int as events from events group by key")
    assert dict(zip(*(keys[name].to_pylist() for name in ("key", "events")), strict=True)) == {
        key_of("account:1"): 2,
        key_of("device:d2"): 1,
    }


def test_what_came_in_later_joins_and_leaves_a_trace() -> None:
    take_in([met(0, "device:d1"), met(0, "mail:a@b.example")])
    assert Move.objects.count() == 0
    put_in([met(5, "mail:a@b.example", "device:d1")], "second")
    look_at_absorbed(EventsAbsorbed("shop", 1, ("2024-03",)))
    resolve_noted()
    assert together() == {frozenset({"device:d1", "mail:a@b.example"})}
    (move,) = Move.objects.all()
    assert (move.before, move.after) == (key_of("device:d1"), key_of("mail:a@b.example"))
    assert Customer.objects.count() == 1
    assert Unresolved.objects.count() == 0


def test_flushed_events_are_looked_at_by_when_they_were_received() -> None:
    late = START + timedelta(days=3)
    put_in([met(0, "device:d1", received=START), met(0, "device:d2", received=late)])
    look_at_flushed(EventsFlushed(1, late, late))
    look_at_flushed(EventsFlushed(1, late, late + timedelta(seconds=1)))
    resolve_noted()
    assert [row.written for row in Identifier.objects.all()] == ["device:d2"]


def test_many_flushes_make_one_job() -> None:
    assert not waits(resolve_new.module_path)
    for _ in range(3):
        look_at_flushed(EventsFlushed(1, START, START))
    assert waits(resolve_new.module_path)
    assert Unresolved.objects.count() == 3


def test_a_look_at_what_came_in_rests_a_moment_after_the_last_one() -> None:
    look_at_flushed(EventsFlushed(1, START, START))
    first = DBTaskResult.objects.get(task_path=resolve_new.module_path)
    assert first.run_after <= timezone.now() or first.run_after == get_date_max()
    first.status, first.finished_at = TaskResultStatus.SUCCESSFUL, timezone.now()
    first.save()
    look_at_flushed(EventsFlushed(1, START, START))
    second = DBTaskResult.objects.get(task_path=resolve_new.module_path, status=TaskResultStatus.READY)
    assert timezone.now() < second.run_after <= first.finished_at + REST


@pytest.mark.parametrize(("took_s", "rest_s"), [(0, 3), (0.5, 3), (2, 8), (300, 60)])
def test_a_look_that_took_long_is_followed_by_a_longer_rest(took_s: float, rest_s: float) -> None:
    look_at_flushed(EventsFlushed(1, START, START))
    ended = timezone.now()
    DBTaskResult.objects.filter(task_path=resolve_new.module_path).update(
        status=TaskResultStatus.SUCCESSFUL, started_at=ended - timedelta(seconds=took_s), finished_at=ended
    )
    assert rested(resolve_new.module_path) == ended + timedelta(seconds=rest_s)
    DBTaskResult.objects.update(finished_at=ended - timedelta(seconds=rest_s + took_s))
    DBTaskResult.objects.update(started_at=ended - timedelta(seconds=rest_s + 2 * took_s))
    assert rested(resolve_new.module_path) is None


def test_somebody_seen_again_within_minutes_is_not_written_again() -> None:
    take_in([met(0, "account:1", "device:d1")])
    for hours, kept in ((0.1, 0), (1, 1)):
        take_in([met(hours, "account:1", "device:d1")], f"after-{hours}")
        assert Identifier.objects.get(pk=key_of("account:1")).last_seen == START + timedelta(hours=kept)
        assert Link.objects.get().last_seen == START + timedelta(hours=kept)
    take_in([met(-0.1, "account:1", "device:d1")], "before")
    assert Link.objects.get().first_seen == START - timedelta(hours=0.1)


def test_looking_again_changes_nothing() -> None:
    rows = [
        met(0, "device:d1", session="s"),
        met(1, "account:1", session="s"),
        met(2, "account:2", session="s"),
    ]
    take_in(rows)
    before = (together(), Link.objects.count(), Question.objects.count())
    outcome = resolve_everything()
    assert (outcome.placed, outcome.joined, outcome.parted, outcome.asked) == (0, 0, 0, 0)
    assert (together(), Link.objects.count(), Question.objects.count()) == before


def test_events_that_say_it_badly_do_no_harm() -> None:
    take_in(
        [
            met(0, "account:1", identifiers="not JSON"),
            met(0, "account:2", identifiers='{"mail": "x"}'),
            met(0, "account:3", identifiers='["", null, 7, "mail:c@d.example"]'),
            met(0, None, "mail:e@f.example", "phone:+41 44 123 45 67"),
            met(0, "x" * 600),
            met(0, "no kind"),
        ]
    )
    assert frozenset({"mail:e@f.example", "phone:+41 44 123 45 67"}) in together()
    assert frozenset({"account:3", "mail:c@d.example"}) in together()
    other = Identifier.objects.get(pk=key_of("no kind"))
    assert (other.kind, other.value) == ("other", "no kind")
    assert not Identifier.objects.filter(value__startswith="xxx").exists()


def test_a_kiosk_is_marked_and_joins_nobody_who_came_before_it_was_known() -> None:
    take_in([met(0, "account:0", "device:kiosk")])
    assert customer_of("device:kiosk") == customer_of("account:0")
    for number in range(1, 6):
        put_in([met(number, f"account:{number}", "device:kiosk")], f"more-{number}")
        resolve_everything()
    kiosk = Identifier.objects.get(pk=key_of("device:kiosk"))
    assert (kiosk.proxy, kiosk.customer_id) == (Identifier.Proxy.RULE, kiosk.key)
    assert len(together()) == 7
    assert not Question.objects.filter(state=Question.State.OPEN).exists()
    put_in([met(9, "account:3", "device:kiosk"), met(9, "account:3", "mail:c@d.example")], "last")
    resolve_everything()
    assert customer_of("mail:c@d.example") == customer_of("account:3")


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_events_came_does_not_matter(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"{kind}:{number}" for kind in ("account", "mail", "device") for number in range(5)]
    rows = []
    for _ in range(30):
        first, *others = chance.sample(names, chance.randint(1, 2))
        rows.append(met(1, first, *others, session=chance.choice([None, "s1", "s2", "s3", "s4"])))
    take_in(rows, "at-once")
    at_once = (together(), questions())
    Customer.objects.all().delete()
    Identifier.objects.all().delete()
    chance.shuffle(rows)
    for start in range(0, 30, 7):
        for row in rows[start : start + 7]:
            row["received"] = START + timedelta(days=start + 1)
            row["id"] += "again"
        put_in(rows[start : start + 7], f"part-{start}")
        when = START + timedelta(days=start + 1)
        look_at_flushed(EventsFlushed(7, when, when))
        resolve_noted()
    assert (together(), questions()) == at_once


def questions() -> set[frozenset[int]]:
    return {
        frozenset({asked.subject_id, *(each.pk for each in asked.candidates.all())})
        for asked in Question.objects.filter(state=Question.State.OPEN)
    }


def test_a_run_that_was_killed_after_taking_note_is_made_up_for() -> None:
    take_in([met(0, "account:1", "mail:a@b.example")])
    Identifier.objects.update(customer=None)
    Customer.objects.all().delete()
    look_at_absorbed(EventsAbsorbed("shop", 1, ("2024-03",)))
    resolve_noted()
    assert len(together()) == 1
    assert customer_of("mail:a@b.example") == key_of("account:1")
