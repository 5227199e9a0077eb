"""Recognise journey steps in event tables.

A rule says which events are a step: alternatives, each a conjunction of conditions on columns. Rules are not
run row by row. Each condition is evaluated once per distinct value of its column; distinct values that no
condition tells apart fall together into one signature; the rules are then evaluated once per combination of
signatures that occurs, and rows only look their answer up.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MAX_RULES = 64
"""One bit of a uint64 for each rule."""

ATTRIBUTES = "data"
"""The column of JSON objects; `data.x` names the attribute x in it, `data.x.y` the attribute y of the object
x."""

_MAX_TABLE = 1 << 22
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Condition:
    """One test of one column.

    `in`: equals one of the values. A number among the values is compared as a number (64-bit float), also
    with text that is written as a decimal number; a string is compared as text, letter for letter, but as a
    number with a column of numbers. `glob`: matches one of the patterns (`*`, `?`, `[a-z]`; case counts;
    columns of numbers are refused). `missing`: null, or not a number; empty text is not missing. `present`:
    the opposite. `at_least` and `below`: compare with the one value, as numbers; what is missing or not a
    number is neither. Raises ValueError when test and values do not fit.
    """

    column: str
    test: Literal["in", "glob", "missing", "present", "at_least", "below"]
    values: tuple[str | float, ...] = ()

    def __post_init__(self) -> None:
        problem = _problem_of(self.test, self.values)
        if not self.column:
            problem = "it names no column"
        if problem:
            raise ValueError(f"Condition '{self.test}' on column '{self.column}': {problem}.")


@dataclass(frozen=True)
class Rule:
    """Alternatives of conjunctions: the rule holds where every condition of at least one alternative
    holds."""

    any_of: tuple[tuple[Condition, ...], ...]

    def __post_init__(self) -> None:
        if not self.any_of or not all(self.any_of):
            raise ValueError(
                "A rule needs at least one alternative, and each alternative at least one condition."
            )

    def conditions(self) -> Iterator[Condition]:
        for alternative in self.any_of:
            yield from alternative


@dataclass(frozen=True)
class Recognised:
    """`codes` uint16[n]: a row's index into `masks`. `masks` uint64[k]: bit i is set where rule i holds; 0 is
    a row that no rule recognises. Masks are distinct and ascend."""

    codes: npt.NDArray[np.uint16]
    masks: npt.NDArray[np.uint64]

    def holds(self, rule: int) -> Bits:
        """Rows (bool[n]) on which the rule of that place holds."""
        bit = np.uint64(1) << np.uint64(rule)
        holds: Bits = ((self.masks & bit) != 0)[self.codes]
        return holds


def columns_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The table's columns that the rules need, in order of first use; attributes stand for the column
    `data`."""
    named = (condition.column for rule in rules for condition in rule.conditions())
    return tuple(dict.fromkeys(ATTRIBUTES if _is_attribute(column) else column for column in named))


