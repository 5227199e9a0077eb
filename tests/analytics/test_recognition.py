"""Recognition agrees with evaluating every rule on every row, however the table lies in memory."""

from __future__ import annotations

import fnmatch
import json
import math
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.recognition import (
    Condition,
    Rule,
    attributes_of,
    columns_of,
    promote,
    recognise,
)

DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def number(cell: Any) -> float | None:
    if isinstance(cell, str):
        return float(cell) if DECIMAL.fullmatch(cell) else None
    return None if cell is None else float(cell)


def equal(cell: Any, value: str | float) -> bool:
    if isinstance(cell, str) and isinstance(value, str):
        return cell == value
    left, right = number(cell), number(value)
    return left is not None and left == right


def condition_holds(cell: Any, condition: Condition) -> bool:
    missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
    if condition.test in ("missing", "present"):
        return missing == (condition.test == "missing")
    if missing:
        return False
    if condition.test == "in":
        return any(equal(cell, value) for value in condition.values)
    if condition.test == "glob":
        return any(fnmatch.fnmatchcase(cell, str(value)) for value in condition.values)
    amount, limit = number(cell), float(condition.values[0])
    return amount is not None and (amount >= limit if condition.test == "at_least" else amount < limit)


def attribute(raw: str | None, key: str) -> str | None:
    """The cell of attribute `key` by the standard library; the values drawn below have one JSON text each."""
    try:
        found = json.loads(raw) if raw is not None else None
    except ValueError:
        return None
    keys = [key] if isinstance(found, dict) and found.get(key) is not None else key.split(".")
    for part in keys:
        found = found.get(part) if isinstance(found, dict) else None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def row_by_row(rows: list[dict[str, Any]], rules: list[Rule]) -> list[int]:
    def cell(row: dict[str, Any], column: str) -> Any:
        return attribute(row["data"], column[5:]) if column.startswith("data.") else row[column]

    return [
        sum(
            1 << i
            for i, rule in enumerate(rules)
            if any(all(condition_holds(cell(row, c.column), c) for c in part) for part in rule.any_of)
        )
        for row in rows
    ]


