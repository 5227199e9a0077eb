"""What is done to raw rows before anything else sees them, where a mapping's section asks for it.

A treatment is stable: equal rows become equal rows, whatever stood around them, since a row's identity is
made from what the treatment leaves of it. It sees every row of a file, and every mended row of quarantine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from towpath.events.importers.chunks import Block, Row
from towpath.events.mapping import Mapping as ByMapping


class Treatment(Protocol):
    """For the rows of one file."""

    counted: Counter[str]
    """What was done so far, by kind."""

    def row(self, row: Row) -> Row:
        """What a good row becomes."""

    def broken(self, row: Row) -> Row:
        """What may be kept of a row that could not be split into columns."""


Begin = Callable[[ByMapping], Treatment | None]
"""A treatment for a file read by this mapping; None where it asks for none."""

InWords = Callable[[str, int], str]
"""A kind of what was done, and how often, for people: "3 mail addresses"; nothing for another's kind."""

_begin: dict[str, Begin] = {}
_words: dict[str, InWords] = {}


def add_treatment(name: str, begin: Begin, in_words: InWords) -> None:
    """Make a treatment known; called when the app that has it is ready."""
    _begin[name], _words[name] = begin, in_words


def told(counted: Mapping[str, int]) -> str:
    """What was done to the rows of a file, for people."""
    found = (words(kind, times) for kind, times in sorted(counted.items()) for words in _words.values())
    return ", ".join(filter(None, found))


def treatments(mapping: ByMapping) -> tuple[Treatment, ...]:
    """Those that a mapping asks for, fresh."""
    return tuple(found for begin in _begin.values() if (found := begin(mapping)) is not None)


def treated(blocks: Iterable[Block], asked: tuple[Treatment, ...]) -> Iterator[Block]:
    """The same blocks, their rows as the treatments leave them."""
    for block in blocks:
        for each in asked:
            block.rows = [each.row(row) for row in block.rows]
            block.broken = [(place, reason, each.broken(row)) for place, reason, row in block.broken]
        yield block


def treated_row(row: Row, asked: tuple[Treatment, ...]) -> Row:
    """One row as the treatments leave it."""
    for each in asked:
        row = each.row(row)
    return row
