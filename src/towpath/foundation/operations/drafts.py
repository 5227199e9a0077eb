"""What is made once and kept: files and folders that are there whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ENDING = ".draft"


@contextlib.contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write a file or a folder that then takes its place; it goes where that fails."""
    draft = path.with_name(f"{path.name}.{threading.get_ident()}-{time.monotonic_ns()}{ENDING}")
    try:
        yield draft
        draft.rename(path)
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        draft.unlink(missing_ok=True)
