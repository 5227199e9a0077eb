"""Customer-days agree with SQL, add up, and can be added to and taken from."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.days import (
    CustomerDays,
    DayFacts,
    DaysPartial,
    customers_of,
    days_of,
    finish,
    merge,
    partial,
    subtract,
)

Rows = list[tuple[int, int, int]]
rows = st.lists(st.tuples(st.integers(-2, 4), st.integers(19000, 19003), st.integers(-1, 3)), max_size=60)

SQL_BY_CAUSE = """
with seen as (select distinct customer, day, cause from facts where cause >= 0),
     counted as (select *, count(*) over (partition by customer, day) as k from seen)
select cause, day, count(*) as touched, sum(1.0 / k) as share, count(*) filter (where k = 1) as alone
from counted group by all order by cause, day
"""
SQL_BY_DAY = """
select day, count(distinct customer) as active,
       count(distinct customer) filter (where cause >= 0) as ruined
from facts group by day order by day
"""
SQL_CUSTOMERS = "select count(distinct customer) from facts where cause >= 0 group by cause order by cause"


def facts(values: Rows) -> DayFacts:
    table = np.array(values, np.int64).reshape(-1, 3)
    return DayFacts(table[:, 0], table[:, 1].astype(np.int32), table[:, 2].astype(np.int32))


def random_facts(size: int, seed: int) -> DayFacts:
    rng = np.random.default_rng(seed)
    return DayFacts(
        rng.integers(-(2**62), 2**62, 200)[rng.integers(0, 200, size)],
        rng.integers(-5, 25, size).astype(np.int32),
        (rng.integers(0, 9, size) - 1).astype(np.int32),
    )


def columns(part: DaysPartial) -> list[list[int]]:
    return [column.tolist() for column in (part.customer, part.day, part.cause, part.facts)]


def figures(found: CustomerDays) -> list[object]:
    return [np.asarray(value).tolist() for value in vars(found).values()]


@pytest.mark.parametrize(("size", "seed"), [(1, 0), (400, 1), (6000, 2)])
def test_figures_are_those_of_sql(size: int, seed: int) -> None:
    given_facts = random_facts(size, seed)
    found = finish(partial(given_facts))
    with duckdb.connect() as database:
        database.register("facts", pd.DataFrame(vars(given_facts)))
        by_day = database.sql(SQL_BY_DAY).fetchnumpy()
        by_cause = database.sql(SQL_BY_CAUSE).fetchnumpy()
        customers = [row[0] for row in database.sql(SQL_CUSTOMERS).fetchall()]
    assert found.days.tolist() == by_day["day"].tolist()
    assert found.active.tolist() == by_day["active"].tolist()
    assert found.ruined.tolist() == by_day["ruined"].tolist()
    assert found.customers.tolist() == customers
    at = np.searchsorted(found.causes, by_cause["cause"]), np.searchsorted(found.days, by_cause["day"])
    for name in ("touched", "share", "alone"):
        table = getattr(found, name)
        assert table[at] == pytest.approx(by_cause[name].astype(float))
        assert table.sum() == pytest.approx(by_cause[name].astype(float).sum())


def test_a_day_with_two_causes_is_touched_by_both_and_shared_between_them() -> None:
    found = finish(partial(facts([(1, 10, 4), (1, 10, 7), (1, 10, 7), (1, 10, -1), (2, 10, 7), (3, 11, -1)])))
    assert (found.days.tolist(), found.active.tolist(), found.ruined.tolist()) == ([10, 11], [2, 1], [2, 0])
    assert found.causes.tolist() == [4, 7]
    assert found.touched.tolist() == [[1, 0], [2, 0]]
    assert found.share.tolist() == [[0.5, 0], [1.5, 0]]
    assert found.alone.tolist() == [[0, 0], [1, 0]]
    assert found.customers.tolist() == [1, 2]
    assert (found.active_customers, found.ruined_customers) == (3, 2)


@settings(max_examples=150, deadline=None)
@given(rows)
def test_shares_add_up_to_the_ruined_days(values: Rows) -> None:
    found = finish(partial(facts(values)))
    assert found.share.sum(axis=0) == pytest.approx(found.ruined)
    assert np.all(found.alone <= found.share + 1e-12)
    assert np.all(found.share <= found.touched + 1e-12)
    assert np.all(found.ruined <= found.active)
    assert np.all(found.customers <= found.touched.sum(axis=1))


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(0, 60), st.integers(0, 60))
def test_parts_merge_in_any_order_and_grouping(values: Rows, one: int, two: int) -> None:
    low, high = sorted((one, two))
    parts = [partial(facts(cut)) for cut in (values[:low], values[low:high], values[high:])]
    whole = columns(partial(facts(values)))
    assert columns(merge(parts)) == whole
    assert columns(merge(parts[::-1])) == whole
    assert columns(merge([merge(parts[:2]), parts[2]])) == whole


@settings(max_examples=100, deadline=None)
@given(rows, rows)
def test_what_was_added_can_be_taken_away(values: Rows, late: Rows) -> None:
    before, more = partial(facts(values)), partial(facts(late))
    after = subtract(merge([before, more]), more)
    assert columns(after) == columns(before)
    assert figures(finish(after)) == figures(finish(before))


def test_a_day_stays_ruined_until_its_last_fact_is_taken_away() -> None:
    whole = partial(facts([(1, 10, 3), (1, 10, 3), (1, 10, -1)]))
    one = partial(facts([(1, 10, 3)]))
    once = subtract(whole, one)
    assert finish(once).ruined.tolist() == [1]
    assert finish(subtract(once, one)).ruined.tolist() == [0]


def test_it_refuses_to_take_away_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="customer 1 on day 10, cause 4"):
        subtract(partial(facts([(1, 10, 3)])), partial(facts([(1, 10, 4)])))


def test_a_range_of_days_counts_what_lies_inside() -> None:
    given_facts = random_facts(3000, 3)
    inside = (given_facts.day >= 2) & (given_facts.day <= 8)
    cut = DayFacts(*(column[inside] for column in vars(given_facts).values()))
    assert figures(finish(partial(given_facts), 2, 8)) == figures(finish(partial(cut)))


def test_customers_and_days_of_a_cause_can_be_opened() -> None:
    part = partial(facts([(5, 10, 1), (2, 11, 1), (2, 11, 2), (9, 12, 1), (9, 12, 1)]))
    assert customers_of(part, 1).tolist() == [2, 5, 9]
    assert customers_of(part, 1, [11, 12]).tolist() == [2, 9]
    assert customers_of(part, 4).tolist() == []
    opened = days_of(part, 1)
    assert list(zip(opened.customer.tolist(), opened.day.tolist(), strict=True)) == [
        (2, 11),
        (5, 10),
        (9, 12),
    ]


def test_no_facts_are_no_days() -> None:
    found = finish(merge([]))
    assert (found.days.tolist(), found.causes.tolist(), found.touched.shape) == ([], [], (0, 0))
    assert (found.active_customers, found.ruined_customers) == (0, 0)


def test_it_refuses_columns_of_different_lengths_and_causes_below_activity() -> None:
    one = np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="one length"):
        partial(DayFacts(np.zeros(2, np.int64), one, one))
    with pytest.raises(ValueError, match="Cause -2 is no cause"):
        partial(DayFacts(np.zeros(1, np.int64), one, one - 2))
