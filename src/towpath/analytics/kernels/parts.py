# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""How the parts of an analysis come together, and who rests on ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from towpath.analytics.kernels.blocks import cuts, in_threads
from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt16, UInt64, kernel, read_only
from towpath.analytics.sequences import Sequences

FEW = 16
"""Ties for fewer than one in so many entities: those that have one are looked up."""

Spec = TypeVar("Spec")
Columns = TypeVar("Columns")


def one_spec(specs: Sequence[Spec]) -> Spec:
    """The specification that all parts share. Raises ValueError without parts, or where two differ."""
    if not specs:
        raise ValueError("There is nothing to merge: give at least one partial.")
    if any(spec != specs[0] for spec in specs):
        raise ValueError("These partials answer different questions: their specifications differ.")
    return specs[0]


def concatenated(parts: Sequence[Columns]) -> Columns:
    """One dataclass of arrays from several, column by column; unknown (None) in one part is unknown."""
    columns: dict[str, Any] = {}
    for field in fields(parts[0]):  # type: ignore[arg-type]
        values = [getattr(part, field.name) for part in parts]
        columns[field.name] = None if any(value is None for value in values) else np.concatenate(values)
    return type(parts[0])(**columns)


def sum_known(counts: Sequence[int | None]) -> int | None:
    """Their sum, or None if one of them is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def kinds_of(name_of: Int8) -> UInt64:
    """For `tied_entities`: the activity that names an event of each code."""
    return (name_of.astype(np.int64) + 1).astype(np.uint64)


def tied_entities(sequences: Sequences, kinds: UInt64) -> Bool | None:
    """bool[entities]: whether events of different kinds have no order but by tie; None = not known.

    `kinds` is uint64[codes]: what the analysis takes an event for, 0 = it does not look at it.
    """
    if sequences.tie is None:
        return None
    tie, kinds, starts = sequences.tie, read_only(kinds, np.uint64), sequences.starts
    if not tie.any():
        return np.zeros(starts.size - 1, np.bool_)
    tied = np.zeros(starts.size - 1, np.bool_)
    entities, places = np.arange(starts.size - 1), np.flatnonzero(tie)
    if places.size * FEW < starts.size:
        entities = np.unique(np.searchsorted(starts, places, "right") - 1)

    def one_block(cut: tuple[int, int]) -> None:
        _tied(entities[slice(*cut)], starts, tie, sequences.code, kinds, tied)

    in_threads(one_block, cuts(entities.size))
    return tied


@kernel
def _tied(entities: Int64, starts: Int64, tie: Bool, code: UInt16, kinds: UInt64, out: Bool) -> None:
    for entity in entities:
        seen = np.uint64(0)
        for i in range(starts[entity], starts[entity + 1]):
            if not tie[i] or i == starts[entity]:
                seen = np.uint64(0)
            kind = kinds[code[i]]
            if kind == 0:
                continue
            if seen == 0:
                seen = kind
            elif seen != kind:
                out[entity] = True
                break
