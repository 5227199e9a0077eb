"""Friction against a plain walk over each journey."""

from __future__ import annotations

import numpy as np
import pytest
from event_logs import Event, Story, halves, logs, random_log, same_arrays, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import friction
from towpath.analytics.friction import Detour, FrictionSpec

TERMINAL = 1 << 4


def specs() -> st.SearchStrategy[FrictionSpec]:
    window = st.one_of(st.none(), st.integers(0, 9))
    return st.builds(FrictionSpec, st.integers(1, 4), st.sampled_from([0, TERMINAL]), window)


def journeys(story: Story, channels: list[int], spec: FrictionSpec) -> list[list[tuple[int, int]]]:
    """(step, channel) of each step event, cut where a new journey begins."""
    cut: list[list[tuple[int, int]]] = []
    begun, over = 0, True
    for event, channel in zip(story, channels, strict=True):
        mask = event.mask & ((1 << spec.steps) - 1)
        if not mask:
            over = over or bool(cut and event.mask & spec.terminals)
            continue
        step = (mask & -mask).bit_length() - 1
        late = spec.window_us is not None and event.time - begun > spec.window_us
        if not cut or late or (over and step == 0):
            cut.append([])
            begun, over = event.time, False
        cut[-1].append((step, channel))
        over = over or step == spec.steps - 1
    return cut


def expected(story: Story, channels: list[int], spec: FrictionSpec) -> list[list[int]]:
    """Steps at which each kind of detour happened: repeats, steps back, hops."""
    found: list[list[int]] = [[], [], []]
    for journey in journeys(story, channels, spec):
        for i, (step, channel) in enumerate(journey[1:], 1):
            known = [through for _, through in journey[:i] if through != friction.UNKNOWN_CHANNEL]
            if step == journey[i - 1][0]:
                found[0].append(step)
            elif step < max(earlier for earlier, _ in journey[:i]):
                found[1].append(step)
            if known and channel not in (friction.UNKNOWN_CHANNEL, known[-1]):
                found[2].append(step)
    return found


@settings(max_examples=100, deadline=None)
@given(logs(), specs(), st.data())
def test_it_finds_what_a_plain_walk_finds(log: list[Story], spec: FrictionSpec, data: st.DataObject) -> None:
    one = st.sampled_from([0, 1, friction.UNKNOWN_CHANNEL])
    channels = [data.draw(st.lists(one, min_size=len(story), max_size=len(story))) for story in log]
    flat = np.asarray([channel for story in channels for channel in story], np.uint16)
    found = friction.partial(sequences_of(log), spec, flat)
    result = friction.finish(found)
    each = [expected(story, through, spec) for story, through in zip(log, channels, strict=True)]
    assert found.entities.counts.tolist() == [[len(steps) for steps in kinds] for kinds in each]
    for step in range(spec.steps):
        here = result.steps[step]
        for kind, detour in enumerate((here.repeats, here.backs, here.hops)):
            per_entity = [kinds[kind].count(step) for kinds in each]
            assert detour == Detour(sum(per_entity), sum(count > 0 for count in per_entity))
    assert result.whole.repeats == Detour(sum(len(k[0]) for k in each), sum(bool(k[0]) for k in each))


def test_it_finds_what_a_plain_walk_finds_in_larger_logs() -> None:
    rng = np.random.default_rng(6)
    for seed in range(30):
        window = None if seed % 2 else int(rng.integers(0, 10))
        spec = FrictionSpec(int(rng.integers(2, 5)), TERMINAL * int(rng.integers(0, 2)), window)
        log = random_log(seed, 30)
        channels = [rng.choice([0, 1, friction.UNKNOWN_CHANNEL], len(story)).tolist() for story in log]
        flat = np.concatenate(channels).astype(np.uint16)
        found = friction.partial(sequences_of(log), spec, flat).entities.counts.tolist()
        each = [expected(story, through, spec) for story, through in zip(log, channels, strict=True)]
        assert found == [[len(steps) for steps in kinds] for kinds in each]


def test_a_new_journey_is_not_a_step_back() -> None:
    steps = [0, 1, 2, 0, 1, 0, 0]
    story = [Event(i, 1 << step, True) for i, step in enumerate(steps)]
    result = friction.finish(friction.partial(sequences_of([story]), FrictionSpec(3)))
    assert result.whole == friction.StepFriction(Detour(1, 1), Detour(1, 1), None)
    assert result.steps[0].backs == Detour(1, 1)


@settings(max_examples=60, deadline=None)
@given(logs(), specs(), st.data())
def test_parts_merged_are_the_whole(log: list[Story], spec: FrictionSpec, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    whole = friction.partial(sequences_of(log), spec)
    merged = friction.merge([friction.partial(part, spec) for part in halves(log, cut)])
    assert same_arrays(whole.entities, merged.entities)
    assert friction.finish(whole) == friction.finish(merged)


def test_it_refuses_what_it_cannot_compute() -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        FrictionSpec(0)
    with pytest.raises(ValueError, match="window is negative"):
        FrictionSpec(2, window_us=-1)
    with pytest.raises(ValueError, match="one value per event"):
        friction.partial(sequences_of([[Event(0, 1, True)]]), FrictionSpec(2), np.zeros(3, np.uint16))
