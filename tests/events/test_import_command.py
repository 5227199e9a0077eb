"""`towpath import`: what a person at the command line is told, and what is in the lake afterwards."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from small_logs import BAD, GOOD, MAPPING, write_log, write_mapping

from towpath.events import queries
from towpath.events.importers import ImportFailed
from towpath.events.ingest import run_import
from towpath.events.lake import LakeFull, Staging
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.site.cli import run

pytestmark = pytest.mark.django_db


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    capsys.readouterr()
    assert run(["events", "count", "--json"]) == 0
    counts: dict[str, int] = json.loads(capsys.readouterr().out)
    return counts


def imported(tmp_path: Path, rows: list[str]) -> int:
    return run(["import", str(write_log(tmp_path, rows)), "--mapping", str(write_mapping(tmp_path))])


def test_it_ends_with_0_when_every_row_is_in(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, GOOD) == 0
    assert "3 events written" in capsys.readouterr().out
    assert counted(capsys) == {"events": 3, "quarantined": 0, "inbox": 0}


def test_it_ends_with_1_and_keeps_refused_rows_with_place_and_reason(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, GOOD + BAD) == 1
    assert counted(capsys) == {"events": 3, "quarantined": 2, "inbox": 0}
    places = {record.place: record.reason for record in QuarantinedRecord.objects.all()}
    assert set(places) == {"line 5", "line 6"}
    assert "yesterday" in places["line 5"]


def test_the_same_file_twice_changes_nothing(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, GOOD + BAD)
    before = counted(capsys)
    assert imported(tmp_path, GOOD + BAD) == 1
    assert "3 were there already" in capsys.readouterr().out
    assert counted(capsys) == before


def test_equal_rows_of_one_file_stay_two_events(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, [GOOD[0], GOOD[0]]) == 0
    assert counted(capsys)["events"] == 2


def test_a_truncated_gzip_keeps_what_was_good_and_ends_with_2(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{i},basket,2024-01-01 10:00,{(i * 7919) % 1000}" for i in range(60_000)]
    whole = gzip.compress(write_log(tmp_path, rows).read_bytes())
    broken = tmp_path / "orders.csv.gz"
    broken.write_bytes(whole[: len(whole) * 3 // 4])
    ended = run(["import", str(broken), "--mapping", str(write_mapping(tmp_path))])
    told = capsys.readouterr().out
    assert ended == 2
    assert "orders.csv.gz" in told
    assert 0 < counted(capsys)["events"] < 60_000


def test_a_mapping_that_fits_no_row_fails_at_once_and_fills_no_quarantine(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{i},basket,01.02.2024,1" for i in range(500)]
    assert imported(tmp_path, rows) == 2
    assert "Mend the mapping" in capsys.readouterr().out
    assert counted(capsys) == {"events": 0, "quarantined": 0, "inbox": 0}


def test_a_wrong_mapping_is_told_with_its_line(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = write_mapping(tmp_path, MAPPING.replace("zone: UTC", "zone: Mars/Crater"))
    assert run(["import", str(write_log(tmp_path, GOOD)), "--mapping", str(mapping)]) == 2
    told = capsys.readouterr().err
    assert "line 3" in told
    assert "Mars/Crater" in told


def test_without_a_mapping_it_says_what_to_do(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", str(write_log(tmp_path, GOOD))]) == 2
    assert "--sniff" in capsys.readouterr().err


def test_a_sniffed_mapping_is_one_that_imports(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write_log(tmp_path, [f"{i},{kind},2024-01-{i:02} 10:00,5" for i in range(1, 29) for kind in "ab"])
    assert run(["import", str(log), "--sniff"]) == 0
    proposed = write_mapping(tmp_path, capsys.readouterr().out)
    assert run(["import", str(log), "--mapping", str(proposed)]) == 0
    assert counted(capsys)["events"] == 56


def test_a_killed_import_goes_on_where_it_was(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.ingest.CHECKPOINT_ROWS", 1)
    rows = [f"{i},basket,2024-01-01 10:00,{i}" for i in range(45_000)]
    log, mapping = write_log(tmp_path, rows), write_mapping(tmp_path)
    chunks = 0

    def killed(_seen: FileImport) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(
            "towpath.events.commands.run_import", lambda found, _progress: run_import(found, killed)
        )
        assert run(["import", str(log), "--mapping", str(mapping)]) == 2
    assert FileImport.objects.get().rows_read == 40_000
    assert run(["import", str(log), "--mapping", str(mapping)]) == 0
    assert FileImport.objects.get().rows_read == 45_000
    assert counted(capsys)["events"] == 45_000


def test_a_full_disk_is_told_and_the_import_can_be_run_again(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise LakeFull("The disk that holds the lake is full. Free some space.")

    with monkeypatch.context() as patched:
        patched.setattr("towpath.events.lake.lake.absorb", full)
        assert imported(tmp_path, GOOD) == 2
    assert "Free some space" in capsys.readouterr().out
    assert imported(tmp_path, GOOD) == 0
    assert counted(capsys)["events"] == 3


def test_a_file_that_is_being_read_is_not_read_by_another_process_as_well(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def again(seen: FileImport) -> None:
        with pytest.raises(ImportFailed) as told:
            run_import(FileImport.objects.get(pk=seen.pk))
        refused.append(str(told.value))

    with monkeypatch.context() as patched:
        patched.setattr(
            "towpath.events.commands.run_import", lambda found, _progress: run_import(found, again)
        )
        assert imported(tmp_path, GOOD) == 0
    assert refused
    assert "another process is reading it" in refused[0]
    assert FileImport.objects.get().state == FileImport.State.DONE
    assert not list(tmp_home.staging.iterdir())
    assert counted(capsys)["events"] == 3


def test_a_disk_that_fills_up_while_reading_is_told(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise LakeFull("The disk that holds the staging folder is full. Free some space.")

    monkeypatch.setattr(Staging, "append", full)
    assert imported(tmp_path, GOOD) == 2
    assert "Free some space" in capsys.readouterr().out


def test_a_mistake_of_ours_does_not_leave_the_import_running_for_ever(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("towpath.events.ingest.quarantine", broken)
    with pytest.raises(RuntimeError):
        imported(tmp_path, GOOD + BAD)
    found = FileImport.objects.get()
    assert found.state == FileImport.State.FAILED
    assert "no such thing" in found.error


def test_events_that_name_nobody_are_counted_where_a_person_looks(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, [*GOOD, ",basket,2024-02-02 12:00,5", ",pay,2024-02-02 12:01,5"]) == 0
    assert "2 name neither customer nor case" in capsys.readouterr().out
    [source] = queries.sources(OPERATOR)
    assert (source.events, source.nameless) == (5, 2)
    assert queries.imports(OPERATOR)[0].nameless == 2


def test_a_source_that_holds_events_of_another_file_is_named(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, GOOD) == 0
    assert imported(tmp_path, GOOD) == 0
    assert "already holds" not in capsys.readouterr().err
    assert imported(tmp_path, GOOD[:1]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "Source shop already holds 3 events (from orders.csv, " in told
    assert "write another name at “source:” in the mapping" in told
