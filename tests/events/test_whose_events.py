"""Whose story events belong to: in every process, whatever was joined, parted or forgotten meanwhile."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lake_rows import event, import_rows

from towpath.events import keys
from towpath.events.envelope import subject_key
from towpath.events.store import lake
from towpath.foundation.operations.home import Home

pytestmark = pytest.mark.django_db
ONE, TWO, THREE = (subject_key(f"customer:mail:customer-{number}@shop.example") for number in (1, 2, 3))


def known() -> dict[int, int]:
    found = keys.targets()
    return dict(zip(found.own.tolist(), found.key.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_what_a_process_remembers_is_what_the_records_say(seed: int) -> None:
    chance, expected = random.Random(seed), dict[int, int]()
    for _ in range(30):
        own, key = chance.randrange(8), chance.randrange(8)
        if chance.random() < 0.2:
            keys.drop_targets([own])
            expected.pop(own, None)
        elif expected.get(own, own) != key:
            keys.set_keys({own: key})
            expected[own] = key
        if chance.random() < 0.6:
            assert known() == expected
    assert known() == expected


def stories() -> dict[int, int]:
    found = lake().snapshot().query("select key, count(*) as events from events group by key")
    return dict(zip(found["key"].to_pylist(), found["events"].to_pylist(), strict=True))


def test_one_who_waited_for_the_lock_does_not_do_what_was_undone_meanwhile(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_rows(lake(), tmp_path, "one", [event(number) for number in range(20)])
    before = stories()
    keys.set_keys({ONE: TWO})
    assert stories()[TWO] == before[ONE] + before[TWO]
    lake().settle_keys(keys)
    assert (keys.moves().targets, stories()[TWO]) == ({}, before[ONE] + before[TWO])
    keys.set_keys({ONE: ONE})
    assert stories() == before
    # The second of two that settle asks for what is pending once it has the lock: nothing is.
    lake().settle_keys(keys)
    lake().settle_keys(keys)
    assert stories() == before


def test_the_body_is_rewritten_when_much_has_changed_or_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not keys.due()
    keys.set_keys({ONE: TWO})
    assert not keys.due()
    monkeypatch.setattr(keys, "LONGEST_WAIT_S", -1.0)
    assert keys.due()
    monkeypatch.setattr(keys, "LONGEST_WAIT_S", 900.0)
    monkeypatch.setattr(keys, "MANY_CHANGES", 1)
    keys.set_keys({TWO: THREE})
    assert keys.due()


def test_who_was_forgotten_and_comes_again_is_new(tmp_home: Home) -> None:
    keys.set_keys({ONE: TWO})
    keys.set_keys({THREE: TWO})
    assert known() == {ONE: TWO, THREE: TWO}
    keys.forget_keys([ONE], datetime.now(UTC))
    keys.drop_targets([ONE])
    assert known() == {THREE: TWO}
    assert keys.key_of(ONE) == ONE
