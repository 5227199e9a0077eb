"""What the worker does for the lake by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from small_logs import GOOD, write_log, write_mapping

from towpath.events import jobs
from towpath.events.store import lake
from towpath.foundation.operations.home import Home
from towpath.site.cli import run

pytestmark = pytest.mark.django_db


def test_files_that_an_import_replaced_are_removed_and_nothing_else(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rows in (GOOD, [*GOOD, "9,basket,2024-01-03 10:00,5"]):
        log, mapping = write_log(tmp_path, rows), write_mapping(tmp_path)
        assert run(["import", str(log), "--mapping", str(mapping)]) == 0
    assert jobs.remove_replaced_files.call() == 0
    monkeypatch.setattr(jobs, "KEEP_REPLACED", timedelta(0))
    assert jobs.remove_replaced_files.call() == 1
    assert lake().snapshot().query("select count(*) as events from events", {})["events"].to_pylist() == [4]
