"""Did it work: planted effects are measured, luck is not taken for one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.placebo import When, measure

BEFORE, LED, AFTER = 40, 6, 16
WHEN = When(BEFORE, BEFORE + LED)
WEEKS = BEFORE + LED + AFTER


def company(seed: int, *, topics: int = 30, effect: float = 1.0, common: float = 1.0, noise: float = 8.0):
    """Weekly tickets of topics, with luck from week to week; the first one moved."""
    draws = np.random.default_rng(seed)
    mean = np.exp(draws.uniform(2, 4, topics))[:, None] * draws.gamma(noise, 1 / noise, (topics, WEEKS))
    mean[:, WHEN.moved :] *= common
    mean[0, WHEN.moved :] *= effect
    return draws.poisson(mean)


def test_a_planted_effect_lies_in_its_interval():
    held = []
    for seed in range(60):
        found = measure(company(seed, effect=0.6, common=1.3), 1, 0, WHEN)
        held.append(found.low <= -0.4 <= found.high)
    assert np.mean(held) >= 0.88


def test_without_an_effect_one_is_seldom_shown():
    shown = [measure(company(seed, common=0.7), 1, 0, WHEN).verdict != "not shown" for seed in range(100)]
    assert np.mean(shown) <= 0.1


def test_a_large_effect_is_shown():
    found = measure(company(1, effect=0.3), 1, 0, WHEN)
    assert found.verdict == "fewer"
    assert found.p <= 1 / 20


def test_the_worst_topic_of_a_bad_month_did_not_get_better_by_being_chosen():
    """The trap: whichever of many topics was worst just before is chosen, and nothing is done."""
    shown = []
    for seed in range(60):
        counts = company(seed, topics=40, noise=3.0)
        recent, usual = counts[:, BEFORE : WHEN.moved].mean(axis=1), counts[:, :BEFORE].mean(axis=1)
        chosen = int(np.argmax(recent / usual))
        shown.append(measure(counts, 1, chosen, WHEN).verdict == "fewer")
    assert np.mean(shown) <= 0.1


@pytest.mark.parametrize(
    ("topics", "when", "lack"),
    [
        (19, WHEN, "comparison topics"),
        (30, When(25, 46), "weeks before"),
        (30, When(40, WEEKS - 7), "weeks after"),
    ],
)
def test_too_little_data_is_an_answer(topics, when, lack):
    found = measure(company(1, topics=topics), 1, 0, when)
    assert (found.verdict, found.lacking) == ("too little data", lack)
    assert np.isnan(found.change)


def test_a_topic_with_hardly_any_ticket_cannot_tell():
    counts = company(1)
    counts[0] = 0
    assert measure(counts, 1, 0, WHEN).lacking == "tickets"


def test_shares_are_compared_among_their_tickets():
    tickets = company(4) + 20
    handed = np.random.default_rng(1).binomial(tickets, 0.4)
    handed[0, WHEN.moved :] = np.random.default_rng(2).binomial(tickets[0, WHEN.moved :], 0.1)
    found = measure(handed, tickets, 0, WHEN)
    assert found.verdict == "fewer"
    assert found.low <= -0.75 <= found.high


def test_a_move_before_its_reasons_is_refused():
    with pytest.raises(ValueError, match="before the move"):
        When(10, 9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.permutations(range(1, 25)))
def test_the_order_of_comparison_topics_does_not_matter(seed, order):
    counts = company(seed, topics=25)
    assert measure(counts, 1, 0, WHEN) == measure(counts[[0, *order]], 1, 0, WHEN)
