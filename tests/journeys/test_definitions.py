"""What a journey's YAML may say, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journey_events import JOURNEY

from towpath.foundation.operations.documents import DocumentError
from towpath.journeys.rules.definition import Definition, Feels, Outcome, Party, Step, Turn
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.rules.matching import MatchError, rule_of
from towpath.journeys.rules.reading import digest_of, read_journey, write_journey

EXAMPLE = Path(__file__).parents[2] / "examples/loan-applications/journey.yaml"

MISTAKES = [
    ("key: order", "key: an order", 1, "is no key"),
    ("follows: case", "follows: person", 3, "person"),
    ("window: 10d", "window: long", 4, "180d"),
    ("window: 10d", "window: 0d", 4, "180d"),
    ("window: 10d", "windows: 10d", 4, "'windows' is not known"),
    ("name: Order", "name: ''", 2, "1 to 120"),
    ("type: pay", "typ: pay", 9, "there is no column 'typ'"),
    ("{type: pay}", "{type: }", 9, "missing: true"),
    ("{type: pay}", "{latency_ms: {over: 5}}", 9, "no test 'over'"),
    ("{type: pay}", "{latency_ms: {below: many}}", 9, "number"),
    ("{type: pay}", "{latency_ms: 'a*'}", 9, "holds numbers"),
    ("key: pay", "key: basket", 9, "already used"),
    ("target: 1s", "target: 1", 9, "expected text"),
    ("then: desk", "then: nobody", 9, "use customer, desk, carrier"),
    ("score: 2", "score: 3", 10, "-2"),
    ("kind: declined", "kind: lost", 12, "lost"),
    ("behind: [pay]", "behind: [paying]", 18, "no step 'paying'"),
    ("department: desk", "department: shop", 17, "no department 'shop'"),
    ("lane: back_stage", "lane: kitchen", 16, "kitchen"),
    ("{key: carrier, name: Carrier}", "{key: desk, name: Carrier}", 6, "already used"),
    ("name: Order", "name: Order\nname: Again", 3, "`name` stands twice here (first on line 2)"),
    ('match: {type: "pick*"}', "# no match", 20, "without a match"),
    ("steps:", "steps: &all", 7, "Anchors"),
    ("follows: case", "follows: !!python/object:os.system case", 3, "Tags"),
    ("follows: case", "follows: [case", 4, "not YAML"),
]


@pytest.mark.parametrize(("good", "bad", "line", "words"), MISTAKES)
def test_a_mistake_is_told_with_its_line(good: str, bad: str, line: int, words: str) -> None:
    assert good in JOURNEY
    with pytest.raises(DocumentError, match=r"order\.yaml, line") as told:
        read_journey(JOURNEY.replace(good, bad), "order.yaml")
    assert (told.value.line, words in told.value.problem) == (line, True), str(told.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list", "just words", "a: 1\n---\nb: 2", "a: \x00"])
def test_what_is_no_journey_at_all_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_journey(text, "order.yaml")


def test_a_bomb_of_nested_lists_is_refused_before_it_unfolds() -> None:
    with pytest.raises(DocumentError, match="nested deeper"):
        read_journey("[" * 5000, "bomb.yaml")
    with pytest.raises(DocumentError, match="longer than"):
        read_journey("a" * 2_000_000, "long.yaml")


def test_more_activities_than_fit_are_refused() -> None:
    steps = "".join(f"  - {{key: s{i}, name: S, match: {{type: t{i}}}}}\n" for i in range(65))
    with pytest.raises(DocumentError, match="at most 64"):
        read_journey(f"key: long\nname: Long\nfollows: case\nwindow: 1d\nsteps:\n{steps}", "long.yaml")


def test_the_example_comes_back_as_it_went() -> None:
    definition = read_journey(EXAMPLE.read_text(encoding="utf-8"), "journey.yaml")
    again = read_journey(write_journey(definition), "exported.yaml")
    assert (again, digest_of(again)) == (definition, digest_of(definition))


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30
).filter(str.strip)
VALUES = st.one_of(
    NAMES, st.integers(-(10**6), 10**6), st.booleans(), st.lists(NAMES, min_size=1, max_size=3)
)
MATCHES = st.dictionaries(st.sampled_from(["type", "channel", "data.x y", "data.a:b"]), VALUES, min_size=1)
STEPS = st.builds(
    Step,
    key=st.just("x"),
    name=NAMES,
    match=MATCHES,
    sees=st.one_of(NAMES, st.sampled_from(["yes", "1e5", "12:30", "two\nlines", " ", "#", "null", "-"])),
    feels=st.none() | st.builds(Feels, score=st.integers(-2, 2), word=NAMES),
    moment_of_truth=st.booleans(),
    then=st.sampled_from(
        ["", "customer", (Turn(whose="a", when={"outcome": "ok"}), Turn(whose="customer"))]
    ).filter(lambda turns: turns != ""),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=4), outcome=MATCHES)
def test_every_definition_survives_export_and_apply(steps: list[Step], outcome: dict[str, Any]) -> None:
    numbered = tuple(msgspec.structs.replace(step, key=f"s{i}") for i, step in enumerate(steps))
    definition = Definition(
        key="any",
        name="Any",
        follows="customer",
        window="1h 30m",
        steps=numbered,
        departments=(Party(key="a", name="A"),),
        outcomes=(Outcome(key="o", name="O", kind="other", match=outcome),),
    )
    assert read_journey(write_journey(definition), "any.yaml") == definition


@pytest.mark.parametrize(
    ("text", "seconds"), [("2s", 2), ("500ms", 0.5), ("1h 30m", 5400), ("1.5d", 129_600), ("2w", 1_209_600)]
)
def test_durations_are_read_as_written(text: str, seconds: float) -> None:
    assert microseconds(text) == seconds * 1e6


@pytest.mark.parametrize("text", ["", "5", "d", "5 days", "-1d", "1d x", "9" * 400 + "d", "0s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        microseconds(text)


def test_alternatives_multiply_and_are_bounded() -> None:
    rule = rule_of(
        {"channel": "web", "any": [{"type": "a"}, {"type": "b", "any": [{"team": "x"}, {"tier": "1"}]}]}
    )
    assert [[c.column for c in alternative] for alternative in rule.any_of] == [
        ["channel", "type"],
        ["channel", "type", "team"],
        ["channel", "type", "tier"],
    ]
    many = {"any": [{"type": str(i)} for i in range(17)]}
    with pytest.raises(MatchError, match="256"):
        rule_of({**many, "type": "x"} | {"any": [many | {"team": "y"}] * 17})


def test_a_pattern_is_one_only_where_it_is_not_quoted_by_is() -> None:
    (glob,), (literal,) = (
        rule_of({"type": ["W_*", "A"]}).any_of[0],
        rule_of({"type": {"is": "W_*"}}).any_of[0],
    )
    assert (glob.test, glob.values) == ("glob", ("W_*", "A"))
    assert (literal.test, literal.values) == ("in", ("W_*",))
