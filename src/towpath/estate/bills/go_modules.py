"""Go's go.mod and go.sum (https://go.dev/ref/mod)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from towpath.estate.advisories.versions import NotComparable, ordered

_LINE = re.compile(r"^\s*(?:require\s+)?([^\s()]+\.[^\s()]+)\s+(v[^\s]+)")
_SUM = re.compile(r"^(\S+) (v\S+) h1:\S+$")
_GO = re.compile(r"^go\s+(\d+)\.(\d+)", re.MULTILINE)
NAMES_ALL_SINCE = (1, 17)
"""From this version on go.mod names all that a build takes, and go.sum also what it only looked at."""


@dataclass(frozen=True)
class Modules:
    """What go.mod requires, `replace` and `exclude` aside: version by module."""

    required: dict[str, str]
    names_all: bool


def read_modules(text: str) -> Modules:
    """go.mod."""
    found, leaving_out = dict[str, str](), False
    for line in text.splitlines():
        if re.match(r"\s*(replace|exclude|retract)\b", line):
            leaving_out = "(" in line
        elif leaving_out:
            leaving_out = ")" not in line
        elif match := _LINE.match(line):
            found[match[1]] = match[2]
    version = _GO.search(text)
    names_all = version is not None and (int(version[1]), int(version[2])) >= NAMES_ALL_SINCE
    return Modules(found, names_all)


def read_sums(text: str) -> dict[str, str]:
    """go.sum: of each module whose content is named (not its go.mod alone) the highest version, which is what
    Go chooses. Raises ValueError, with the line, for one that is none."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _SUM.match(line.strip())
        if match is None:
            raise ValueError(f"line {number:,} is no `module version h1:hash`")
        module, version = match[1], match[2]
        if not version.endswith("/go.mod") and _is_higher(version, found.get(module)):
            found[module] = version
    return found


def _is_higher(version: str, than: str | None) -> bool:
    try:
        return than is None or bool(ordered("Go", than) < ordered("Go", version))
    except NotComparable:
        return False
