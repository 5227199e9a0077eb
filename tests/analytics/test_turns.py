"""Whose turn it is, against a clock that ticks every microsecond."""

from __future__ import annotations

import numpy as np
import pytest
from event_logs import Event, Story, halves, logs, random_log, same_arrays, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import turns
from towpath.analytics.turns import TurnsSpec

STEPS, PARTIES = 3, 2


def specs() -> st.SearchStrategy[TurnsSpec]:
    turn_of = st.tuples(*[st.integers(-1, PARTIES - 1)] * 5)
    window = st.one_of(st.none(), st.integers(0, 9))
    return st.builds(TurnsSpec, st.just(STEPS), st.just(PARTIES), turn_of, st.integers(0, 63), window)


def ticked(story: Story, spec: TurnsSpec, as_of: int) -> np.ndarray:
    """int64[parties + 1, steps]: what each tick up to as-of belongs to, tick by tick."""
    spent = np.zeros((PARTIES + 1, STEPS), np.int64)
    runs, party, step, entry = False, PARTIES, 0, 0
    for now in range(story[0].time, max(as_of, story[-1].time) + 1):
        for event in (event for event in story if event.time == now):
            if runs and spec.window_us is not None and now > entry + spec.window_us:
                runs = False
            if event.mask & 1:
                party = party if runs else PARTIES
                runs, entry = True, now
            if runs:
                bits = [bit for bit in range(6) if event.mask >> bit & 1]
                says = [spec.turn_of[bit] for bit in bits if bit < 5 and spec.turn_of[bit] >= 0]
                party = says[0] if says else party
                step = bits[0] if bits and bits[0] < STEPS else step
                runs = not event.mask & spec.ends
        closes = now < story[-1].time or now < as_of
        if runs and closes and (spec.window_us is None or now < entry + spec.window_us):
            spent[party, step] += 1
    return spent


@settings(max_examples=150, deadline=None)
@given(logs(), specs(), st.integers(12, 20))
def test_every_tick_belongs_to_somebody(log: list[Story], spec: TurnsSpec, as_of: int) -> None:
    found = turns.partial(sequences_of(log), spec)
    result = turns.finish(found, as_of)
    expected = [ticked(story, spec, as_of) for story in log]
    whole = np.sum(expected, axis=0) if log else np.zeros((PARTIES + 1, STEPS), np.int64)
    assert [turn.by_step_us for turn in result.turns] == [tuple(row) for row in whole.tolist()]
    assert [turn.party for turn in result.turns] == [0, 1, None]
    assert turns.spent_by_entity(found, as_of).tolist() == [story.sum(axis=1).tolist() for story in expected]
    assert result.total_us == whole.sum()
    if result.total_us:
        assert sum(turn.share or 0 for turn in result.turns) == pytest.approx(1)


def test_every_tick_belongs_to_somebody_in_larger_logs() -> None:
    rng = np.random.default_rng(5)
    for seed in range(30):
        turn_of = tuple(rng.integers(-1, PARTIES, 5).tolist())
        window = None if seed % 2 else int(rng.integers(0, 10))
        spec = TurnsSpec(STEPS, PARTIES, turn_of, 1 << int(rng.integers(1, 6)), window)
        log, as_of = random_log(seed, 30), int(rng.integers(12, 20))
        found = turns.spent_by_entity(turns.partial(sequences_of(log), spec), as_of)
        assert found.tolist() == [ticked(story, spec, as_of).sum(axis=1).tolist() for story in log]


def test_a_loan_waits_for_the_bank_then_for_the_customer() -> None:
    story = [Event(0, 1, True), Event(4, 2, True), Event(10, 4, True), Event(99, 2, True)]
    spec = TurnsSpec(steps=3, parties=2, turn_of=(0, 1), ends=4)
    result = turns.finish(turns.partial(sequences_of([story, story[:2]]), spec), as_of_us=24)
    assert [(turn.total_us, turn.by_step_us) for turn in result.turns] == [
        (8, (8, 0, 0)),
        (26, (0, 26, 0)),
        (0, (0, 0, 0)),
    ]
    assert (result.still_open, result.turns[1].share) == (1, 26 / 34)


def test_a_clock_may_start_at_any_time_even_one_microsecond_before_1970() -> None:
    spec = TurnsSpec(steps=3, parties=1, turn_of=(0,), ends=4)
    result = turns.finish(turns.partial(sequences_of([[Event(-1, 1, True)]]), spec), as_of_us=12)
    assert (result.turns[0].total_us, result.still_open) == (13, 1)


@settings(max_examples=60, deadline=None)
@given(logs(), specs(), st.data())
def test_parts_merged_are_the_whole(log: list[Story], spec: TurnsSpec, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    whole = turns.partial(sequences_of(log), spec)
    merged = turns.merge([turns.partial(part, spec) for part in halves(log, cut)])
    assert same_arrays(whole.entities, merged.entities)
    assert turns.finish(whole, 15) == turns.finish(merged, 15)


@pytest.mark.parametrize(
    "wrong", [(0, 1, (0,), 0, None), (2, 128, (), 0, None), (2, 1, (1,), 0, None), (2, 1, (0,), 0, -1)]
)
def test_it_refuses_what_it_cannot_compute(wrong: tuple[int, int, tuple[int, ...], int, int | None]) -> None:
    with pytest.raises(ValueError, match="Turns"):
        TurnsSpec(*wrong)
