"""What a restored home needs before anything starts on it: a new inbox name, paths, the forgotten gone."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))

from lake_rows import START, batch, event, stage

from towpath.customers.models import Customer, Identifier
from towpath.events import keys
from towpath.events.envelope import subject_key
from towpath.events.lake.moves import Forgotten, digest_of
from towpath.events.models import FileImport, ForgottenKey
from towpath.events.store import inbox, lake
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.site.keeping.backup import back_up
from towpath.site.keeping.forgotten import ForgottenList, list_of, read_list
from towpath.site.keeping.manifest import Manifest, NotKept
from towpath.site.keeping.settling import settle

WHO = "mail:customer-1@shop.example"
KEY = subject_key(f"customer:{WHO}")
LATER = START + timedelta(days=400)


@pytest.fixture
def kept(tmp_home: Home, tmp_path: Path) -> Manifest:
    """A home as a backup has it, with the customer WHO in lake, tail, inbox and records."""
    lake().absorb(stage(tmp_home.root, "first", [event(number) for number in range(20)]))
    inbox().accept(batch([event(21), event(22)]))
    Customer.objects.create(key=KEY)
    Identifier.objects.create(
        key=KEY, kind="mail", value="customer-1@shop.example", normalised="customer-1@shop.example",
        customer_id=KEY, source="shop", first_seen=START, last_seen=START,
    )  # fmt: skip
    return back_up(tmp_path / "kept")


def later_list(at: datetime, secret: bytes | None = None) -> ForgottenList:
    """Somebody forgot WHO at that time."""
    secret = keys.forgotten().secret if secret is None else secret
    return list_of(Forgotten({digest_of(KEY, secret): int(at.timestamp() * 1_000_000)}, secret))


def identifiers() -> list[str]:
    waiting = [pa.Table.from_batches(batches) for _number, batches in inbox().batches()]
    tables = [lake().snapshot().query("select identifier from events"), *waiting]
    return [each for table in tables for each in table["identifier"].to_pylist()]


def test_its_inbox_gets_another_name_and_what_waits_comes_in_once(kept: Manifest) -> None:
    before = inbox().writer
    assert settle(kept, None) == 0
    assert inbox().writer != before
    assert AuditEntry.objects.get(verb="backup.restored").after["inbox_events"] == 2
    assert identifiers().count(WHO) == 5


def test_files_that_wait_are_looked_for_in_the_home_of_today(kept: Manifest, tmp_home: Home) -> None:
    waits = FileImport.objects.create(name="a.csv", path="/var/old/uploads/a.csv", uploaded=True)
    typed = FileImport.objects.create(name="b.csv", path="/data/b.csv", uploaded=False)
    settle(msgspec.structs.replace(kept, home="/var/old"), None)
    waits.refresh_from_db()
    typed.refresh_from_db()
    assert waits.path == str(tmp_home.uploads / "a.csv")
    assert typed.path == "/data/b.csv"


def test_who_was_forgotten_since_goes_from_lake_inbox_and_records(kept: Manifest) -> None:
    assert settle(kept, later_list(LATER)) == 1
    assert WHO not in identifiers()
    assert len(identifiers()) == 17
    assert not Identifier.objects.filter(pk=KEY).exists()
    assert keys.forgotten().drops(pa.Table.from_batches([batch([event(1)])])).tolist() == [True]


def test_a_forgetting_that_was_broken_off_before_the_backup_is_finished(kept: Manifest) -> None:
    ForgottenKey.objects.create(digest=digest_of(KEY, keys.forgotten().secret), at=LATER)
    assert settle(kept, None) == 1
    assert WHO not in identifiers()


def test_who_came_back_after_being_forgotten_stays(kept: Manifest) -> None:
    before_all = START - timedelta(days=1)
    assert settle(kept, later_list(before_all)) == 0
    assert identifiers().count(WHO) == 5
    assert Identifier.objects.filter(pk=KEY).exists()


def test_a_list_drawn_with_another_secret_is_taken_where_nobody_was_forgotten_before(kept: Manifest) -> None:
    assert settle(kept, later_list(LATER, b"drawn later")) == 1
    assert WHO not in identifiers()


def test_another_installations_list_is_refused(kept: Manifest) -> None:
    ForgottenKey.objects.create(digest=1, at=datetime.now(UTC))
    with pytest.raises(NotKept, match="another installation"):
        settle(kept, later_list(LATER, b"of another one"))


def test_the_list_is_read_from_a_later_backup_or_its_file(kept: Manifest, tmp_path: Path) -> None:
    assert read_list(tmp_path / "kept") == read_list(tmp_path / "kept" / "forgotten.json")
    with pytest.raises(NotKept, match="no list of the forgotten"):
        read_list(tmp_path / "kept" / "manifest.sha256")


def test_counts_that_do_not_agree_are_told(kept: Manifest) -> None:
    with pytest.raises(NotKept, match="report this mistake"):
        settle(msgspec.structs.replace(kept, lake_events=19), None)
