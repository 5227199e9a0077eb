"""A file that is there whole or not at all, and its owner's alone: it is written as a draft, then named."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from towpath.foundation.operations.home import PRIVATE_FILE


class ExportFailed(Exception):
    """An export that was not made. Says where and what to do; the file is as it was before."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what} {remedy}")


@contextmanager
def draft(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """A new empty file beside `target`, which becomes it when the block ends well. Raises ExportFailed where
    `target` exists and is not to be overwritten."""
    if not overwrite and target.exists():
        raise ExportFailed(str(target), "The file exists.", "Choose another name, or say --overwrite.")
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.draft")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        yield path
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        if overwrite:
            path.replace(target)
        else:
            os.link(path, target)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ExportFailed(str(target), f"It cannot be written ({why}).", "Nothing was changed.") from error
    finally:
        path.unlink(missing_ok=True)
