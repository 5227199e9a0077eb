"""What is too old goes by whole months, counted before; it does not come back, and what must stay stays."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import batch, event, everything, import_rows

from towpath.events.flushing import flush
from towpath.events.keeping.periods import Periods, TypePeriod, first_month_kept, read_periods, write_periods
from towpath.events.keeping.retention import apply_periods, periods, retire, would_retire
from towpath.events.lake import Lake
from towpath.events.lake.checking import Kind
from towpath.events.lake.lock import FileLocks
from towpath.events.models import QuarantinedRecord
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

TODAY = date(2012, 3, 23)
CLICKS = """
events:
  - types: "click.kept"
    months:
  - types: "click.*"
    months: 2
"""


def clicks() -> list[dict[str, Any]]:
    """A click and a purchase on the tenth of each month from October 2011 to March 2012."""
    found, number = [], 0
    for year, month in ((2011, 10), (2011, 11), (2011, 12), (2012, 1), (2012, 2), (2012, 3)):
        for each in ("click.ad", "click.kept", "bought"):
            number += 1
            found.append(event(number, type=each, time=datetime(year, month, 10, tzinfo=UTC)))
    return found


def left(of: Lake) -> list[tuple[str, str]]:
    return sorted((row["type"], f"{row['time']:%Y-%m}") for row in everything(of.snapshot()))


@pytest.fixture
def filled(tmp_home: Home, tmp_path: Path) -> Lake:
    import_rows(lake(), tmp_path, "one", clicks())
    apply_periods(OPERATOR, CLICKS, "periods.yaml")
    return lake()


def test_a_dry_run_says_what_would_go_and_nothing_goes(filled: Lake) -> None:
    found = would_retire(OPERATOR, today=TODAY)
    assert [(each.type, each.month, each.events) for each in found.types] == [
        ("click.ad", "2011-10", 1),
        ("click.ad", "2011-11", 1),
        ("click.ad", "2011-12", 1),
    ]
    assert filled.snapshot().rows == 18


def test_whole_months_go_and_the_rest_stays_in_order(filled: Lake) -> None:
    gone = retire(OPERATOR, today=TODAY)
    assert gone.events == 3
    assert [month for each, month in left(filled) if each == "click.ad"] == ["2012-01", "2012-02", "2012-03"]
    assert filled.snapshot().rows == 15
    assert list(filled.check().troubles()) == []
    assert retire(OPERATOR, today=TODAY).total == 0


def test_what_went_does_not_come_back_by_a_file_or_over_http(filled: Lake, tmp_path: Path) -> None:
    retire(OPERATOR, today=TODAY)
    again = import_rows(filled, tmp_path, "two", clicks())
    assert (again.written, again.already_there) == (0, 18)
    inbox().accept(batch(clicks()))
    assert flush(inbox(), filled).written == 0
    assert filled.snapshot().rows == 15


@pytest.mark.parametrize("lost", [False, True])
def test_it_does_not_come_back_when_the_index_was_made_anew(filled: Lake, tmp_path: Path, lost: bool) -> None:
    from towpath.events.lake.mending import rebuild_index

    retire(OPERATOR, today=TODAY)
    with filled.still() as body:
        if lost:
            shutil.rmtree(body.index.folder)
        rebuild_index(body.index, body.log)
    assert import_rows(filled, tmp_path, "two", clicks()).written == 0


def test_it_does_not_come_back_through_a_node_that_never_saw_it(filled: Lake, tmp_path: Path) -> None:
    """A new node, and one that was away while retention ran and its old files went."""
    away, new = (Lake(filled.snapshot().store.uri.removesuffix("/events"), local=tmp_path / name,
                      locks=FileLocks(tmp_path / "locks")) for name in ("away", "new"))  # fmt: skip
    import_rows(filled, tmp_path, "zero", [event(98, type="bought", time=datetime(2012, 3, 9, tzinfo=UTC))])
    away.tidy_index()
    import_rows(
        filled, tmp_path, "more", [event(97, type="click.ad", time=datetime(2011, 10, 9, tzinfo=UTC))]
    )
    assert retire(OPERATOR, today=TODAY).events == 4
    filled.vacuum(timedelta(0))
    late = event(97, type="click.ad", time=datetime(2011, 10, 9, tzinfo=UTC))
    for node in (away, new):
        inbox().accept(batch([*clicks(), late]))
        assert flush(inbox(), node).written == 0
    assert filled.snapshot().rows == 16
    assert list(new.check().troubles()) == []


def test_events_that_wait_in_the_tail_go_too(filled: Lake) -> None:
    inbox().accept(batch([event(99, type="click.ad", time=datetime(2011, 11, 3, tzinfo=UTC))]))
    flush(inbox(), filled)
    assert retire(OPERATOR, today=TODAY).events == 4
    assert not any(file.in_tail for file in filled.snapshot().files)


def test_a_month_of_which_nothing_is_left_has_no_file(tmp_home: Home, tmp_path: Path) -> None:
    old = [event(number, time=datetime(2011, 10, 3, tzinfo=UTC)) for number in range(5)]
    import_rows(lake(), tmp_path, "one", old)
    apply_periods(OPERATOR, "events: [{types: '*', months: 1}]", "periods.yaml")
    assert retire(OPERATOR, today=TODAY).events == 5
    assert lake().snapshot().files == ()


def test_killed_between_two_months_it_goes_on_with_the_next_run(filled: Lake) -> None:
    expiring = filled.expire(periods().expires(TODAY))
    assert next(expiring).events == {("click.ad", "2011-10"): 1}
    expiring.close()
    assert filled.snapshot().rows == 17
    assert retire(OPERATOR, today=TODAY).events == 2


def test_killed_before_its_commit_a_month_is_as_it_was(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from towpath.events.lake.log import EventLog

    def dies(*_arguments: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(EventLog, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            retire(OPERATOR, today=TODAY)
    assert filled.snapshot().rows == 18
    assert retire(OPERATOR, today=TODAY).events == 3
    assert {each.kind for each in filled.check().troubles()} <= {Kind.ORPHANS}


def test_readers_of_an_older_version_finish_undisturbed(filled: Lake) -> None:
    before = filled.snapshot()
    retire(OPERATOR, today=TODAY)
    assert len(everything(before)) == 18


def test_old_rows_of_quarantine_and_audit_go_but_not_what_retention_did(
    filled: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(DocumentError, match="PostgreSQL refuses"):
            apply_periods(OPERATOR, "audit_days: 90", "periods.yaml")
        return
    long_ago = timezone.now() - timedelta(days=100)
    with monkeypatch.context() as earlier:
        earlier.setattr(timezone, "now", lambda: long_ago)
        retire(OPERATOR, today=TODAY)
        QuarantinedRecord.objects.create(
            door="http", source="shop", place="1", reason="no time", raw="{}", seq=1, nth=0, fingerprint="f"
        )
        AuditEntry.objects.create(actor_kind="operator", actor="operator", verb="customer.looked_at")
    apply_periods(OPERATOR, CLICKS + "quarantine_days: 90\naudit_days: 90\njobs_days: 7", "periods.yaml")
    found = would_retire(OPERATOR, today=TODAY)
    assert (found.quarantine, found.audit, found.jobs) == (1, 1, 0)
    assert retire(OPERATOR, today=TODAY) == found
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {
        "retention.applied",
        "retention.carried_out",
    }


def test_the_lakes_log_is_kept_as_long_as_told(filled: Lake) -> None:
    apply_periods(OPERATOR, "lake_log_days: 5", "periods.yaml")
    retire(OPERATOR, today=TODAY)
    with filled.still() as body:
        configuration = body.log.open().metadata().configuration
    assert configuration["delta.logRetentionDuration"] == "interval 5 days"
    assert filled.keep_log(5) is False
    assert list(filled.check().troubles()) == []


def test_only_an_administrator_applies_periods(service_manager: Person, tmp_home: Home) -> None:
    with pytest.raises(PermissionDenied):
        apply_periods(actor_of(service_manager), CLICKS, "periods.yaml")
    with pytest.raises(PermissionDenied):
        retire(actor_of(service_manager))


def test_equal_periods_make_no_new_version(filled: Lake) -> None:
    assert apply_periods(OPERATOR, CLICKS, "periods.yaml").new is False
    assert apply_periods(OPERATOR, "jobs_days: 30", "periods.yaml").version == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("events: [{types: '*', months: 0}]", "line 1, column 23: Events stay 1 to"),
        ("events: [{types: '', months: 3}]", "Nothing fits an empty pattern"),
        ("audit_days: 3", "`audit_days` may be 30 to"),
        ("lake_log_days: 1", "`lake_log_days` may be 2 to"),
        ("event: []", "unknown field `event`"),
        ("events: [{types: x}]", "missing required field `months`"),
    ],
)
def test_what_will_not_do_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(DocumentError, match=told.replace("(", r"\(")):
        read_periods(text, "periods.yaml")


@settings(max_examples=50, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 240))
def test_nothing_younger_than_the_months_named_ever_goes(today: date, months: int) -> None:
    """The last day of the youngest month that goes lies before today minus the months."""
    first_kept = datetime.strptime(first_month_kept(today, months), "%Y-%m").date()  # noqa: DTZ007 (a month)
    whole = (today.year - first_kept.year) * 12 + today.month - first_kept.month
    assert whole == months
    expires = Periods(events=(TypePeriod("*", months),)).expires(today)
    assert not expires("any", f"{first_kept:%Y-%m}")
    assert expires("any", f"{first_kept - timedelta(days=1):%Y-%m}")


def test_the_first_pattern_that_fits_counts_and_yaml_reads_back() -> None:
    found = read_periods(CLICKS, "periods.yaml")
    assert [found.months_of(each) for each in ("click.kept", "click.ad", "bought")] == [None, 2, None]
    assert read_periods(write_periods(found), "again") == found
