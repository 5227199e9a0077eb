"""`towpath export`: the file that a person gets, and what the audit log says of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.exceptions import PermissionDenied
from lake_rows import batch, event, in_order
from small_logs import GOOD, write_log, write_mapping

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.exporting import Chosen, export_events
from towpath.events.exporting.choosing import slices
from towpath.events.lake import Lake, Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.rules import Role
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def filled(tmp_home: Home) -> Lake:
    """Thirty hours of a shop, and one event of a desk whose text a spreadsheet would run."""
    found = lake()
    staging = Staging(tmp_home.staging, "rows")
    desk = event(40, source="desk", type="=called", identifier="@anna", data='{"said": "a,\\n\\"b\\""}')
    staging.append(batch([*(event(number) for number in range(30)), desk]))
    found.absorb(staging)
    return found


def exported(path: Path, *options: str) -> int:
    return run(["export", str(path), *options])


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_parquet_holds_every_event_in_the_order_of_events(
    filled: Lake, tmp_path: Path, capsys: Printed
) -> None:
    assert exported(tmp_path / "all.parquet", "--as", "parquet") == 0
    assert "31 events exported" in capsys.readouterr().out
    table = pq.read_table(tmp_path / "all.parquet")
    assert table.schema.equals(EVENT_SCHEMA)
    assert table["id"].to_pylist() == [f"e{number}" for number in (*range(30), 40)]
    shop = [row for row in table.to_pylist() if row["source"] == "shop"]
    assert in_order(shop) == in_order(event(number) for number in range(30))


def test_parquet_comes_in_again_as_it_was(tmp_home: Home, tmp_path: Path) -> None:
    run(["import", str(write_log(tmp_path, GOOD)), "--mapping", str(write_mapping(tmp_path))])
    exported(tmp_path / "all.parquet", "--as", "parquet")
    before = lake().snapshot().rows
    fields = ("source", "id", "time", "type", "case", "latency_ms")
    mapping = "source: shop\nformat: parquet\nevents:\n" + "".join(f"  {name}: {name}\n" for name in fields)
    path = write_mapping(tmp_path, mapping)
    assert run(["import", str(tmp_path / "all.parquet"), "--mapping", str(path)]) == 0
    assert lake().snapshot().rows == before


def test_csv_is_as_rfc_4180_has_it(filled: Lake, tmp_path: Path) -> None:
    assert exported(tmp_path / "all.csv", "--as", "csv") == 0
    text = (tmp_path / "all.csv").read_bytes().decode()
    assert text.startswith(",".join(EVENT_SCHEMA.names) + "\r\n")
    rows = rows_of(tmp_path / "all.csv")
    assert len(rows) == 31
    assert (rows[0]["time"], rows[0]["latency_ms"]) == ("2011-10-28T12:00:00.000000Z", "0.0")
    assert (rows[-1]["type"], rows[-1]["identifier"], rows[-1]["team"]) == ("=called", "@anna", "")
    assert json.loads(rows[-1]["data"]) == {"said": 'a,\n"b"'}


def test_csv_for_spreadsheets_runs_no_formula(filled: Lake, tmp_path: Path) -> None:
    assert exported(tmp_path / "all.csv", "--as", "csv", "--for-spreadsheets") == 0
    last = rows_of(tmp_path / "all.csv")[-1]
    assert (last["type"], last["identifier"], last["source"]) == ("'=called", "'@anna", "desk")
    assert exported(tmp_path / "all.parquet", "--as", "parquet", "--for-spreadsheets") == 2


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--source", "desk"], 1),
        (["--source", "desk", "--source", "shop"], 31),
        (["--type", "viewed"], 30),
        (["--type", "viewed", "--source", "desk"], 0),
        (["--from", "2011-10-29"], 19),
        (["--to", "2011-10-28"], 12),
        (["--from", "2011-10-28T13:00Z", "--to", "2011-10-28T15:00Z"], 2),
    ],
)
def test_only_what_is_asked_for_goes_out(
    filled: Lake, tmp_path: Path, capsys: Printed, options: list[str], count: int
) -> None:
    path = tmp_path / "some.csv"
    assert exported(path, "--as", "csv", "--json", *options) == 0
    assert json.loads(capsys.readouterr().out) == {"form": "csv", "file": str(path), "events": count}
    assert len(rows_of(path)) == count


def test_a_date_that_is_none_is_told(filled: Lake, tmp_path: Path, capsys: Printed) -> None:
    assert exported(tmp_path / "some.csv", "--as", "csv", "--from", "yesterday") == 2
    assert "'yesterday' is no date; write 2012-01-31" in capsys.readouterr().err


def test_slices_fit_together_whatever_their_size(filled: Lake) -> None:
    chosen = Chosen(start=datetime(2011, 10, 28, 14, tzinfo=UTC), end=datetime(2011, 10, 29, 9, tzinfo=UTC))
    (whole,) = slices(filled.snapshot(), chosen)
    for rows in (1, 4, 7):
        parts = list(slices(filled.snapshot(), chosen, rows=rows))
        assert max(part.num_rows for part in parts) <= rows
        assert [name for part in parts for name in part["id"].to_pylist()] == whole["id"].to_pylist()
    assert whole.num_rows == 19


def test_standard_output_gets_the_events_alone(
    filled: Lake, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["export", "-", "--as", "csv", "--source", "desk", "--json"]) == 0
    printed = capfdbinary.readouterr()
    assert printed.out.startswith(b"source,id,seq")
    assert printed.out.count(b"desk") == 1
    assert json.loads(printed.err) == {"form": "csv", "file": "-", "events": 1}


def test_a_file_that_exists_is_kept_unless_it_may_be_replaced(
    filled: Lake, tmp_path: Path, capsys: Printed
) -> None:
    path = tmp_path / "all.csv"
    path.write_text("mine")
    assert exported(path, "--as", "csv") == 2
    assert "The file exists. Choose another name, or say --overwrite." in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert exported(path, "--as", "csv", "--overwrite") == 0
    assert len(rows_of(path)) == 31
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".*.draft")) == []


def test_an_export_that_fails_leaves_nothing_behind(
    filled: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    def full(*_arguments: object, **_options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("towpath.events.exporting.exporting.write_csv", full)
    assert exported(tmp_path / "all.csv", "--as", "csv") == 2
    assert "all.csv: It cannot be written (No space left on device)." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert exported(tmp_path / "missing" / "all.csv", "--as", "csv") == 2


def test_ocel_goes_to_a_file_whose_name_says_which_kind(
    filled: Lake, tmp_path: Path, capsys: Printed
) -> None:
    for name in ("all.json", "all.sqlite"):
        assert exported(tmp_path / name, "--as", "ocel2") == 0
    assert (tmp_path / "all.sqlite").read_bytes().startswith(b"SQLite format 3")
    assert len(json.loads((tmp_path / "all.json").read_text())["events"]) == 31
    capsys.readouterr()
    assert exported(tmp_path / "all.xml", "--as", "ocel2") == 2
    assert "Let it end .json or .sqlite" in capsys.readouterr().err
    assert exported(Path("-"), "--as", "ocel2") == 2
    assert not list((tmp_path / "home" / "staging").glob("export-*"))


def test_ocel_imported_by_command_goes_out_and_comes_in_without_a_new_event(
    filled: Lake, tmp_path: Path, capsys: Printed
) -> None:
    path = tmp_path / "all.json"
    assert exported(path, "--as", "ocel2") == 0
    capsys.readouterr()
    assert run(["import", str(path), "--sniff"]) == 0
    mapping = write_mapping(tmp_path, capsys.readouterr().out)
    before = filled.snapshot().rows
    assert run(["import", str(path), "--mapping", str(mapping)]) == 0
    assert filled.snapshot().rows == before


def test_the_audit_log_says_who_took_what_out(filled: Lake, tmp_path: Path) -> None:
    exported(tmp_path / "some.csv", "--as", "csv", "--source", "desk", "--to", "2012-01-31")
    entry = AuditEntry.objects.get(verb="events.exported")
    assert (entry.actor, entry.target) == ("operator", str(tmp_path / "some.csv"))
    assert entry.after == {"form": "csv", "source": ["desk"], "to": "2012-02-01T00:00:00+00:00"}


@pytest.mark.parametrize("role", [None, Role.CUSTOMER])
def test_who_may_not_read_events_exports_none(filled: Lake, tmp_path: Path, role: Role | None) -> None:
    actor = Actor("person", "eve", roles=frozenset() if role is None else frozenset({role}))
    with pytest.raises(PermissionDenied):
        export_events(actor, "csv", Chosen(), tmp_path / "all.csv")
    assert not (tmp_path / "all.csv").exists()
    assert not AuditEntry.objects.filter(verb="events.exported").exists()
