"""A forgetting that was killed, or had to wait, is finished; nobody is joined with them meanwhile."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from who import customer_of, met, put_in, take_in, together

from towpath.customers.actions import forgetting
from towpath.customers.actions.deciding import CannotDecide, merge
from towpath.customers.actions.forgetting import forget, go_on
from towpath.customers.forgetting import ImportsRun
from towpath.customers.jobs import finish_forgetting, forget_customer
from towpath.customers.joining.following import resolve_everything
from towpath.customers.joining.observing import key_of, observe
from towpath.customers.measures import EVERYTHING, sightings
from towpath.customers.models import Identifier, OpenForgetting
from towpath.customers.rules.document import DEFAULT
from towpath.events import actions, ingest
from towpath.events.importers import ImportFailed
from towpath.events.ingest import run_import
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.store import FORGETTING, in_turn, lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations import forgetting as places
from towpath.foundation.operations.home import Home

ROSA, MAIL, OTHER = "account:4711", "mail:rosa@post.example", "account:other"
LETTERS = """\
source: letters
format: csv
times: {zone: UTC, formats: ["%Y-%m-%d %H:%M"]}
events:
  time: when
  type: what
  identifier: who
"""


@pytest.fixture
def rosa(transactional_db: None, tmp_home: Home) -> int:
    """The key of a customer with two identifiers; somebody else is known too."""
    take_in([met(1, ROSA, MAIL), met(2, OTHER)])
    return customer_of(ROSA)


def break_off_at(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a forgetting fail as it comes to that place, once."""
    turn, eraser = places._erasers[place]

    def broken(person: places.Person) -> int:
        monkeypatch.setitem(places._erasers, place, (turn, eraser))
        raise KeyboardInterrupt

    monkeypatch.setitem(places._erasers, place, (turn, broken))


