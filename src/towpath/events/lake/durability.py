"""Making what was written outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def sync_path(path: Path) -> None:
    """fsync a file, or a folder (its names)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file: after a kill or power cut either the old or the new content is there, whole."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    sync_path(draft)
    draft.replace(path)
    sync_path(path.parent)
