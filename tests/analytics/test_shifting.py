"""Where work should be done: the saving by hand, the rules at their edges, intervals that hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import shifting
from towpath.analytics.shifting import Assumed, Tickets

shares = st.floats(0, 1)


def topic(count=400, *, seed=1, weeks=52, ways=1, tier=2, variants=1, hours=0.5, spread=0.2, **given_):
    draws = np.random.default_rng(seed)
    columns = {
        "week": draws.integers(0, weeks, count),
        "hours": hours * np.exp(draws.normal(0, spread, count)),
        "tier": np.full(count, tier),
        "way": draws.integers(0, ways, count),
        "variant": draws.integers(0, variants, count),
        "parent": np.full(count, -1),
        "back": np.zeros(count, bool),
        "failure": np.zeros(count, bool),
    }
    return Tickets(**{**columns, **given_})


def level(tickets):
    return shifting.recommend(shifting.evidence_of(tickets))


def test_the_saving_by_hand():
    # 60 % use it; it costs 2, and 20 % of its users come all the same: 0.6 * (22 - (2 + 0.2 * 22)).
    assert shifting.saving(22, Assumed(0.6, 0.8, 0, 2)) == pytest.approx(9.36)
    assert shifting.saving(22, Assumed(0.6, 0.8, 0.1, 2)) == pytest.approx(9.36 - 0.6 * 0.1 * 22)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1000), shares, shares, st.floats(0, 2), st.floats(0, 100))
def test_a_saving_is_never_more_than_what_is_spent_now(now, used, success, induced, new):
    found = shifting.saving(now, Assumed(used, success, induced, new))
    assert found <= now * used * success + 1e-9


def test_narrow_short_and_alike_goes_to_self_service():
    found = level(topic())
    assert (found.level, found.why) == ("self_service", ("short", "alike", "same_way", "narrow"))


def test_what_only_looks_repetitive_stays():
    found = level(topic(ways=61))
    assert (found.level, "many_ways" in found.why) == ("stay", True)


def test_a_broad_topic_is_refused_for_self_service_and_learnt_by_tier_1():
    found = level(topic(variants=12))
    assert (found.level, found.against) == ("tier_1", ("broad",))


@pytest.mark.parametrize(
    ("tickets", "reason"),
    [
        (topic(10), "too_few"),
        (topic(way=np.full(400, -1)), "way_unknown"),
        (topic(hours=80.0), "long"),
        (topic(spread=4.0), "unlike"),
        (topic(back=np.arange(400) % 5 == 0), "comes_back"),
        (topic(variants=9, tier=-1), "tiers_unknown"),
        (topic(hours=float("nan")), "handling_unknown"),
        (topic(tier=0), "already_there"),
    ],
)
def test_what_speaks_against_a_move_is_said(tickets, reason):
    found = level(tickets)
    assert found.level == "stay"
    assert reason in found.why


def test_the_cause_is_removed_first():
    assert level(topic(failure=np.arange(400) % 3 > 0)).level == "remove"


def test_capacity_is_that_of_a_year():
    tickets = topic(520, weeks=26, hours=1.0, spread=0.0)
    found = shifting.freed(tickets, 26, Assumed(1, 1, 0, 0))
    assert found.hours == pytest.approx(520 * shifting.WEEKS_A_YEAR / 26)
    assert found.low < found.hours < found.high
    assert shifting.lateness(found, 6) == pytest.approx(found.hours / 2)


def test_intervals_hold_what_a_year_frees():
    held = []
    for seed in range(80):
        draws = np.random.default_rng(seed)
        tickets = topic(int(draws.poisson(400)), seed=seed, hours=1.0, spread=0.0)
        found = shifting.freed(tickets, 52, Assumed(1, 1, 0, 0))
        held.append(found.low <= 400 * shifting.WEEKS_A_YEAR / 52 <= found.high)
    assert np.mean(held) >= 0.85


def test_tickets_of_one_incident_are_one_witness():
    alone = topic(seed=3)
    together = topic(seed=3, parent=np.arange(400) // 100)
    wide, narrow = (shifting.freed(each, 52, Assumed()) for each in (together, alone))
    assert wide.high - wide.low > narrow.high - narrow.low


def test_choosing_and_estimating_share_no_week():
    odd, even = shifting.halves(topic())
    assert not set(odd.week.tolist()) & set(even.week.tolist())
    assert len(odd.week) + len(even.week) == 400


@settings(max_examples=60, deadline=None)
@given(shares, shares)
def test_moving_more_never_lowers_the_risk(one, other):
    found = shifting.evidence_of(topic(ways=4))
    less, more = sorted([one, other])
    results = [shifting.what_if(share, 1000, 0.5, found, Assumed()) for share in (less, more)]
    assert results[0].failing <= results[1].failing + 1e-9
    assert results[0].share == 0 or results[0].risk <= results[1].risk + 1e-9


def test_shares_that_are_none_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Assumed(used=1.2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        shifting.what_if(1.5, 1, 1, shifting.evidence_of(topic()), Assumed())
    with pytest.raises(ValueError, match="no week"):
        shifting.freed(topic(), 0, Assumed())
