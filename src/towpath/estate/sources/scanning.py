"""A live look at networks, by nmap. Who calls this has checked that somebody authorised them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from towpath.estate.rules.ranges import Network

LONGEST_S = 6 * 3_600.0
HOST_LONGEST = "15m"


class ScanFailed(RuntimeError):
    """nmap is not there, or ended with an error. The text says what to do."""


def look_at(networks: Iterable[Network], ports: str, report: Path, longest_s: float = LONGEST_S) -> None:
    """Have nmap write its report (XML) to a path: which hosts answer, and which TCP ports are open, by
    connecting as any client does. Raises ScanFailed."""
    program = shutil.which("nmap")
    if program is None:
        raise ScanFailed("nmap is not installed on this machine: apt-get install nmap, or the like.")
    targets = list(networks)
    if len({each.version for each in targets}) > 1:
        raise ScanFailed("One range holds IPv4 and IPv6 networks: authorise a range for each.")
    family = ["-6"] if targets[0].version == 6 else []
    asked = ["-p", ports] if ports else []
    command = [
        program, *family, "-sT", "-T4", "--max-retries", "2", "--host-timeout", HOST_LONGEST, *asked,
        "-oX", str(report), *map(str, targets),
    ]  # fmt: skip
    _run(command, longest_s)


def _run(command: list[str], longest_s: float) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=longest_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ScanFailed(f"nmap did not end within {longest_s:.0f} s: scan smaller ranges.") from error
    except OSError as error:
        raise ScanFailed(f"nmap cannot be started: {error.strerror}.") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ScanFailed(f"nmap ended with an error: {said[-1][:300] if said else done.returncode}")
