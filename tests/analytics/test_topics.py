"""Topics found in texts: three plain intents in three languages, and what must hold for any texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.topics import NONE, plain, topics_of

SAID = {
    "password": ("I forgot my password", "reset the password please", "password reset does not work"),
    "rechnung": ("Wo bleibt meine Rechnung", "die Rechnung fehlt noch", "Rechnung ist nicht angekommen"),
    "发票": ("打印机坏了不能打印", "打印机没有纸了", "办公室打印机不能打印"),
}
TEXTS = [
    f"{text} {'abcdefghijklmnop'[place]}{place}"
    for texts in SAID.values()
    for text in texts
    for place in range(8)
]
TRUTH = np.repeat(np.arange(3), 24)


def test_intents_in_several_languages_are_told_apart():
    found = topics_of(TEXTS)
    purest = sum(np.bincount(TRUTH[found.codes == topic]).max() for topic in range(len(found.labels)))
    assert purest / np.count_nonzero(found.codes >= 0) == 1
    assert found.covered > 0.9
    assert any("password" in label for label in found.labels)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(TEXTS))))
def test_the_order_of_tickets_changes_no_topic(order):
    straight, other = topics_of(TEXTS), topics_of([TEXTS[place] for place in order])
    assert straight.labels == other.labels
    assert np.array_equal(straight.codes[list(order)], other.codes)


def test_identical_texts_have_the_same_topic_and_empty_ones_none():
    found = topics_of([*TEXTS, TEXTS[0].upper(), f"  {TEXTS[0]} ", "", "   "])
    assert found.codes[-4] == found.codes[-3] == found.codes[0]
    assert found.codes[-2:].tolist() == [NONE, NONE]


@pytest.mark.parametrize("texts", [[], [""], ["alone"] * 500])
def test_too_few_different_texts_have_no_topics(texts):
    found = topics_of(texts)
    assert (found.labels, found.covered, (found.codes == NONE).all()) == ((), 0.0, True)


def test_numbers_and_case_make_no_other_text():
    assert plain("Order 4711\n IS late") == plain("order 12 is  late")
