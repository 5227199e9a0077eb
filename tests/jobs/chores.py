"""Jobs for the tests. They leave marks in the folder that CHORES names, so that every run can be counted."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

from towpath.foundation.jobs.declaring import job
from towpath.foundation.jobs.progress import progress


def folder() -> Path:
    return Path(os.environ["CHORES"])


def mark(name: str, what: str) -> None:
    (folder() / f"{name}.{what}.{os.getpid()}.{uuid4().hex}").touch()


@job(attempts=10, pause=0.05)
def fetch_water(name: str, seconds: float = 0.0) -> str:
    mark(name, "begun")
    time.sleep(seconds)
    (folder() / f"{name}.full").write_text("once, however often it is written")
    mark(name, "done")
    return name


@job(attempts=3, pause=0.05)
def spill(name: str) -> None:
    mark(name, "begun")
    raise RuntimeError(f"{name} leaks")


@job(attempts=2, pause=0.05)
def stumble_once(name: str) -> str:
    mark(name, "begun")
    if len(list(folder().glob(f"{name}.begun.*"))) == 1:
        raise RuntimeError("stumbled")
    return "arrived"


@job(attempts=2, pause=0.05)
def fall_into_the_well(name: str) -> None:
    mark(name, "begun")
    os.abort()


@job(attempts=1, timeout=0.3)
def dawdle(name: str) -> None:
    mark(name, "begun")
    time.sleep(30)


@job(attempts=1)
def count_buckets(name: str, total: int) -> None:
    for done in range(total + 1):
        progress(done, total, f"bucket {done}")
    while not (folder() / f"{name}.enough").exists():
        time.sleep(0.02)
