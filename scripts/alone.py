"""`alone.py LOCK COMMAND...`: run the command while no other process runs one under the same lock file.

Standard library only, of any Python 3: it runs before anything is set up.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path


def main(path: str, command: list[str]) -> int:
    with Path(path).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.stdout.write("Another process sets this folder up: waiting for it.\n")
            sys.stdout.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
