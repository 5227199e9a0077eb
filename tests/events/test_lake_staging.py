"""An import's rows before the body takes them: durable up to the last checkpoint, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import START, batch, event, everything, in_order, new_lake

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import LakeError, Staging

ROWS = [event(number * 37) for number in range(60)]


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(st.sampled_from(["append", "append", "checkpoint", "kill"]), max_size=25),
    size=st.integers(1, 9),
    flush=st.integers(1, 20),
)
def test_an_import_killed_anywhere_goes_on_at_its_last_checkpoint(
    steps: list[str], size: int, flush: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        staging = Staging(folder, "one", flush_rows=flush)
        place = saved = 0
        for step in [*steps, "kill"]:
            if step == "append" and place + size <= len(ROWS):
                staging.append(batch(ROWS[place : place + size]))
                place += size
            elif step == "checkpoint":
                staging.checkpoint({"row": place})
                saved = place
            elif step == "kill":
                staging = Staging(folder, "one", flush_rows=flush)
                place = (staging.resume() or {"row": 0})["row"]
            assert (staging.rows, staging.safe_rows) == (place, saved)
        staging.append(batch(ROWS[place:]))
        lake = new_lake(Path(folder))
        assert lake.absorb(staging).written == len(ROWS)
        assert everything(lake.snapshot()) == in_order(ROWS)
        assert not staging.path.exists()


def test_a_new_import_has_no_position(tmp_path: Path) -> None:
    assert Staging(tmp_path, "one").resume() is None
    assert not (tmp_path / "one").exists()


def test_rows_are_kept_by_month_of_utc(tmp_path: Path) -> None:
    staging = Staging(tmp_path, "one")
    staging.append(batch([event(1), event(2, time=START + timedelta(days=4)), event(3)]))
    staging.flush()
    assert {month: len(files) for month, files in staging.months().items()} == {"2011-10": 1, "2011-11": 1}


@pytest.mark.parametrize("name", ["", "../elsewhere", "a/b", ".hidden", "x" * 101])
def test_an_import_id_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="up to 100 letters"):
        Staging(tmp_path, name)


def test_rows_that_are_no_events_are_refused(tmp_path: Path) -> None:
    staging = Staging(tmp_path, "one")
    with pytest.raises(ValueError, match="envelope's schema"):
        staging.append(pa.record_batch({"source": ["shop"]}))
    blank = batch([event(1)]).set_column(
        3, EVENT_SCHEMA.field("time"), pa.nulls(1, EVENT_SCHEMA.field("time").type)
    )
    with pytest.raises(ValueError, match="Column time has missing values"):
        staging.append(blank)
    assert staging.rows == 0


def test_a_broken_checkpoint_says_what_to_delete(tmp_path: Path) -> None:
    Staging(tmp_path, "one").checkpoint({"row": 1})
    (tmp_path / "one" / "checkpoint.json").write_text("{")
    with pytest.raises(LakeError, match=r"Delete the folder .* and import the file again"):
        Staging(tmp_path, "one")


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from lake_rows import batch, event
from towpath.events.lake import Staging
staging = Staging({folder!r}, "one", flush_rows=5)
for number in range(60):
    staging.append(batch([event(number * 37)]))
    if number == 22:
        staging.checkpoint({{"row": 23}})
    if number == 40:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_checkpointed_survives_a_killed_process(tmp_path: Path) -> None:
    script = KILLED.format(tests=str(Path(__file__).parent), folder=str(tmp_path / "staging"))
    done = subprocess.run([sys.executable, "-c", script], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    staging = Staging(tmp_path / "staging", "one")
    assert staging.resume() == {"row": 23}
    lake = new_lake(tmp_path)
    assert lake.absorb(staging).written == 23
    assert everything(lake.snapshot()) == in_order(ROWS[:23])
