"""Journey instances against a plain walk over each story."""

from __future__ import annotations

import itertools

import pytest
from event_logs import Event, Story, logs, random_log, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.funnel import FunnelSpec
from towpath.analytics.instances import CONVERTED, TERMINAL, UNENDED, instances_of

DECLINED = 1 << 4
SPECS = [
    FunnelSpec(1, 5, terminals=DECLINED),
    FunnelSpec(2, 4),
    FunnelSpec(3, 9, terminals=DECLINED),
    FunnelSpec(4, 9, terminals=DECLINED, optional=frozenset({1, 2})),
]
Told = tuple[int, int, int, int, list[int], bool]
"""Entity's place, begin, stop, end, first attempts, whether there was one before."""


def converted(story: Story, spec: FunnelSpec) -> bool:
    """Whether some different events, in order from the first on, match a way along the steps."""
    optional = sorted(spec.optional)
    for count in range(len(optional) + 1):
        for left_out in itertools.combinations(optional, count):
            way, at = [step for step in range(spec.steps) if step not in left_out], 0
            for event in story:
                at += at < len(way) and event.mask >> way[at] & 1
            if at == len(way):
                return True
    return False


def ended(story: Story, spec: FunnelSpec) -> int:
    if converted(story, spec):
        return CONVERTED
    return TERMINAL if any(event.mask & spec.terminals for event in story) else UNENDED


def walked(log: list[Story], spec: FunnelSpec) -> list[Told]:
    found, offset = [], 0
    for owner, story in enumerate(log):
        i, before = 0, False
        while i < len(story):
            if not story[i].mask & 1:
                i += 1
                continue
            stop = i + 1
            while (
                not ended(story[i:stop], spec)
                and stop < len(story)
                and story[stop].time - story[i].time <= spec.window_us
            ):
                stop += 1
            rows = range(i, stop)
            first = [
                next((offset + r for r in rows if story[r].mask >> step & 1), -1)
                for step in range(spec.steps)
            ]
            found.append((owner, offset + i, offset + stop, ended(story[i:stop], spec), first, before))
            i, before = stop, True
        offset += len(story)
    return found


def told(log: list[Story], spec: FunnelSpec) -> list[Told]:
    seen = instances_of(sequences_of(log), spec)
    columns = (seen.owner, seen.begin, seen.stop, seen.end, seen.attempt, seen.earlier)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=150, deadline=None)
@given(logs(), st.sampled_from(SPECS))
def test_it_finds_what_a_plain_walk_finds(log: list[Story], spec: FunnelSpec) -> None:
    assert told(log, spec) == walked(log, spec)


@pytest.mark.parametrize("spec", SPECS)
def test_it_finds_what_a_plain_walk_finds_in_a_larger_log(spec: FunnelSpec) -> None:
    log = random_log(8, 300)
    assert told(log, spec) == walked(log, spec)


def story(*events: tuple[int, int]) -> Story:
    return [Event(time, 1 << bit, True) for time, bit in events]


def test_a_retry_is_the_same_instance_up_to_the_window_and_a_new_one_after_it() -> None:
    log = [story((0, 0), (3, 0), (9, 0), (10, 0), (12, 1))]
    assert told(log, FunnelSpec(3, 9)) == [
        (0, 0, 3, UNENDED, [0, -1, -1], False),
        (0, 3, 5, UNENDED, [3, 4, -1], True),
    ]


def test_conversion_and_a_terminal_outcome_end_an_instance() -> None:
    log = [story((0, 1), (1, 0), (2, 1), (3, 1), (4, 0), (5, 4), (6, 1), (7, 0))]
    assert told(log, FunnelSpec(2, 9, terminals=DECLINED)) == [
        (0, 1, 3, CONVERTED, [1, 2], False),
        (0, 4, 6, TERMINAL, [4, -1], True),
        (0, 7, 8, UNENDED, [7, -1], True),
    ]


def test_in_any_order_all_required_steps_end_an_instance() -> None:
    spec = FunnelSpec(3, 9, "any")
    assert [each[3] for each in told([story((0, 0), (1, 2), (2, 1), (3, 0))], spec)] == [CONVERTED, UNENDED]


def test_a_log_without_entries_has_no_instances() -> None:
    assert instances_of(sequences_of([story((0, 1))]), FunnelSpec(2, 9)).owner.size == 0
    assert instances_of(sequences_of([]), FunnelSpec(2, 9)).attempt.shape == (0, 2)
