"""Files of other tools, read as JSON or YAML with limits, and what every reader of them needs."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from towpath.estate.advisories.refusing import AdvisoriesRefused
from towpath.estate.advisories.yaml_text import load_yaml_documents
from towpath.estate.sources.report import ReportRefused

MOST_BYTES = 64 << 20
LONGEST = 300
Told = Mapping[str, Any]


def text_of(path: Path) -> str:
    """What the file holds. Raises ReportRefused for what is too large or no UTF-8."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReportRefused(path.name, "It holds more than 64 MB.", "Split it into several files.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"It is not in UTF-8 (byte {error.start:,})."
        raise ReportRefused(path.name, what, "Export it again in UTF-8.") from error
    except OSError as error:
        what = f"It cannot be opened ({error.strerror})."
        raise ReportRefused(path.name, what, "Check its name and who may read it.") from error


def json_of(path: Path) -> Any:
    """The value of a JSON file. Raises ReportRefused with the line."""
    try:
        return json.loads(text_of(path))
    except json.JSONDecodeError as error:
        raise ReportRefused(
            path.name, f"It is no JSON: {error.msg}.", "Export it again.", error.lineno
        ) from error
    except RecursionError as error:
        raise ReportRefused(path.name, "It is nested too deep.", "Export it again.") from error


def yaml_of(path: Path) -> list[Any]:
    """The documents of a YAML file, `---` between them. Raises ReportRefused, also for a part that stands for
    another one: small files can fill the memory so."""
    try:
        return load_yaml_documents(path.name, text_of(path))
    except AdvisoriesRefused as error:
        raise ReportRefused(path.name, str(error), "Write it out without aliases.") from error


def part(told: object, *names: str) -> Any:
    """What lies under these names, one within the other; None where anything is missing."""
    for name in names:
        if not isinstance(told, Mapping):
            return None
        told = told.get(name)
    return told


def text(told: object, *names: str) -> str:
    """The same as text, at most LONGEST characters; empty for none, and for what is no text or number."""
    found = part(told, *names)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).strip()[:LONGEST]


def mappings(told: object) -> Iterator[Told]:
    """The objects of a list; what else stands in it is left out."""
    if isinstance(told, list):
        yield from (each for each in told if isinstance(each, Mapping))


def address(written: str) -> str:
    """An address without its mask; empty for none, and for those that every machine has."""
    try:
        found = ipaddress.ip_address(written.partition("/")[0].partition("%")[0].strip())
    except ValueError:
        return ""
    return "" if found.is_loopback or found.is_link_local or found.is_unspecified else str(found)
