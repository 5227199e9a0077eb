"""The priority matrix: monotone in impact and urgency, and an error that says which cell is not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.rules.priority import PriorityMatrix, problems

WORDS = ("high", "medium", "low")
LEVELS = ("P1", "P2", "P3", "P4", "P5")
LINES = {"high": ("P1", "P2", "P3"), "medium": ("P2", "P3", "P4"), "low": ("P3", "P4", "P5")}


def matrix(**lines: tuple[str, ...]) -> PriorityMatrix:
    return PriorityMatrix(impacts=WORDS, urgencies=WORDS, priorities=LEVELS, matrix={**LINES, **lines})


def test_it_gives_the_priority_of_each_cell_and_none_for_what_it_does_not_know() -> None:
    asked = [("high", "high"), ("medium", "low"), ("low", "low"), ("huge", "low"), ("high", "soon")]
    assert [matrix().priority(*each) for each in asked] == ["P1", "P4", "P5", "", ""]
    assert list(problems(matrix())) == []


def test_the_error_says_which_cell_is_graver_than_which() -> None:
    found = list(problems(matrix(medium=("P2", "P1", "P4"))))
    assert [path for path, _told in found] == [("matrix", "medium", 1), ("matrix", "medium", 1)]
    assert "impact 'medium' with urgency 'medium' has priority 'P1', graver than 'P2'" in found[0][1]


@given(st.lists(st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3), min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
def test_it_is_right_where_no_cell_is_graver_than_any_that_is_worse_in_both(cells: list[list[str]]) -> None:
    made = matrix(**{impact: tuple(line) for impact, line in zip(WORDS, cells, strict=True)})
    rank = LEVELS.index
    places = [(row, column) for row in range(3) for column in range(3)]
    monotone = all(
        rank(cells[row][column]) <= rank(cells[under][right])
        for row, column in places
        for under, right in places
        if row <= under and column <= right
    )
    assert (list(problems(made)) == []) == monotone


def test_it_refuses_lines_and_words_that_do_not_fit() -> None:
    told = [text for _path, text in problems(matrix(low=("P3", "P9"), huge=LINES["low"]))]
    assert told == [
        "2 priorities stand here for 3 urgencies; give one for each",
        "'P9' is no priority; known are P1, P2, P3, P4, P5",
        "'huge' is no impact; known are high, medium, low",
    ]
    empty = PriorityMatrix(impacts=(), urgencies=("a", "a"), priorities=("P1",), matrix={})
    assert [path for path, _told in problems(empty)] == [("impacts",), ("urgencies",)]
