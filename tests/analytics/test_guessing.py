"""Guesses of what is missing, and how often they are right."""

from __future__ import annotations

import numpy as np
import pytest

from towpath.analytics.guessing import (
    FEWEST,
    LEAST_SURE,
    MOST_SURE,
    guess,
    identifiers_in,
    named_in,
    row_of,
)

ROWS = 6_000


def planted(sure: dict[str, float], *, seed: int = 3) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Rows of some topics, of which each names its own value with a planted share, else another; a third
    says nothing. Rows, values told, and all values."""
    draws = np.random.default_rng(seed)
    topics = list(sure)
    of = draws.integers(0, len(topics), ROWS)
    own = draws.random(ROWS) < np.array([sure[topic] for topic in topics])[of]
    values = np.where(own, of, (of + 1 + draws.integers(0, len(topics) - 1, ROWS)) % len(topics))
    rows = [row_of(f"about {topics[topic]}", [f"topic={topics[topic]}", "team=front"]) for topic in of]
    told = np.where(draws.random(ROWS) < 1 / 3, -1, values)
    return rows, told, values


def keys(count: int) -> list[str]:
    return [f"T{nth}" for nth in range(count)]


def test_what_is_said_is_what_was_planted() -> None:
    sure = {"bill": 0.95, "login": 0.8, "meter": 0.6, "moving": 0.35}
    rows, told, values = planted(sure)
    found = guess(rows, told, keys(ROWS))
    for topic, share in sure.items():
        asked = np.array([f"topic={topic}" in row for row in rows]) & (told < 0)
        if share < LEAST_SURE:
            assert (found.value[asked] < 0).mean() > 0.9
            continue
        said = float(np.nanmean(found.share[asked]))
        assert said == pytest.approx(share, abs=0.1)  # three standard errors
        assert (found.value[asked] == values[asked]).mean() == pytest.approx(said, abs=0.1)


def test_what_held_out_rows_show_is_counted() -> None:
    rows, told, _values = planted({"bill": 0.95, "login": 0.8, "meter": 0.6})
    found = guess(rows, told, keys(ROWS))
    assert (found.refused, found.said) == ("", int((told >= 0).sum()))
    assert found.held_out == pytest.approx(found.said / 5, rel=0.1)
    assert sum(each.rows for each in found.reliability) == pytest.approx(found.covered * found.held_out)
    for each in found.reliability:
        assert each.low <= each.right / each.rows <= each.high
        assert each.least <= each.said <= min(each.most, MOST_SURE)


def test_noise_is_not_taken_for_knowledge() -> None:
    draws = np.random.default_rng(1)
    rows = [row_of("same words for all", ["topic=a", "team=b"]) for _nth in range(ROWS)]
    values = np.where(draws.random(ROWS) < 0.3, -1, draws.integers(0, 5, ROWS))
    assert (guess(rows, values, keys(ROWS)).value < 0).all()


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ([0, 1] * (FEWEST // 2 - 1), "few"),
        ([0] * FEWEST * 2, "alike"),
        (list(range(FEWEST * 2)), "few"),
        ([], "few"),
    ],
)
def test_too_little_is_refused(values: list[int], refused: str) -> None:
    rows = [row_of("a text", ["topic=x"])] * (len(values) + 3)
    found = guess(rows, np.array([*values, -1, -1, -1], np.int64), keys(len(rows)))
    assert (found.refused, set(found.value.tolist()), np.isnan(found.share).all()) == (refused, {-1}, True)


def test_the_order_of_rows_changes_nothing() -> None:
    rows, told, _values = planted({"bill": 0.95, "login": 0.8})
    found, order = guess(rows, told, keys(ROWS)), np.random.default_rng(2).permutation(ROWS)
    again = guess([rows[at] for at in order], told[order], [keys(ROWS)[at] for at in order])
    np.testing.assert_array_equal(again.value, found.value[order])


def test_a_text_names_what_it_holds_as_whole_words() -> None:
    texts = [
        "Ledger is down", "the ledgers", "LEDGER and payment hub", "payment  hub times out", "", "db1 fails",
    ]  # fmt: skip
    found = named_in(texts, ["ledger", "payment hub", "db1"], np.array([0, -1, 0, 0, -1, -1]))
    assert found.value.tolist() == [0, -1, -1, 1, -1, -1]
    assert (found.rows, found.right, found.share) == (2, 1, None)


def test_an_identifier_in_a_text_is_its_owners() -> None:
    names = [
        "mail:anna@post.example",
        "caller:Bert",
        "name:name-abcdefghijklmnop",
        "account:100200",
        "x:100200",
    ]
    texts = [
        "write to Anna@post.example.", "Bert called", "(name-abcdefghijklmnop) called", "100200 again",
        "account:100200", "anna@post.example and name-abcdefghijklmnop", "banna@post.example",
    ]  # fmt: skip
    found = identifiers_in(texts, names, np.full(len(texts), -1))
    assert found.value.tolist() == [0, -1, 2, -1, 3, -1, -1]
