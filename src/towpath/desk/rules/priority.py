"""Priority from impact and urgency: a matrix that is data, and monotone in both."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

Problem = tuple[tuple[str | int, ...], str]
"""Where in the matrix, and what is wrong there."""


class PriorityMatrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`impacts`, `urgencies`, `priorities`: the words, the gravest first. `matrix`: for each impact the
    priority at each urgency, in the order of `urgencies`."""

    impacts: tuple[str, ...]
    urgencies: tuple[str, ...]
    priorities: tuple[str, ...]
    matrix: dict[str, tuple[str, ...]]

    def priority(self, impact: str, urgency: str) -> str:
        """Empty where the impact or the urgency is not one of the matrix."""
        if urgency not in self.urgencies or impact not in self.matrix:
            return ""
        return self.matrix[impact][self.urgencies.index(urgency)]


def problems(matrix: PriorityMatrix) -> Iterator[Problem]:
    """What keeps a matrix from being used; where its form is wrong, its order is not looked at."""
    wrong = list(_form(matrix))
    yield from wrong or _order(matrix)


def _form(matrix: PriorityMatrix) -> Iterator[Problem]:
    for name in ("impacts", "urgencies", "priorities"):
        words = getattr(matrix, name)
        if not words:
            yield (name,), "name at least one, the gravest first"
        if len(set(words)) < len(words):
            yield (name,), "a word stands twice; keep one of both"
    for impact in matrix.impacts:
        if impact not in matrix.matrix:
            yield ("matrix",), f"impact {impact!r} has no line; give it one"
    for impact, line in matrix.matrix.items():
        if impact not in matrix.impacts:
            yield ("matrix", impact), f"{impact!r} is no impact; known are {', '.join(matrix.impacts)}"
        if len(line) != len(matrix.urgencies):
            yield (
                ("matrix", impact),
                f"{len(line)} priorities stand here for {len(matrix.urgencies)} urgencies; give one for each",
            )
        for place, priority in enumerate(line):
            if priority not in matrix.priorities:
                known = ", ".join(matrix.priorities)
                yield ("matrix", impact, place), f"{priority!r} is no priority; known are {known}"


def _order(matrix: PriorityMatrix) -> Iterator[Problem]:
    """A cell may not be graver than the one beside or above it, whose impact or urgency is graver."""
    rank = {priority: place for place, priority in enumerate(matrix.priorities)}
    lines = [matrix.matrix[impact] for impact in matrix.impacts]
    for row, impact in enumerate(matrix.impacts):
        for column, urgency in enumerate(matrix.urgencies):
            here = lines[row][column]
            graver = [
                (matrix.impacts[row - 1], urgency, lines[row - 1][column]) if row else None,
                (impact, matrix.urgencies[column - 1], lines[row][column - 1]) if column else None,
            ]
            for each in graver:
                if each is not None and rank[here] < rank[each[2]]:
                    yield (
                        ("matrix", impact, column),
                        f"impact {impact!r} with urgency {urgency!r} has priority {here!r}, graver than "
                        f"{each[2]!r} of impact {each[0]!r} with urgency {each[1]!r}: what is worse may "
                        "not wait longer",
                    )
