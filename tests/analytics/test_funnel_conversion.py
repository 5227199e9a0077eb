"""Conversion of a funnel: the records it estimates from, by hand, and against the funnel's own counts."""

from __future__ import annotations

import numpy as np
import pytest
from event_logs import Event, Story, logs, random_log, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_funnel import TERMINAL, expected, random_spec, specs

from towpath.analytics import conversion, funnel
from towpath.analytics.first_touch import Status, TimesToOutcome
from towpath.analytics.funnel import Class, FunnelSpec, Mode

LONG_AFTER = 10_000
MODES = ("ordered", "strict", "any")


def share(outcomes: TimesToOutcome, at: int) -> float | None:
    """The estimate, also of fewer entities than a page would show."""
    drawn = conversion.curve(conversion.partial(outcomes.duration_us, outcomes.status), np.array([at]))
    return float(drawn.estimate[0]) if len(drawn.estimate) else None


def by_hand(story: Story, spec: FunnelSpec, as_of: int) -> tuple[int, Status] | None:
    found = expected(story, spec)
    if found["level"] == 0:
        return None
    if found["level"] == spec.steps:
        return found["converted_at"] - found["converted_from"], Status.CONVERTED
    if found["terminal_at"] != -1:
        return found["terminal_at"] - found["entry"], Status.FINISHED_OTHERWISE
    return max(0, min(as_of - found["entry"], spec.window_us)), Status.CENSORED


@settings(max_examples=100, deadline=None)
@given(logs(), specs(), st.integers(0, 30))
def test_everybody_who_entered_is_followed_to_the_end_of_the_journey(
    log: list[Story], spec: FunnelSpec, as_of: int
) -> None:
    outcomes = funnel.times_to_outcome(funnel.partial(sequences_of(log), spec), as_of)
    records = list(zip(outcomes.duration_us.tolist(), outcomes.status.tolist(), strict=True))
    known = [(100 - i, by_hand(story, spec, as_of)) for i, story in enumerate(log)]
    assert records == [record for _, record in known if record]
    assert outcomes.entity.tolist() == [entity for entity, record in known if record]


@pytest.mark.parametrize("mode", MODES)
def test_when_nobody_is_open_conversion_is_the_share_that_the_funnel_counts(mode: Mode) -> None:
    rng = np.random.default_rng(MODES.index(mode))
    between = 0
    for seed in range(30):
        spec = random_spec(rng, mode)
        found = funnel.partial(sequences_of(random_log(seed, 300)), spec)
        counted = funnel.finish(found, LONG_AFTER)
        outcomes = funnel.times_to_outcome(found, LONG_AFTER)
        estimate = conversion.cumulative_incidence(outcomes.duration_us, outcomes.status, spec.window_us)
        assert estimate.estimate == pytest.approx(counted.converted / counted.entered, abs=1e-12)
        between += 0 < counted.converted < counted.entered
    assert between > 20


@settings(max_examples=100, deadline=None)
@given(logs(), specs(), st.integers(0, 30))
def test_conversion_is_a_share_whoever_is_still_open(log: list[Story], spec: FunnelSpec, as_of: int) -> None:
    found = funnel.partial(sequences_of(log), spec)
    estimate = share(funnel.times_to_outcome(found, as_of), spec.window_us)
    kinds = funnel.classify(found, as_of)
    assert estimate is None or 0 <= estimate <= 1
    if (kinds == Class.CONVERTED).any() and not (kinds == Class.OPEN).any():
        counted = funnel.finish(found, as_of)
        assert estimate == pytest.approx(counted.converted / counted.entered, abs=1e-12)


def steps(*at: tuple[int, int]) -> Story:
    return [Event(time, 1 << step, True) for time, step in at]


BACKWARDS, TWICE = steps((0, 1), (2, 0)), steps((0, 0), (20, 0), (23, 1))
LEFT = steps((0, 0))


@pytest.mark.parametrize(
    ("spec", "story", "converted", "took"),
    [
        (FunnelSpec(2, 10, "any"), BACKWARDS, 100, 2),
        (FunnelSpec(2, 10), BACKWARDS, 0, 10),
        (FunnelSpec(2, 10), TWICE, 100, 3),
        (FunnelSpec(3, 10, "strict"), steps((0, 0), (1, 1), (2, 1), (3, 2)), 0, 10),
        (FunnelSpec(3, 10, optional=frozenset({1})), steps((0, 0), (4, 2)), 100, 4),
        (FunnelSpec(3, 10, "any", optional=frozenset({1})), steps((0, 1), (3, 2), (5, 0)), 100, 2),
        (FunnelSpec(2, 10, exclusions=((0, 1, 1 << 5),)), steps((0, 0), (1, 5), (2, 1)), 0, 10),
        (FunnelSpec(2, 10, step_windows=(None, 3)), steps((0, 0), (4, 1)), 0, 10),
    ],
)
def test_conversion_follows_the_mode_and_the_rules(
    spec: FunnelSpec, story: Story, converted: int, took: int
) -> None:
    found = funnel.partial(sequences_of([*[story] * 100, LEFT], 500), spec)
    outcomes = funnel.times_to_outcome(found, LONG_AFTER)
    assert outcomes.duration_us.tolist() == [took] * 100 + [10]
    assert funnel.finish(found, LONG_AFTER).converted == converted
    assert share(outcomes, 10) == pytest.approx(converted / 101)


def test_an_outcome_ends_the_latest_attempt_and_the_open_are_followed_to_as_of() -> None:
    log = [
        [*steps((0, 0), (9, 0)), Event(11, TERMINAL, True)],
        [Event(0, 1, True), Event(3, TERMINAL, True), Event(4, 2, True)],
        steps((0, 0), (8, 0)),
        steps((0, 1)),
    ]
    found = funnel.partial(sequences_of(log), FunnelSpec(2, 10, terminals=TERMINAL))
    outcomes = funnel.times_to_outcome(found, 12)
    assert outcomes.duration_us.tolist() == [2, 4, 4]
    assert outcomes.status.tolist() == [Status.FINISHED_OTHERWISE, Status.CONVERTED, Status.CENSORED]
