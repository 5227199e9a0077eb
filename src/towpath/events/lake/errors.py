"""What can go wrong with the lake, each in words that say where and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = ("no space left", "disk quota", "file too large", "os error 28", "max_temp_directory_size")


class LakeError(Exception):
    """Any failure of the lake that a person can act on."""


class LakeMissing(LakeError):
    """There is no lake at this place yet."""


class LakeTooNew(LakeError):
    """The lake was written by a newer Towpath than this one."""


class LakeTooOld(LakeError):
    """The lake was written by an older Towpath, and must be upgraded first."""


class LakeBusy(LakeError):
    """Another process is writing the lake."""


class LakeLockLost(LakeBusy):
    """This process did not answer for so long that its lock is another's now; it must not commit."""


class LakeFull(LakeError):
    """The disk filled up; the lake is as it was before."""


class SnapshotGone(LakeError):
    """Files of a pinned version were removed by `Lake.vacuum`."""


def is_full_disk(error: BaseException) -> bool:
    """Whether an error of the system, Arrow, DuckDB or Delta means that nothing more fits on the disk."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    text = str(error).lower()
    return any(words in text for words in _FULL_WORDS)


@contextmanager
def explaining_full_disk(place: str, what_to_do: str) -> Iterator[None]:
    """Turn whatever a library raises on a full disk into `LakeFull`; everything else passes unchanged."""
    try:
        yield
    except LakeError:
        raise
    except Exception as error:
        if not is_full_disk(error):
            raise
        raise LakeFull(f"The disk that holds {place} is full ({error}). {what_to_do}") from error
