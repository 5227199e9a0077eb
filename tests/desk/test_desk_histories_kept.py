"""Histories beside the lake: found again as they were, gone when somebody is forgotten."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_desk_flow_pages import MAPPING, READING, ROWS, put_in

from towpath.customers.actions.forgetting import forget
from towpath.desk.jobs import tidy_histories
from towpath.desk.measures import keeping
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History, read_history
from towpath.desk.measures.keeping import history_of
from towpath.desk.models import Desk
from towpath.desk.rules.reading import Reading
from towpath.desk.rules.reading_text import read_reading
from towpath.desk.shelves import shelves
from towpath.events.models import ForgottenKey
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.drafts import ENDING

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading(tmp_home: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setattr(keeping, "KEPT_FROM", 1)
    monkeypatch.setattr(keeping, "_held", OrderedDict())
    put_in(tmp_path, MAPPING + READING)
    desk = Desk.objects.get()
    return read_reading(desk.reading, desk.name)


def another_process() -> None:
    """What this one holds in memory, another does not."""
    keeping._held.clear()


def kept() -> list[Path]:
    return list(shelves().glob("*/*"))


def alike(one: object, other: object) -> bool:
    if isinstance(one, Coded) and isinstance(other, Coded):
        return np.array_equal(one.codes, other.codes) and one.names.equals(other.names)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return bool(one == other)


def test_another_process_finds_it_as_it_was_made(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    made = history_of("acme", reading)
    another_process()
    monkeypatch.setattr(keeping, "read_history", None)
    found = history_of("acme", reading)
    assert found is not made
    for each in fields(History):
        assert alike(getattr(found, each.name), getattr(made, each.name)), each.name
    assert np.array_equal(found.facts.opened, made.facts.opened)


def test_what_came_since_is_read_and_takes_its_place(reading: Reading, tmp_path: Path) -> None:
    history_of("acme", reading)
    (before,) = kept()
    put_in(tmp_path, MAPPING + READING, ROWS + "2026-01-22T08:00:00Z,T5,Doing,Front,bo,bill\n")
    another_process()
    assert history_of("acme", reading).tickets.to_pylist() == ["T1", "T2", "T3", "T5"]
    (after,) = kept()
    assert after != before


@pytest.mark.parametrize("file", ["movements.arrow", "tickets.arrow", "names.arrow"])
def test_a_file_that_is_not_whole_is_made_anew(reading: Reading, file: str) -> None:
    made = history_of("acme", reading)
    (folder,) = kept()
    broken = folder / file
    broken.write_bytes(broken.read_bytes()[:40])
    another_process()
    assert history_of("acme", reading).tickets == made.tickets


def test_nothing_of_somebody_forgotten_stays(reading: Reading) -> None:
    history_of("acme", reading)
    assert any(b"anna" in file.read_bytes() for file in kept()[0].iterdir())
    forget(OPERATOR, "anna")
    assert not kept()
    another_process()
    again = history_of("acme", reading)
    assert "anna" not in again.of_ticket["customer"].texts()
    assert not any(b"anna" in file.read_bytes() for file in kept()[0].iterdir())


def test_what_another_node_kept_before_a_forgetting_is_not_found_and_goes(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    history_of("acme", reading)
    ForgottenKey.objects.create(digest=7, at="2026-01-01T00:00:00Z")
    another_process()
    told: list[str] = []

    def read(*given: Any) -> History:
        told.append("read")
        return read_history(*given)

    monkeypatch.setattr(keeping, "read_history", read)
    history_of("acme", reading)
    assert told == ["read"]
    assert len(kept()) == 1
    ForgottenKey.objects.create(digest=8, at="2026-01-02T00:00:00Z")
    tidy_histories()
    assert not kept()


def test_while_somebody_is_being_forgotten_nothing_is_kept(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "state_of_forgetting", lambda: "")
    history_of("acme", reading)
    assert not kept()
    states = iter(["before", "after"])
    monkeypatch.setattr(keeping, "state_of_forgetting", lambda: next(states))
    another_process()
    history_of("acme", reading)
    assert not kept(), "a forgetting that began meanwhile may have looked here before"
    assert lake().snapshot().sources() == {"acme": 7}


def test_nothing_is_kept_longer_than_a_day_since_retention_may_have_taken_events_out(
    reading: Reading,
) -> None:
    history_of("acme", reading)
    (folder,) = kept()
    drawing = folder.with_name(f"other{ENDING}")
    drawing.mkdir()
    tidy_histories()
    assert set(kept()) == {folder, drawing}, "nor is one taken away that is just being drawn up"
    long_ago = time.time() - 90_000
    for each in (folder, drawing):
        os.utime(each, (long_ago, long_ago))
    tidy_histories()
    assert not kept()
