"""First-touch times against plain SQL, and against a plain walk where outcomes end it."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from event_logs import Event, Story, halves, logs, random_log, same_arrays, sequences_of, table_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import first_touch
from towpath.analytics.first_touch import FirstTouchSpec, Status

TERMINAL = 1 << 4


ALWAYS = (-100, 100)


def times_by_sql(
    log: list[Story], steps: int, window: int, entered: tuple[int, int]
) -> list[tuple[int | None, ...]]:
    """One self-join per step: the first place with the step after the place of the step before."""
    events = table_of(log)
    with duckdb.connect() as connection:
        connection.register("events", events)
        query = f"""with s0 as (select entity, min(pos) as p from events
            where mask & 1 > 0 and t >= {entered[0]} and t < {entered[1]} group by entity)"""
        for step in range(1, steps):
            query += f""", s{step} as (
                select e.entity, min(e.pos) as p from events e
                join s{step - 1} b on b.entity = e.entity and e.pos > b.p
                join s0 on s0.entity = e.entity
                join events entry on entry.entity = e.entity and entry.pos = s0.p
                where e.mask & {1 << step} > 0 and e.t - entry.t <= {window} group by e.entity)"""
        columns = ", ".join(f"e{step}.t" for step in range(steps))
        joins = " ".join(
            f"left join s{step} on s{step}.entity = who.entity "
            f"left join events e{step} on e{step}.entity = who.entity and e{step}.pos = s{step}.p"
            for step in range(steps)
        )
        who = "(select distinct entity from events) who"
        return connection.execute(
            f"{query} select {columns} from {who} {joins} order by who.entity"
        ).fetchall()


@pytest.mark.parametrize(
    ("seed", "steps", "window", "entered"),
    [(11, 4, 7, ALWAYS), (12, 2, 0, ALWAYS), (13, 5, 14, ALWAYS), (14, 1, 3, ALWAYS), (15, 3, 6, (4, 8))],
)
def test_times_agree_with_plain_sql(seed: int, steps: int, window: int, entered: tuple[int, int]) -> None:
    log = random_log(seed, 400)
    spec = FirstTouchSpec(steps, window, entered=entered)
    found = first_touch.partial(sequences_of(log), spec).entities.times
    told = times_by_sql(log, steps, window, entered)
    by_sql = [tuple(-1 if time is None else time for time in row) for row in told]
    assert [tuple(row) for row in found.tolist()] == by_sql
    assert (found != -1).all(axis=1).any()


def walked(story: Story, spec: FirstTouchSpec) -> tuple[list[int], int, int]:
    """Times of the steps, and of the outcome that ended the journey before the last; place of the last."""
    first, last = spec.entered or ALWAYS
    times: list[int] = []
    position, ended = -1, -1
    for place, event in enumerate(story):
        waits_for = len(times)
        if waits_for == spec.steps or (times and event.time - times[0] > spec.window_us):
            break
        enters = bool(times) or first <= event.time < last
        if event.mask >> waits_for & 1 and enters:
            times.append(event.time)
            position = place
        elif times and event.mask & spec.terminals:
            ended = event.time
            break
    return times + [-1] * (spec.steps - len(times)), ended, position


@settings(max_examples=150, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 12), st.sampled_from([None, (0, 6), (3, 4)]))
def test_an_outcome_before_the_last_step_ends_the_walk(
    log: list[Story], steps: int, window: int, entered: tuple[int, int] | None
) -> None:
    spec = FirstTouchSpec(steps, window, TERMINAL, entered)
    sequences = sequences_of(log)
    found = first_touch.search(sequences, spec)
    position = np.where(found.position < 0, -1, found.position - sequences.starts[:-1])
    seen = list(zip(*(column.tolist() for column in (*found[:2], position)), strict=True))
    assert seen == [walked(story, spec) for story in log]
    assert not any(ended != -1 and times[-1] != -1 for times, ended, _place in seen)


@pytest.mark.parametrize("shares", [(0.25, 0.5, 0.9), (0.0, 1.0)])
def test_quantiles_agree_with_numpy(shares: tuple[float, ...]) -> None:
    found = first_touch.partial(sequences_of(random_log(15)), FirstTouchSpec(4, 12))
    result, times = first_touch.finish(found, shares), found.entities.times
    for step in range(4):
        there = times[times[:, step] != -1]
        before = there[:, step] - there[:, max(step - 1, 0)]
        for values, given_out in (
            (before, result.steps[step].from_previous),
            (there[:, step] - there[:, 0], result.steps[step].from_entry),
        ):
            assert given_out.count == values.size
            assert given_out.median_seconds == pytest.approx(np.median(values) / 1e6)
            assert [s for _, s in given_out.quantiles] == pytest.approx(np.quantile(values, shares) / 1e6)


def test_nobody_there_gives_no_times() -> None:
    result = first_touch.finish(first_touch.partial(sequences_of([]), FirstTouchSpec(2, 5)))
    assert [(step.from_entry.count, step.from_entry.median_seconds) for step in result.steps] == [
        (0, None)
    ] * 2


def test_a_journey_is_followed_to_its_outcome_its_window_or_as_of() -> None:
    log = [
        [Event(0, 1, True), Event(4, 2, True), Event(5, TERMINAL, True)],
        [Event(0, 1, True), Event(3, TERMINAL, True), Event(4, 2, True)],
        [Event(0, 1, True), Event(11, TERMINAL, True)],
        [Event(7, 1, True)],
        [Event(1, 2, True)],
    ]
    found = first_touch.partial(sequences_of(log), FirstTouchSpec(2, 10, TERMINAL))
    outcome = first_touch.times_to_outcome(found, as_of_us=12)
    assert outcome.entity.tolist() == [100, 99, 98, 97]
    assert outcome.duration_us.tolist() == [4, 3, 10, 5]
    assert [Status(status).name for status in outcome.status] == [
        "CONVERTED",
        "FINISHED_OTHERWISE",
        "CENSORED",
        "CENSORED",
    ]


@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 12), st.data())
def test_parts_merged_are_the_whole(log: list[Story], steps: int, window: int, data: st.DataObject) -> None:
    spec = FirstTouchSpec(steps, window, TERMINAL)
    cut = data.draw(st.integers(0, len(log)))
    whole = first_touch.partial(sequences_of(log), spec)
    merged = first_touch.merge([first_touch.partial(part, spec) for part in halves(log, cut)])
    assert same_arrays(whole.entities, merged.entities)
    assert first_touch.finish(whole) == first_touch.finish(merged)


@pytest.mark.parametrize("wrong", [(0, 5, 0), (65, 5, 0), (2, -1, 0), (2, 5, 2)])
def test_it_refuses_what_it_cannot_compute(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="First touch"):
        FirstTouchSpec(*wrong)
