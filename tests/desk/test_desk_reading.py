"""A desk's reading: what is wrong in it is told with line and column, what is right is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.rules.reading import Reading, Tiers
from towpath.desk.rules.reading_text import digest_of, read_reading, write_reading
from towpath.desk.rules.states import NAMED, class_of
from towpath.foundation.operations.documents import DocumentError


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("state: typ\n", 1, "did you mean type"),
        ("kind: incident\nstates:\n  solved: [Done]\n", 3, "did you mean resolved"),
        ("states:\n  new: [Open]\n  queued:\n    - Open\n", 4, "stands under new already"),
        ("tiers: {}\n", 1, "which column holds the tier"),
        ("tiers: {map: {Desk: 12}}\n", 1, "0 (self-help) to 9"),
        ("tiers: {map: {Desk: one}}\n", 1, "a whole number"),
        ("kind: bug\n", 1, "known are incident"),
        ("times: {zone: Europe/Rom}\n", 1, "no time zone"),
        ("times: {formats: ['%Q']}\n", 1, "is not a time format"),
        ("repeat_days: 0\n", 1, "from 1 to 366"),
        ("topic: [data.a, b]\n", 1, "write data.b"),
        ("nonsense: 1\n", 1, "not known here"),
        ("name: My Desk\n", 1, "small letters"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(DocumentError) as told:
        read_reading(text, "desk.yaml")
    assert told.value.line == line
    assert words in str(told.value)


def test_states_are_taken_as_written() -> None:
    reading = read_reading("desk:\n  states: {working: [-100, 1.0, no]}\n", "desk.yaml")
    assert reading.states == {"working": ("-100", "1.0", "no")}


WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMED), st.lists(WORDS, min_size=1, max_size=3)),
    st.dictionaries(WORDS, st.integers(0, 9), min_size=1, max_size=3),
)
def test_what_is_written_reads_as_it_was(states: dict[str, list[str]], tiers: dict[str, int]) -> None:
    seen: set[str] = set()
    once = {
        name: tuple(word for word in words if not (word in seen or seen.add(word)))  # type: ignore[func-returns-value]
        for name, words in states.items()
    }
    reading = Reading(states=once or None, tiers=Tiers(patterns=tiers), topic=("data.a", "service"))
    read = read_reading(write_reading(reading), "desk.yaml")
    assert digest_of(read) == digest_of(reading)


def test_an_equal_word_goes_before_a_pattern() -> None:
    states = {"waiting": ("Wait*",), "waiting_customer": ("Wait - User",)}
    assert class_of("Wait - User", states) == "waiting_customer"
    assert class_of("wait - other", states) == "waiting"
    assert class_of("Busy", states) == "unknown"


USUAL = {
    "New": "new", "Awaiting User Info": "waiting_customer", "Pending Vendor": "waiting_supplier",
    "On Hold": "waiting", "In Progress": "working", "Resolved": "resolved", "Closed Skipped": "closed",
    "Löst": "resolved", "Pågående": "working", "Cerrado": "closed", "In Bearbeitung": "working",
    "En cours (Attribué)": "working", "已解决": "resolved", "-100": "unknown", "": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(("word", "meant"), USUAL.items())
def test_the_usual_words_of_helpdesks_are_known(word: str, meant: str) -> None:
    assert class_of(word, None) == meant


def test_a_team_without_a_tier_stays_unknown_unless_said_otherwise() -> None:
    assert Tiers(patterns={"* 2nd": 2}).of_team("V5") is None
    assert Tiers(patterns={"* 2nd": 2}, otherwise=1).of_team("V5") == 1
    assert Tiers(map={"V5": 3}, patterns={"V*": 2}).of_team("V5") == 3
    assert [Tiers.of_text(text) for text in ("2", "Tier 3", "L1", "first", "12")] == [2, 3, 1, None, None]
