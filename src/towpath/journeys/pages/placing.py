"""Where the items of a lane go: under the steps that they stand behind, never one over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from towpath.journeys.schemas.blueprint import BlueprintItem


@dataclass(frozen=True)
class Box:
    """An item over the columns `first` to `last` (0-based, both included), in sub-row `row` of its lane."""

    item: BlueprintItem
    first: int
    last: int
    row: int


def place(items: Sequence[BlueprintItem], steps: Sequence[str]) -> tuple[list[Box], int]:
    """Boxes in the order of the items, and how many sub-rows the lane needs.

    Neighbouring steps share one box; an item behind steps apart from each other stands under each.
    """
    boxes: list[Box] = []
    rows = 0
    for item in items:
        for first, last in _runs(sorted(steps.index(key) for key in item.behind if key in steps)):
            row = next((row for row in range(rows) if _free(boxes, row, first, last)), rows)
            rows = max(rows, row + 1)
            boxes.append(Box(item, first, last, row))
    return boxes, rows


def _free(boxes: Sequence[Box], row: int, first: int, last: int) -> bool:
    return all(box.row != row or box.last < first or last < box.first for box in boxes)


def _runs(columns: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for column in columns:
        if runs and column == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], column)
        else:
            runs.append((column, column))
    return runs
