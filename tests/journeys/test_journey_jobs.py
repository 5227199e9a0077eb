"""What the worker does for the journeys by itself."""

from __future__ import annotations

import os
import time

from towpath.foundation.operations.home import Home
from towpath.journeys import jobs


def test_codes_that_nobody_reads_and_old_drafts_are_cleared(tmp_home: Home) -> None:
    now = time.time()
    ages = {"old/a.npz": 40, "used/b.npz": 20, "used/c.7.draft": 2, "used/d.8.draft": 0}
    for name, days in ages.items():
        file = tmp_home.root / "codes" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
        os.utime(file, (now - days * jobs.DAY, now - days * jobs.DAY))
    assert jobs.clear_codes.call() == 2
    left = {str(each.relative_to(tmp_home.root / "codes")) for each in (tmp_home.root / "codes").rglob("*")}
    assert left == {"used", "used/b.npz", "used/d.8.draft"}


def test_a_home_without_codes_is_well(tmp_home: Home) -> None:
    assert jobs.clear_codes.call() == 0
