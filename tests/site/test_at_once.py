"""Two at once do not get into each other's way: setting up a folder, and starting on a home that is new."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AT_ONCE = 4


WORK = """
import sys, time
with open(sys.argv[1], "a", buffering=1) as told:
    print("begin", file=told)
    time.sleep(1)
    print("end", file=told)
"""


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "TOWPATH_HOME": str(home), "TOWPATH_DATABASE_URL": ""}


def test_many_that_start_at_once_on_a_new_home_all_find_it_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "towpath", "jobs", "list", "--json"],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _one in range(AT_ONCE)
    ]
    ended = [(*each.communicate(timeout=120), each.returncode) for each in started]
    assert [(code, err) for _out, err, code in ended] == [(0, "")] * AT_ONCE
    with sqlite3.connect(home / "records.sqlite3") as records:
        applied = records.execute("select app, name from django_migrations").fetchall()
    assert len(applied) == len(set(applied)) > 0


def test_of_two_that_set_up_one_waits_for_the_other(tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = [
        sys.executable,
        str(ROOT / "scripts/alone.py"),
        str(tmp_path / "lock"),
        sys.executable,
        "-c",
        WORK,
        str(told),
    ]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _one in range(2)]
    said = [each.communicate(timeout=60)[0] for each in both]
    assert told.read_text().split() == ["begin", "end"] * 2
    assert sorted(bool(each) for each in said) == [False, True]


def test_what_ran_alone_says_how_it_ended(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts/alone.py"), str(tmp_path / "lock"), "sh", "-c", "exit 3"]
    assert subprocess.run(command, check=False).returncode == 3


def test_make_sets_up_alone() -> None:
    plan = subprocess.run(
        [shutil.which("make") or "make", "-n", "setup"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "scripts/alone.py .setup.lock" in plan
