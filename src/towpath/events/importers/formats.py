"""Formats of files that a higher area reads, beside those of `importers` itself.

    add_format(FileFormat("jira", recognises=..., read=..., propose=...))

is called when that area's app is ready. A mapping may then say `format: jira`, and a file whose beginning is
recognised is proposed to be read so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from towpath.events.importers.chunks import Block, Row
from towpath.events.importers.files import Source
from towpath.events.mapping import BUILT_IN, Mapping

Recognises = Callable[[str], bool]
"""Whether a file is of the format, by its beginning (text without byte order mark, SHOWN characters)."""
Read = Callable[[Source, Mapping, int], Iterator[Block]]
"""Blocks of so many rows; they fall alike each time a file is read. Raises ImportFailed."""
Propose = Callable[[str, Sequence[Row]], tuple[Mapping, tuple[str, ...]]]
"""A mapping for a source of that name, from a file's first rows, and what a person should look at."""
Refine = Callable[[Mapping, Sequence[Row]], tuple[Mapping, tuple[str, ...]] | None]
"""A better mapping than the one proposed for a table, and doubts; None where it has nothing to say."""

SHOWN = 65_536


@dataclass(frozen=True)
class FileFormat:
    """One format, by the name that mappings know it under. `table`: it is written as CSV, with `csv:`."""

    name: str
    recognises: Recognises
    read: Read
    propose: Propose
    table: bool = False


_formats: dict[str, FileFormat] = {}
_refinements: dict[str, Refine] = {}


def add_format(added: FileFormat) -> None:
    """Make a format known, once. Raises ValueError where the name is taken by another."""
    if added.name in BUILT_IN or _formats.setdefault(added.name, added) != added:
        raise ValueError(f"the format {added.name!r} is known already")


def add_refinement(name: str, refine: Refine) -> None:
    """Have somebody look at proposals for tables (CSV, JSON lines, Parquet, XES)."""
    _refinements[name] = refine


def added_formats() -> dict[str, FileFormat]:
    """Those of higher areas, by name."""
    return dict(_formats)


def format_names() -> tuple[str, ...]:
    """All that a mapping may name."""
    return (*BUILT_IN, *_formats)


def table_formats() -> tuple[str, ...]:
    """Those for which a mapping may say how the table is written."""
    return ("csv", *(each.name for each in _formats.values() if each.table))


def recognised(beginning: str) -> str | None:
    """The added format that a file of this beginning is in, if it is in one."""
    return next((each.name for each in _formats.values() if each.recognises(beginning)), None)


def refined(mapping: Mapping, rows: Sequence[Row]) -> tuple[Mapping, tuple[str, ...]]:
    """The mapping as those who know such tables make it better, and their doubts."""
    doubts: tuple[str, ...] = ()
    for refine in _refinements.values():
        if (found := refine(mapping, rows)) is not None:
            mapping, doubts = found[0], (*doubts, *found[1])
    return mapping, doubts