def attributes_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The attributes of `data` that the rules use, as they name them (`data.x`), in order of first use."""
    named = (condition.column for rule in rules for condition in rule.conditions())
    return tuple(dict.fromkeys(column for column in named if _is_attribute(column)))


def promote(table: pa.Table, attributes: Sequence[str]) -> pa.Table:
    """The table with a text column for each attribute (`data.x`) that it does not have yet.

    Numbers and true/false become their JSON text, objects and lists their JSON. A key that itself holds the
    dots goes before nested objects. Null where `data` is null, is not valid JSON, or has no such attribute.
    Raises ValueError when the table has no column `data`.
    """
    wanted = [attribute for attribute in attributes if attribute not in table.column_names]
    if not wanted:
        return table
    raw = _column(table, ATTRIBUTES)
    if pa.types.is_dictionary(raw.type) or not pa.types.is_string(raw.type):
        raw = raw.cast(pa.string())
    keys = [attribute[len(ATTRIBUTES) + 1 :] for attribute in wanted]
    pointers = [pointer for key in keys for pointer in (_pointer(key), _pointer(*key.split(".")))]
    picks = ", ".join(f"coalesce(found[{2 * i + 1}], found[{2 * i + 2}]) AS c{i}" for i in range(len(keys)))
    quoted = ", ".join("'" + pointer.replace("'", "''") + "'" for pointer in pointers)
    with duckdb.connect() as connection:
        connection.register("events", pa.table({"body": raw}))
        promoted = connection.sql(
            f"SELECT {picks} FROM (SELECT try(json_extract_string(body, [{quoted}])) AS found FROM events)"  # noqa: S608 - quoted above
        ).to_arrow_table()
    for i, attribute in enumerate(wanted):
        table = table.append_column(attribute, promoted.column(i))
    return table


def recognise(table: pa.Table, rules: Sequence[Rule]) -> Recognised:
    """Which rules hold on each row of the table.

    Columns may be chunked, dictionary-encoded or null; they hold text, numbers or true/false (compared as the
    text `true` and `false`). Raises ValueError for more than 64 rules, a column that the table lacks, a
    column of another type, and more than 65,536 different sets of rules that hold together.
    """
    if len(rules) > MAX_RULES:
        raise ValueError(f"At most {MAX_RULES} rules are recognised at once; {len(rules)} were given.")
    table = promote(table, attributes_of(rules))
    conditions = list(dict.fromkeys(condition for rule in rules for condition in rule.conditions()))
    code = np.zeros(table.num_rows, np.int64)
    combinations = np.zeros((min(1, table.num_rows), 0), np.bool_)
    order: list[Condition] = []
    for column in dict.fromkeys(condition.column for condition in conditions):
        asked = [condition for condition in conditions if condition.column == column]
        order += asked
        signature, answers = _signatures(_column(table, column), asked)
        size = max(1, len(answers))
        code, occurring = _dense(code * size + signature, len(combinations) * size)
        combinations = np.hstack([combinations[occurring // size], answers[occurring % size]])
    held = _masks(
        rules, {condition: combinations[:, i] for i, condition in enumerate(order)}, len(combinations)
    )
    masks, place = np.unique(held, return_inverse=True)
    if len(masks) > 1 << 16:
        raise ValueError(f"{len(masks)} different sets of rules hold together; at most 65,536 can be stored.")
    return Recognised(place.astype(np.uint16)[code], masks)


def _masks(rules: Sequence[Rule], answers: dict[Condition, Bits], size: int) -> npt.NDArray[np.uint64]:
    masks = np.zeros(size, np.uint64)
    for i, rule in enumerate(rules):
        holds = np.zeros(size, np.bool_)
        for alternative in rule.any_of:
            holds |= np.logical_and.reduce([answers[condition] for condition in alternative])
        masks |= holds.astype(np.uint64) << np.uint64(i)
    return masks


def _signatures(column: pa.ChunkedArray, conditions: Sequence[Condition]) -> tuple[Ints, Bits]:
    """A signature per row, int64[n]; per signature what each condition answers, bool[s, c]."""
    codes, values = _encoded(column)
    place, known = np.zeros(len(values) + 1, np.int64), np.zeros((1, 0), np.bool_)
    for condition in conditions:
        place, occurring = _dense(place * 2 + _answers(values, condition), 2 * len(known))
        known = np.hstack([known[occurring // 2], (occurring % 2 == 1)[:, np.newaxis]])
    return (place[:-1] if codes is None else place[codes]), known


def _encoded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32] | None, pa.Array]:
    """Dictionary codes (int32[n]; null has the code just beyond the others) and the distinct values.

    Numbers stay as they are, with None for codes: to compare them is faster than to look for equal ones.
    """
    by_dictionary = pa.types.is_dictionary(column.type)
    if not by_dictionary and not pa.types.is_string(column.type):
        return None, column
    encoded = (column if by_dictionary else column.dictionary_encode()).unify_dictionaries()
    if encoded.num_chunks == 0:
        return np.zeros(0, np.int32), pa.array([], pa.string())
    values = encoded.chunk(0).dictionary
    codes = [chunk.indices.fill_null(len(values)).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    return np.concatenate(codes), values


def _dense(code: Ints, bound: int) -> tuple[Ints, Ints]:
    """Codes in [0, bound) renumbered without gaps, and the codes that occur, in that numbering."""
    if bound <= _MAX_TABLE:
        seen = np.zeros(bound, np.bool_)
        seen[code] = True
        return (np.cumsum(seen) - 1)[code], np.flatnonzero(seen)
    encoded = pa.array(code).dictionary_encode()
    return (
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        encoded.dictionary.to_numpy(zero_copy_only=False),
    )


def _answers(values: pa.Array, condition: Condition) -> Bits:
    """What the condition answers for each distinct value, and last for null (bool[values + 1])."""
    numbers: npt.NDArray[np.float64] | None = None
    if not pa.types.is_string(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
    absent = np.append(np.zeros(len(values), np.bool_) if numbers is None else np.isnan(numbers), True)
    if condition.test == "missing":
        return absent
    if condition.test == "present":
        return ~absent
    if condition.test in ("at_least", "below"):
        if numbers is None:
            numbers = np.array([_number(text) for text in values.to_pylist()], np.float64)
        limit = float(condition.values[0])
        holds = numbers >= limit if condition.test == "at_least" else numbers < limit
    elif condition.test == "glob":
        if numbers is not None:
            raise ValueError(
                f"Column '{condition.column}' holds numbers; 'glob' compares text. Use 'in' or 'at_least'."
            )
        matches = re.compile(
            "|".join(f"(?:{fnmatch.translate(str(value))})" for value in condition.values)
        ).match
        holds = np.array([matches(text) is not None for text in values.to_pylist()], np.bool_)
    else:
        holds = _is_one_of(values, numbers, condition.values)
    return np.append(holds, False)


def _is_one_of(
    values: pa.Array, numbers: npt.NDArray[np.float64] | None, wanted: tuple[str | float, ...]
) -> Bits:
    if numbers is not None:
        return np.isin(
            numbers, [_number(value) if isinstance(value, str) else float(value) for value in wanted]
        )
    texts = [value for value in wanted if isinstance(value, str)]
    holds: Bits = pc.is_in(values, value_set=pa.array(texts, values.type)).to_numpy(zero_copy_only=False)
    amounts = [float(value) for value in wanted if not isinstance(value, str)]
    if amounts:
        holds = holds | np.isin(np.array([_number(text) for text in values.to_pylist()], np.float64), amounts)
    return holds


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    """The column as text (true/false too; by dictionary where it comes so) or as numbers. Raises ValueError
    if it is missing or neither."""
    if name not in table.column_names:
        raise ValueError(
            f"A rule uses column '{name}'; the table has {', '.join(table.column_names) or 'none'}."
        )
    column = table.column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if kind == pa.string() and column.type == pa.dictionary(pa.int32(), kind) and not _null_within(column):
        return column
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column.cast(kind)
    if pa.types.is_decimal(kind):
        return column.cast(kind).cast(pa.float64())
    if kind in (pa.string(), pa.large_string(), pa.string_view(), pa.bool_(), pa.null()):
        return column.cast(kind).cast(pa.string())
    raise ValueError(f"Column '{name}' holds {kind}; a rule compares text, numbers or true/false.")


def _null_within(column: pa.ChunkedArray) -> bool:
    """Whether a dictionary itself holds null, which is no code of its own then."""
    return any(chunk.dictionary.null_count for chunk in column.chunks)


def _number(text: str) -> float:
    """The value of a decimal number, nan for other text."""
    return float(text) if _DECIMAL.fullmatch(text) else math.nan


def _is_attribute(column: str) -> bool:
    return column.startswith(ATTRIBUTES + ".")


def _pointer(*keys: str) -> str:
    """JSON Pointer (RFC 6901) to nested keys."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _problem_of(test: str, values: tuple[Any, ...]) -> str | None:
    numbers = [value for value in values if _is_number(value)]
    texts = [value for value in values if isinstance(value, str)]
    if test in ("missing", "present"):
        return "it takes no values" if values else None
    if test in ("at_least", "below"):
        return None if len(values) == len(numbers) == 1 else "it takes exactly one number"
    if test == "glob":
        return (
            None if values and len(texts) == len(values) else "it takes one or more patterns, each a string"
        )
    if test == "in":
        return (
            None
            if values and len(texts) + len(numbers) == len(values)
            else "it takes one or more strings or numbers"
        )
    return "no such test; use in, glob, missing, present, at_least or below"
