"""What is read from YAML that a person wrote, where it stands, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.operations.documents import (
    DocumentError,
    Form,
    Items,
    Pairs,
    Place,
    Scalar,
    plain_value,
    read_document,
)

FORM = Form(longest=1_000, deepest=4, begin="Begin with `key:`.")
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def test_every_value_has_its_line_and_column() -> None:
    root = read_document("a: 1\nb:\n  - x\n  - {c: 'y'}\n", "d.yaml", FORM).root
    assert isinstance(root, Pairs)
    assert root.pairs["a"] == Scalar(Place(1, 4), "1", plain=True)
    assert root.keys == {"a": Place(1, 1), "b": Place(2, 1)}
    listed = root.pairs["b"]
    assert isinstance(listed, Items)
    assert listed.items[0] == Scalar(Place(3, 5), "x", plain=True)
    assert listed.items[1].value == {"c": "y"}
    assert listed.items[1].place == Place(4, 5)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("b", 1, "c"), 4, 6),
        (("b", 0), 3, 5),
        (("b", 7), 2, 1),
        (("b", 0, "deeper"), 3, 5),
        (("gone",), 1, 1),
        (("b", "0"), 2, 1),
    ],
)
def test_an_error_stands_at_its_path_or_the_nearest_around_it(
    path: tuple[str | int, ...], line: int, column: int
) -> None:
    document = read_document("a: 1\nb:\n  - x\n  - {c: 'y'}\n", "d.yaml", FORM)
    error = document.error(path, "is wrong.", "Mend it.")
    assert str(error) == f"d.yaml, line {line}, column {column}: is wrong. Mend it."
    assert error.told == "is wrong. Mend it."


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        (BOMB, 1, 4, "Anchors and aliases"),
        ("a: *b\n", 1, 4, "Anchors and aliases"),
        ("&a b: 1\n", 1, 1, "Anchors and aliases"),
        ("- a\n- !!python/object/apply:os.system [ls]\n", 2, 3, "Tags (!)"),
        ("a: !!str b\n", 1, 4, "Tags (!)"),
        ("! a: b\n", 1, 1, "Tags (!)"),
        ("a: 1\nb: {c: 1, c: 2}\n", 2, 11, "`c` stands twice here (first on line 2)"),
        ("? [a]\n: b\n", 1, 3, "A key is not a text"),
        ("a: 1\n---\nb: 2\n", 2, 1, "A second document"),
        ("[[[[1]]]]\n[", 2, 1, "not YAML"),
        ("a:\n [[[[1]]]]\n", 2, 5, "deeper than 4 levels"),
        ("[" * 900, 1, 5, "deeper than 4 levels"),
        ("{a: " * 200, 1, 17, "deeper than 4 levels"),
        ("a" * 1_001, 1, 1, "longer than 1,000"),
        ("a: b\nc: \x07\n", 2, 4, "a character that YAML does not allow"),
        ("a: b\nc: 'd\n", 3, 1, "not YAML"),
        ("", 1, 1, "empty. Begin with `key:`."),
        ("# nothing\n", 1, 1, "empty. Begin with `key:`."),
        ("---\n", 1, 1, "empty. Begin with `key:`."),
    ],
)
def test_it_refuses_with_line_and_column(text: str, line: int, column: int, told: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(text, "d.yaml", FORM)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert told in caught.value.told


def test_what_is_as_deep_and_long_as_allowed_is_read() -> None:
    assert read_document("[[[[1]]]]", "d.yaml", FORM).value == [[[[1]]]]
    assert read_document("a" * 1_000, "d.yaml", FORM).value == "a" * 1_000


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("12:30", "12:30"),
        ("007", "007"),
        ("123456789012345678901", "123456789012345678901"),
        ("-1.5", -1.5),
        ("true", True),
        ("True", "True"),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        ("~", None),
        ("NULL", None),
    ],
)
def test_plain_words_mean_what_people_think(word: str, value: object) -> None:
    found = plain_value(word)
    assert (found, type(found)) == (value, type(value))


def test_quoted_words_are_text() -> None:
    assert read_document("['1', \"true\", '', 1, ]", "d.yaml", FORM).value == ["1", "true", "", 1]


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"]), max_size=20)
_values = st.recursive(
    _texts | st.integers(-(10**17), 10**17) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(value=st.dictionaries(_texts, _values, min_size=1, max_size=4))
def test_json_is_read_as_json(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert read_document(text, "d.yaml", Form(10**6, 30, "")).value == value
