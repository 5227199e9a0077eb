"""What a process loads at its start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOADED = "; import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded_by(code: str, home: Path) -> set[str]:
    """The packages that a fresh process has loaded after this code."""
    environment = {**os.environ, "TOWPATH_HOME": str(home), "TOWPATH_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", code + LOADED], env=environment, check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_arrow_finds_no_pandas_in_our_processes(tmp_path: Path) -> None:
    lean = "from towpath.foundation.operations.lean import leave_out_pandas; leave_out_pandas();"
    asks = "import pyarrow; pyarrow.chunked_array([[1]]).to_numpy()"
    assert "pyarrow" in loaded_by(asks, tmp_path)
    assert "pandas" not in loaded_by(lean + asks, tmp_path)


def test_the_pages_load_what_draws_charts_only_when_one_is_drawn(tmp_path: Path) -> None:
    pages = "import towpath.site.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
    loaded = loaded_by(pages, tmp_path)
    assert "towpath" in loaded
    assert not loaded & {"altair", "pandas"}


def test_counting_events_loads_no_kernels(tmp_path: Path) -> None:
    command = "from towpath.site.cli import run; code = run(['events', 'count', '--json'])"
    loaded = loaded_by(command, tmp_path)
    assert "deltalake" in loaded
    assert not loaded & {"numba", "scipy", "altair"}