@pytest.mark.parametrize("place", ["the inbox", "the lake", "who is who", "the audit log (its keys)"])
def test_what_was_broken_off_anywhere_is_finished(
    rosa: int, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    break_off_at(place, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        forget(OPERATOR, ROSA)
    assert OpenForgetting.objects.get().identifiers == [ROSA, MAIL]
    assert finish_forgetting.func() == 1
    assert AuditEntry.objects.filter(verb="customer.forgotten_at_last").count() == 1
    assert not OpenForgetting.objects.exists()
    left = lake().snapshot().query("select identifier from events")["identifier"].to_pylist()
    assert left == [OTHER]
    assert together() == {frozenset({OTHER})}
    assert finish_forgetting.func() == 0


def test_one_that_is_at_work_is_left_alone(rosa: int, tmp_home: Home) -> None:
    OpenForgetting.objects.create(key=rosa, identifiers=[ROSA], keys=[rosa], at=datetime.now(UTC))
    with in_turn(FORGETTING, 0):
        assert go_on(OPERATOR) == 0
    assert go_on(OPERATOR) == 1


def test_it_waits_for_imports_and_then_goes_on_by_itself(rosa: int, tmp_path: Path) -> None:
    running = FileImport.objects.create(
        name="orders.csv", path=str(tmp_path / "orders.csv"), digest="d", state=FileImport.State.RUNNING
    )
    with pytest.raises(ImportsRun, match=r"orders\.csv.*a worker does it once that is done"):
        forget(OPERATOR, ROSA)
    assert forget_customer.func(str(rosa)) == {}
    assert finish_forgetting.func() == 0
    put_in([met(3, ROSA)], "meanwhile")
    assert lake().snapshot().rows == 2  # what the import brings of them is left out already
    FileImport.objects.filter(pk=running.pk).update(state=FileImport.State.DONE)
    assert finish_forgetting.func() == 1
    assert together() == {frozenset({OTHER})}


def import_beside(letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Let somebody confirm that file while the lake is looked through, and begin to read it."""
    turn, eraser = places._erasers["the lake"]
    begun: list[threading.Thread] = []

    def read(draft: FileImport) -> None:
        try:
            run_import(draft)
        finally:
            connection.close()

    def beside(person: places.Person) -> int:
        monkeypatch.setitem(places._erasers, "the lake", (turn, eraser))
        draft = actions.draft_import(OPERATOR, letters, letters.name, mapping=LETTERS)
        begun.append(threading.Thread(target=read, args=[actions.confirm_import(OPERATOR, draft, LETTERS)]))
        begun[0].start()
        return eraser(person)

    monkeypatch.setitem(places._erasers, "the lake", (turn, beside))
    return begun


def test_what_an_import_that_came_meanwhile_put_into_quarantine_goes_too(
    rosa: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = tmp_path / "letters.csv"
    letters.write_text(f"who,what,when\n{MAIL},wrote,2024-01-01 10:00\n{MAIL},wrote,yesterday\n")
    begun = import_beside(letters, tmp_path, monkeypatch)
    with pytest.raises(ImportsRun, match=r"letters\.csv"):
        forget(OPERATOR, ROSA)
    assert not QuarantinedRecord.objects.exists(), "the import waits until the forgetting lets it"
    begun[0].join()
    assert MAIL in QuarantinedRecord.objects.get().raw
    assert finish_forgetting.func() == 1
    assert not QuarantinedRecord.objects.exists()
    assert FileImport.objects.get().state == FileImport.State.DONE
    assert lake().snapshot().query("select identifier from events")["identifier"].to_pylist() == [OTHER]


def test_an_import_that_waits_in_vain_says_for_what(
    rosa: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = tmp_path / "letters.csv"
    letters.write_text("who,what,when\nmail:a@b.example,wrote,2024-01-01 10:00\n")
    monkeypatch.setattr(ingest, "WAITS_S", 0.1)
    draft = actions.draft_import(OPERATOR, letters, letters.name, mapping=LETTERS)
    with in_turn(FORGETTING, 0), pytest.raises(ImportFailed, match="is being forgotten whom it may name"):
        run_import(draft)
    assert run_import(draft).state == FileImport.State.DONE


def test_who_was_joined_just_before_it_was_noted_is_forgotten_too(
    rosa: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = forgetting._with_what_is_open

    def join_meanwhile(key: int, customer: str) -> places.Person:
        person = read(key, customer)
        monkeypatch.setattr(forgetting, "_with_what_is_open", read)
        merge(OPERATOR, [rosa, customer_of(OTHER)])
        return person

    monkeypatch.setattr(forgetting, "_with_what_is_open", join_meanwhile)
    assert forget(OPERATOR, ROSA).identifiers == 3
    assert together() == set()
    assert lake().snapshot().rows == 0
    assert AuditEntry.objects.filter(verb="customer.forgotten").count() == 1


def test_until_the_records_keep_no_trace_a_note_without_names_stays(
    rosa: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(forgetting, "scrub_records", lambda: False)
        forget(OPERATOR, ROSA)
    note = OpenForgetting.objects.get()
    assert (note.identifiers, note.keys, note.key == rosa) == ([], [], False)
    assert finish_forgetting.func() == 0
    assert not OpenForgetting.objects.exists()


def test_nobody_is_joined_with_somebody_who_is_being_forgotten(rosa: int) -> None:
    keys = [key_of(ROSA), key_of(MAIL)]
    OpenForgetting.objects.create(key=rosa, identifiers=[ROSA, MAIL], keys=keys, at=datetime.now(UTC))
    with pytest.raises(CannotDecide, match="is being forgotten"):
        merge(OPERATOR, [rosa, customer_of(OTHER)])
    put_in([met(4, "device:d1", MAIL), met(5, OTHER, "device:d1")], "meanwhile")
    resolve_everything()
    assert together() == {frozenset({ROSA, MAIL}), frozenset({OTHER, "device:d1"})}


def test_who_read_their_events_before_does_not_bring_them_back_after(rosa: int) -> None:
    seen = sightings(lake().snapshot(), EVERYTHING, DEFAULT.sessions)
    forget(OPERATOR, ROSA)
    observe(*seen, DEFAULT)
    assert [row.written for row in Identifier.objects.all()] == [OTHER]