texts = st.sampled_from(
    ["", "a", "A", "ab", "a*", "[a]", "é", "日本語", "😀", "5", "5.0", " 5", "1_0", "x\ny", "nan"]
)
limits = st.sampled_from([-1.0, 0, 0.5, 5, 5.0, 1e3])
objects = st.dictionaries(
    st.sampled_from(["x", "y", "x.y", "ä ö", "a/b~c", "it's", '"']),
    st.none() | texts | st.integers(-9, 9) | st.booleans() | st.dictionaries(st.just("y"), texts, max_size=1),
    max_size=4,
)
bodies = st.none() | st.sampled_from(["", "{", "no", "[1]", "3"]) | objects.map(json.dumps)
rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.none() | texts,
            "tier": st.none() | texts,
            "latency": st.none() | st.floats(-10, 10, width=32) | st.just(float("nan")) | st.just(5.0),
            "count": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 6),
            "data": bodies,
        }
    ),
    max_size=30,
)
attributes = ["data.x", "data.y", "data.x.y", "data.ä ö", "data.a/b~c", "data.it's", 'data."', "data.none"]
text_columns = st.sampled_from(["type", "tier", *attributes])
patterns = st.sampled_from(["*", "a*", "?", "[aA]", "[!a]*", "*語", "", "x*y", "a[*]", "{*}"])
conditions = st.one_of(
    st.builds(
        Condition, text_columns, st.just("glob"), st.lists(patterns, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(
        Condition,
        text_columns | st.sampled_from(["latency", "count"]),
        st.just("in"),
        st.lists(texts | limits, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Condition,
        text_columns | st.sampled_from(["latency", "count"]),
        st.sampled_from(["at_least", "below"]),
        st.tuples(limits),
    ),
    st.builds(
        Condition,
        text_columns | st.sampled_from(["latency", "count", "data"]),
        st.sampled_from(["missing", "present"]),
    ),
)
rules_of = st.lists(
    st.builds(
        Rule,
        st.lists(st.lists(conditions, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
    ),
    max_size=8,
)
SCHEMA = pa.schema(
    {
        "type": pa.string(),
        "tier": pa.string(),
        "latency": pa.float64(),
        "count": pa.int64(),
        "data": pa.string(),
    }
)


def laid_out(rows: list[dict[str, Any]], layout: str) -> pa.Table:
    table = pa.Table.from_pylist(rows, SCHEMA)
    if layout == "chunked":
        return pa.concat_tables([table.slice(0, 3), table.slice(3, 0), table.slice(3)])
    if layout == "dictionary":
        encode = [(name, table.column(name).dictionary_encode()) for name in table.column_names]
        halves = pa.table(dict(encode))
        return pa.concat_tables([halves.slice(len(rows) // 2), halves.slice(0, len(rows) // 2)])
    if layout == "large":
        kinds = [pa.large_string() if pa.types.is_string(kind) else kind for kind in SCHEMA.types]
        return table.cast(pa.schema(zip(SCHEMA.names, kinds, strict=True)))
    return table


def masks_per_row(table: pa.Table, rules: list[Rule]) -> list[int]:
    recognised = recognise(table, rules)
    assert recognised.codes.dtype == np.uint16
    assert recognised.masks.dtype == np.uint64
    assert len(recognised.codes) == table.num_rows
    assert len(set(recognised.masks.tolist())) == len(recognised.masks)
    return recognised.masks[recognised.codes].tolist()


@settings(max_examples=120, deadline=None)
@given(rows_of, rules_of, st.sampled_from(["plain", "chunked", "dictionary", "large"]))
def test_it_agrees_with_a_row_by_row_evaluation(
    rows: list[dict[str, Any]], rules: list[Rule], layout: str
) -> None:
    table = laid_out(rows, layout)
    if layout == "dictionary":
        rows = table.to_pylist()
    assert masks_per_row(table, rules) == row_by_row(rows, rules)


def test_it_recognises_sixty_four_rules_and_refuses_one_more() -> None:
    names = [f"step {i}" for i in range(64)]
    rules = [Rule(((Condition("type", "in", (name,)),),)) for name in names]
    table = pa.table({"type": [*names, "other", None]})
    assert masks_per_row(table, rules) == [*(1 << i for i in range(64)), 0, 0]
    with pytest.raises(ValueError, match="At most 64 rules"):
        recognise(table, [*rules, rules[0]])


def test_many_columns_with_many_values_do_not_multiply_into_a_large_table() -> None:
    rng = np.random.default_rng(7)
    numbers = {f"c{i}": rng.integers(0, 1000, 5000) for i in range(12)}
    rules = [
        Rule(((Condition(column, "in", tuple(float(v) for v in range(100 * i, 100 * i + 100))),),))
        for column in numbers
        for i in range(5)
    ]
    expected = np.zeros(5000, np.uint64)
    for bit, (column, i) in enumerate((column, i) for column in numbers for i in range(5)):
        expected |= (numbers[column] // 100 == i).astype(np.uint64) << np.uint64(bit)
    assert masks_per_row(pa.table(numbers), rules) == expected.tolist()


def test_an_empty_table_gives_no_codes_with_and_without_chunks() -> None:
    rule = Rule(((Condition("type", "present"), Condition("data.x", "in", ("a",))),))
    schema = pa.schema({"type": pa.string(), "data": pa.string()})
    for table in (schema.empty_table(), pa.Table.from_batches([], schema)):
        assert masks_per_row(table, [rule]) == []


def test_without_rules_every_row_is_unrecognised() -> None:
    assert masks_per_row(pa.table({"type": ["a", None]}), []) == [0, 0]


def test_true_and_false_are_text_and_a_column_of_nulls_is_missing() -> None:
    table = pa.table({"flag": [True, False, None], "none": pa.nulls(3)})
    rules = [Rule(((Condition("flag", "in", ("true",)),),)), Rule(((Condition("none", "missing"),),))]
    assert masks_per_row(table, rules) == [3, 2, 2]


def test_a_promoted_column_goes_before_the_json() -> None:
    table = pa.table({"data": ['{"x": "json"}'], "data.x": ["promoted"]})
    assert promote(table, ["data.x"]) is table
    assert masks_per_row(table, [Rule(((Condition("data.x", "in", ("promoted",)),),))]) == [1]


def test_it_names_the_columns_and_attributes_that_rules_need() -> None:
    rules = [
        Rule(((Condition("data.x", "present"), Condition("type", "present")),)),
        Rule(((Condition("data.y.z", "present"),), (Condition("type", "missing"),))),
    ]
    assert columns_of(rules) == ("data", "type")
    assert attributes_of(rules) == ("data.x", "data.y.z")


def test_holds_gives_the_rows_of_one_rule() -> None:
    rules = [Rule(((Condition("type", "in", (name,)),),)) for name in ("a", "b")]
    recognised = recognise(pa.table({"type": ["b", "a", "c", "b"]}), rules)
    assert recognised.holds(0).tolist() == [False, True, False, False]
    assert recognised.holds(1).tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("column", "test", "values", "says"),
    [
        ("type", "in", (), "one or more strings or numbers"),
        ("type", "in", (True,), "one or more strings or numbers"),
        ("type", "glob", (5.0,), "each a string"),
        ("type", "missing", ("a",), "takes no values"),
        ("type", "below", (), "exactly one number"),
        ("type", "at_least", ("5",), "exactly one number"),
        ("type", "at_least", (float("nan"),), "exactly one number"),
        ("type", "like", ("a",), "no such test"),
        ("", "present", (), "names no column"),
    ],
)
def test_it_refuses_a_condition_that_cannot_be_meant(column: str, test: Any, values: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Condition(column, test, values)


@pytest.mark.parametrize("any_of", [(), ((),), ((Condition("type", "present"),), ())])
def test_it_refuses_a_rule_that_would_match_everything_or_nothing(any_of: Any) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Rule(any_of)


def test_it_says_which_column_cannot_be_used_and_why() -> None:
    table = pa.table({"at": pa.array([0], pa.timestamp("us", "UTC")), "latency": [1.5]})
    with pytest.raises(ValueError, match="column 'type'; the table has at, latency"):
        recognise(table, [Rule(((Condition("type", "present"),),))])
    with pytest.raises(ValueError, match="Column 'at' holds timestamp"):
        recognise(table, [Rule(((Condition("at", "present"),),))])
    with pytest.raises(ValueError, match="'latency' holds numbers; 'glob' compares text"):
        recognise(table, [Rule(((Condition("latency", "glob", ("1*",)),),))])
