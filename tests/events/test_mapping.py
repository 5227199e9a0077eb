from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.events.mapping import CLOUDEVENTS, Mapping, Pick, dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.foundation.operations.documents import DocumentError

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = "source: shop\nformat: csv\nevents:\n  time: at\n  type: what\n"


def error_of(text: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        load_mapping(text, "m.yaml")
    return caught.value


def test_a_text_is_a_column_and_the_rest_has_defaults() -> None:
    mapping = load_mapping(SMALL, "m.yaml")
    assert mapping.events["time"] == (Pick(column="at"),)
    assert (mapping.missing, mapping.times.zone, mapping.times.formats) == (("",), "UTC", ("iso",))
    assert mapping.data == "rest"


def test_scalars_are_taken_as_they_are_written() -> None:
    text = SMALL + "  outcome: {column: state, map: {-100: fault, no: ok, 1.0: null}, otherwise: null}\n"
    (pick,) = load_mapping(text, "m.yaml").events["outcome"]
    assert pick.map == {"-100": "fault", "no": "ok", "1.0": None}
    assert pick.has_otherwise


def test_several_picks_are_kept_in_order() -> None:
    text = SMALL + "  outcome:\n    - {column: a, map: {X: ok}, otherwise: null}\n    - {constant: fault}\n"
    first, second = load_mapping(text, "m.yaml").events["outcome"]
    assert (first.column, second.constant) == ("a", "fault")


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        (SMALL + "  chanel: web\n", 6, 3, "Did you mean `channel`?"),
        (SMALL + "colour: red\n", 6, 1, "`colour` is not known"),
        (SMALL + "  latency_ms: {column: s, unit: fortnights}\n", 6, 33, "one of: ns, us, ms, s, min, h"),
        (SMALL + "  type: again\n", 6, 3, "`type` stands twice here (first on line 5)"),
        (SMALL + "times: {zone: Europe/Amsterdan}\n", 6, 15, "Did you mean `Europe/Amsterdam`?"),
        (SMALL + "times: {formats: ['%d/%m %H']}\n", 6, 19, "needs a year"),
        (SMALL + "times: {formats: ['%Y-%m-%d %Q']}\n", 6, 19, "%Q is not known"),
        (SMALL + "times: {earliest: soon}\n", 6, 19, "1990-01-01"),
        (SMALL + "csv: {encoding: utf-99}\n", 6, 17, "cp1252"),
        (SMALL + "csv: {encoding: hex}\n", 6, 17, "cp1252"),
        (SMALL + "csv: {delimiter: ', '}\n", 6, 18, "one character"),
        (SMALL + "missing: '?'\n", 6, 10, "must be a list"),
        (SMALL + "  channel: {constant: web, column: c}\n", 6, 12, "either a column or a constant"),
        (SMALL + "  value: {column: v, unit: s}\n", 6, 28, "no unit"),
        (SMALL + "  outcome: []\n", 6, 12, "is empty"),
        (SMALL + "  id: {constant: one}\n", 6, 18, "cannot be the same"),
        (SMALL + "data: everything\n", 6, 7, "rest, none"),
        (SMALL + "  identifiers: [{column: m, unit: s}]\n", 6, 35, "no unit"),
        (SMALL + "  identifiers: [{constant: me}]\n", 6, 28, "Name its column"),
        (SMALL + "  identifiers: []\n", 6, 16, "is empty"),
        (SMALL + "  identifiers:\n    - {colum: m}\n", 7, 8, "Did you mean `column`?"),
        (SMALL.replace("shop", "s" * 201), 1, 9, "at most 200"),
        (SMALL.replace("source: shop", "source:"), 1, 8, "`source` is empty"),
        (SMALL.replace("source: shop\n", ""), 1, 1, "`source:` is missing"),
        (SMALL.replace("  time: at\n", ""), 4, 3, "`time:` is missing"),
        (SMALL.replace("  type: what\n", ""), 4, 3, "`type:` is missing"),
        (SMALL.replace("format: csv", "format: xls"), 2, 9, "xes, csv, jsonl, parquet"),
        (SMALL.replace("csv", "xes") + "csv: {delimiter: ;}\n", 6, 6, "the format is xes"),
        ("source: [\n", 2, 1, "not YAML"),
        ("source: a\n\tformat: csv\n", 2, 1, "not YAML"),
        ("a: \x00\n", 1, 4, "not YAML"),
        (SMALL + "---\nsource: b\n", 6, 1, "second document"),
        ("just words\n", 1, 1, "`key: value` pairs"),
        ("", 1, 1, "empty. Begin with `source:`"),
    ],
)
def test_an_error_says_line_column_and_remedy(text: str, line: int, column: int, told: str) -> None:
    error = error_of(text)
    assert (error.name, error.line, error.column) == ("m.yaml", line, column)
    assert told in str(error)
    assert f"m.yaml, line {line}, column {column}:" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1,1]\nb: &y [*x,*x]\nc: [*y,*y]\n",
        "source: !!python/object/apply:os.system [ls]\n",
        "a: " + "[" * 5_000,
        "a: " + "{b: " * 500 + "1" + "}" * 500,
        "source: " + "x" * 300_000,
    ],
)
def test_it_refuses_what_could_fill_a_memory_or_run_code(text: str) -> None:
    assert error_of(text).remedy


@pytest.mark.parametrize("name", ["loan-applications", "servicenow-incidents"])
def test_an_example_survives_being_written_and_read_again(name: str) -> None:
    mapping = load_mapping((EXAMPLES / name / "mapping.yaml").read_text(encoding="utf-8"), name)
    assert load_mapping(dump_mapping(mapping), name) == mapping


def test_the_mapping_of_cloudevents_can_be_written_and_read() -> None:
    assert load_mapping(dump_mapping(CLOUDEVENTS), "cloudevents") == CLOUDEVENTS


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1)
_picks = st.builds(
    Pick,
    column=_texts,
    map=st.none() | st.dictionaries(_texts, st.none() | _texts, max_size=3),
    prefix=st.just("") | _texts,
)


@settings(max_examples=60, deadline=None)
@given(source=_texts, time=_texts, kind=st.lists(_picks, min_size=1, max_size=3), missing=st.lists(_texts))
def test_any_mapping_survives_being_written_and_read(
    source: str, time: str, kind: list[Pick], missing: list[str]
) -> None:
    events = {"time": (Pick(column=time),), "type": tuple(kind)}
    mapping = Mapping(source, "jsonl", events, missing=tuple(missing), data=("a", "b"))
    assert load_mapping(dump_mapping(mapping), "m.yaml") == mapping
