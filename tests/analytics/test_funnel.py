"""The funnel against every chain there is (brute force), against chdb's windowFunnel, and against itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import chdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from event_logs import Event, Story, halves, logs, ok_of, random_log, same_arrays, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import funnel
from towpath.analytics.funnel import Class, FunnelSpec, Mode
from towpath.analytics.kernels import blocks

TERMINAL, INSIDE = 1 << 4, 1 << 5
Chain = tuple[tuple[int, int], ...]
"""(step, position of its event), in the order of the steps."""


@st.composite
def specs(draw: st.DrawFn) -> FunnelSpec:
    steps = draw(st.integers(1, 4))
    mode = draw(st.sampled_from(["ordered", "strict", "any"]))
    optional = draw(st.frozensets(st.integers(1, steps - 2))) if steps > 2 else frozenset()
    exclusions, windows = (), ()
    if mode != "any":
        pairs = [(a, b) for b in range(steps) for a in range(b) if not {a, b} & optional]
        if pairs:
            one = st.tuples(st.sampled_from(pairs), st.integers(1, 63)).map(lambda x: (*x[0], x[1]))
            exclusions = tuple(draw(st.lists(one, max_size=2)))
        windows = draw(st.one_of(st.just(()), st.tuples(*[st.one_of(st.none(), st.integers(0, 5))] * steps)))
    period = st.tuples(st.integers(-4, 10), st.integers(1, 12)).map(lambda x: (x[0], x[0] + x[1]))
    entered = draw(st.one_of(st.none(), period))
    return FunnelSpec(steps, draw(st.integers(0, 12)), mode, TERMINAL, optional, exclusions, windows, entered)


def counting(story: Story, spec: FunnelSpec) -> Story:
    """The story in which events of the first step outside the period are none."""
    if spec.entered is None:
        return story
    first, last = spec.entered
    return [event if first <= event.time < last else event._replace(mask=event.mask & ~1) for event in story]


def chains(story: Story, spec: FunnelSpec, chain: Chain = ()) -> Iterator[Chain]:
    """Every chain of the ordered modes, by trying everything."""
    step, place = chain[-1] if chain else (-1, -1)
    counted = counting(story, spec)
    if chain:
        yield chain
    for following in range(step + 1, spec.steps if chain else 1):
        if all(between in spec.optional for between in range(step + 1, following)):
            for position in range(place + 1, len(story)):
                longer = (*chain, (following, position))
                if counted[position].mask >> following & 1 and is_chain(story, spec, longer):
                    yield from chains(story, spec, longer)


def is_chain(story: Story, spec: FunnelSpec, chain: Chain) -> bool:
    places = dict(chain)
    (step, last), first = chain[-1], chain[0][1]
    if story[last].time - story[first].time > spec.window_us:
        return False
    if len(chain) > 1:
        before = chain[-2][1]
        limit = spec.step_windows[step] if spec.step_windows else None
        if limit is not None and story[last].time - story[before].time > limit:
            return False
        any_step = (1 << spec.steps) - 1
        if spec.mode == "strict" and any(event.mask & any_step for event in story[before + 1 : last]):
            return False
    for start, end, banned in spec.exclusions:
        if start in places:
            between = story[places[start] + 1 : places.get(end, last)]
            if any(event.mask & banned for event in between):
                return False
    return True


def expected_in_order(story: Story, spec: FunnelSpec) -> dict[str, int]:
    level, reached, completed, converted, furthest = 0, 0, 0, [], []
    counted = counting(story, spec)
    for chain in chains(story, spec):
        step, last = chain[-1]
        end = story[chain[0][1]].time + spec.window_us
        level, reached = max(level, step + 1), reached | 1 << step
        if any(event.ok and event.mask >> step & 1 and event.time <= end for event in counted[last:]):
            completed |= 1 << step
        furthest.append((step + 1, last))
        if step + 1 == spec.steps:
            converted.append((last, story[chain[0][1]].time))
    first = min((last for last, _ in converted), default=-1)
    at = [place for reached_level, place in furthest if reached_level == level]
    return {
        "level": level,
        "reached": reached,
        "completed": completed,
        "converted_at": story[first].time if converted else -1,
        "converted_from": max((begin for last, begin in converted if last == first), default=-1),
        "furthest_at": story[max(at)].time if at else -1,
    }


def can_fill(story: Story, places: list[int], steps: list[int]) -> bool:
    """Whether each of the steps can have an event of its own among these places."""
    choices = [[place for place in places if story[place].mask >> step & 1] for step in steps]
    return any(len(set(choice)) == len(choice) for choice in product(*choices))


def expected_in_any_order(story: Story, spec: FunnelSpec) -> dict[str, int]:
    names = ("level", "reached", "completed", "converted_at", "converted_from", "furthest_at")
    result = dict(zip(names, (0, 0, 0, -1, -1, -1), strict=True))
    story = counting(story, spec)
    any_step = (1 << spec.steps) - 1
    held_at = []
    for last, event in enumerate(story):
        if not event.mask & any_step:
            continue
        places = [i for i in range(last + 1) if event.time - story[i].time <= spec.window_us]
        held = []
        for step in range(spec.steps):
            if can_fill(story, places, [*(s for s in range(step) if s not in spec.optional), step]):
                held.append(step)
                result["reached"] |= 1 << step
                if any(story[place].ok and story[place].mask >> step & 1 for place in places):
                    result["completed"] |= 1 << step
        held_at.append((last, held[-1] + 1 if held else 0))
    level = result["level"] = max((reached for _, reached in held_at), default=0)
    at = [last for last, reached in held_at if reached == level and story[last].mask & ((1 << level) - 1)]
    if level:
        result["furthest_at"] = story[at[-1]].time
    if level == spec.steps:
        first = next(last for last, reached in held_at if reached == level)
        mandatory = [step for step in range(level) if step not in spec.optional]
        begins = [i for i in range(first + 1) if can_fill(story, [*range(i, first + 1)], mandatory)]
        result |= {"converted_at": story[first].time, "converted_from": story[max(begins)].time}
    return result


def expected(story: Story, spec: FunnelSpec) -> dict[str, int]:
    """What one entity must come out as; entries and outcomes are told apart from the levels."""
    found = (expected_in_any_order if spec.mode == "any" else expected_in_order)(story, spec)
    entries = [i for i, event in enumerate(counting(story, spec)) if event.mask & 1]
    found |= {"entry": -1, "first_entry": -1, "terminal_at": -1, "last": story[-1].time}
    if entries:
        entry = story[entries[-1]].time
        after = [event.time for event in story[entries[-1] + 1 :] if event.mask & TERMINAL]
        in_time = [time for time in after if time - entry <= spec.window_us]
        found |= {
            "entry": entry,
            "first_entry": story[entries[0]].time,
            "terminal_at": min(in_time, default=-1),
        }
    return found


def assert_as_expected(log: list[Story], spec: FunnelSpec) -> None:
    found = funnel.partial(sequences_of(log), spec, ok_of(log)).entities
    for i, story in enumerate(log):
        by_hand = expected(story, spec)
        assert {name: int(getattr(found, name)[i]) for name in by_hand} == by_hand, (story, spec)


@settings(max_examples=100, deadline=None)
@given(logs(), specs())
def test_it_finds_what_trying_every_chain_finds(log: list[Story], spec: FunnelSpec) -> None:
    assert_as_expected(log, spec)


def random_spec(rng: np.random.Generator, mode: Mode) -> FunnelSpec:
    """Each rule is there in about half of the specifications, so that levels stay high enough to differ."""
    steps = int(rng.integers(2, 5))
    optional = frozenset(step for step in range(1, steps - 1) if rng.random() < 0.4)
    firm = [step for step in range(steps) if step not in optional]
    exclusions, windows = [], ()
    if mode != "any":
        for _ in range(rng.integers(0, 3)):
            first, last = sorted(rng.choice(firm, 2, replace=False).tolist())
            exclusions.append((first, last, 1 << int(rng.integers(0, 6))))
        if rng.random() < 0.5:
            windows = tuple(None if rng.random() < 0.4 else int(rng.integers(0, 6)) for _ in range(steps))
    first = int(rng.integers(0, 9))
    entered = None if rng.random() < 0.5 else (first, first + int(rng.integers(1, 9)))
    window = int(rng.integers(3, 14))
    return FunnelSpec(steps, window, mode, TERMINAL, optional, tuple(exclusions), windows, entered)


@pytest.mark.parametrize("mode", ["ordered", "strict", "any"])
def test_it_finds_what_trying_every_chain_finds_in_larger_logs(mode: Mode) -> None:
    rng = np.random.default_rng(["ordered", "strict", "any"].index(mode))
    for seed in range(40):
        assert_as_expected([story[:9] for story in random_log(seed, 80)], random_spec(rng, mode))


@pytest.mark.parametrize("exclusions", [((0, 3, INSIDE), (1, 2, INSIDE)), ((1, 2, INSIDE), (0, 3, INSIDE))])
def test_an_event_under_two_exclusions_ends_the_chain_if_one_of_them_does(
    exclusions: tuple[tuple[int, int, int], ...],
) -> None:
    log = [[Event(0, 1, True), Event(1, 2 | INSIDE, True), Event(2, 4, True), Event(3, 8, True)]]
    inner_only = FunnelSpec(4, 9, exclusions=((1, 2, INSIDE),))
    assert funnel.partial(
        sequences_of(log), FunnelSpec(4, 9, exclusions=exclusions)
    ).entities.level.tolist() == [2]
    assert funnel.partial(sequences_of(log), inner_only).entities.level.tolist() == [4]


def levels_of_chdb(path: Path, log: list[Story], steps: int, window: int) -> list[int]:
    """windowFunnel over times made unique by their rank among equals, as DEFINITIONS.md gives it."""
    rows = [
        (i, event.time, [other.time for other in story[:place]].count(event.time), event.mask)
        for i, story in enumerate(log)
        for place, event in enumerate(story)
    ]
    columns = dict(zip(("entity", "t", "r", "mask"), zip(*rows, strict=True), strict=True))
    pq.write_table(pa.table({name: pa.array(values, pa.uint64()) for name, values in columns.items()}), path)
    conditions = ", ".join(f"bitTest(mask, {step})" for step in range(steps))
    answer = chdb.query(
        f"SELECT windowFunnel({window * 1000 + 500}, 'strict_once')(t * 1000 + r, {conditions}) AS level "
        f"FROM file('{path}', Parquet) GROUP BY entity ORDER BY entity",
        "CSV",
    )
    return [int(line) for line in str(answer).split()]


@pytest.mark.parametrize(
    ("seed", "steps", "window"), [(1, 4, 6), (2, 6, 9), (3, 2, 0), (4, 6, 14), (5, 5, 3)]
)
def test_levels_agree_with_chdb(tmp_path: Path, seed: int, steps: int, window: int) -> None:
    log = random_log(seed)
    found = funnel.partial(sequences_of(log), FunnelSpec(steps, window)).entities.level
    assert found.tolist() == levels_of_chdb(tmp_path / "events.parquet", log, steps, window)
    assert len(set(found.tolist())) > 2


@settings(max_examples=60, deadline=None)
@given(logs(), specs(), st.data())
def test_parts_merged_are_the_whole(log: list[Story], spec: FunnelSpec, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    parts = [
        funnel.partial(part, spec, ok_of(story))
        for part, story in zip(halves(log, cut), (log[:cut], log[cut:]), strict=True)
    ]
    whole, merged = funnel.partial(sequences_of(log), spec, ok_of(log)), funnel.merge(parts)
    assert same_arrays(whole.entities, merged.entities)
    assert funnel.finish(whole, 9) == funnel.finish(merged, 9)


@settings(max_examples=100, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 12), st.integers(0, 14))
def test_who_does_not_go_on_is_open_finished_otherwise_or_lost(
    log: list[Story], steps: int, window: int, as_of: int
) -> None:
    result = funnel.finish(
        funnel.partial(sequences_of(log), FunnelSpec(steps, window, terminals=TERMINAL)), as_of
    )
    reached = [step.reached for step in result.steps]
    stopped = [step.open + step.finished_otherwise + step.lost for step in result.steps]
    assert [a - b for a, b in zip(reached, [*reached[1:], reached[-1]], strict=True)] == stopped
    assert (result.entered, result.converted) == (reached[0], reached[-1])


@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 12))
def test_rules_that_rule_out_nothing_change_nothing(log: list[Story], steps: int, window: int) -> None:
    bare = FunnelSpec(steps, window, terminals=TERMINAL)
    ruled = FunnelSpec(steps, window, terminals=TERMINAL, step_windows=(None,) * steps)
    one, other = (funnel.partial(sequences_of(log), spec, ok_of(log)).entities for spec in (bare, ruled))
    assert same_arrays(one, other)


def test_threads_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    log = random_log(7)
    spec = FunnelSpec(4, 6, terminals=TERMINAL)
    alone = funnel.partial(sequences_of(log), spec)
    monkeypatch.setattr(blocks, "SMALLEST_BLOCK", 16)
    monkeypatch.setattr(blocks.os, "cpu_count", lambda: 5)
    assert len(blocks.blocks(sequences_of(log).starts)) == 5
    assert same_arrays(alone.entities, funnel.partial(sequences_of(log), spec).entities)


def test_a_late_terminal_outcome_does_not_finish_a_journey() -> None:
    log = [
        [Event(0, 1, True), Event(3, TERMINAL, True)],
        [Event(0, 1, True), Event(11, TERMINAL, True)],
        [Event(0, TERMINAL, True), Event(0, 1, True)],
        [Event(0, 1, True), Event(1, TERMINAL, True), Event(95, 1, True)],
        [Event(0, 1, True), Event(1, TERMINAL, True), Event(4, 2, True)],
        [Event(0, 2, True)],
    ]
    found = funnel.partial(sequences_of(log), FunnelSpec(2, 10, terminals=TERMINAL))
    assert [Class(kind).name for kind in funnel.classify(found, 100)] == [
        "FINISHED_OTHERWISE",
        "LOST",
        "LOST",
        "OPEN",
        "CONVERTED",
        "NOT_ENTERED",
    ]


def test_a_journey_is_open_until_its_window_has_passed() -> None:
    found = funnel.partial(sequences_of([[Event(0, 1, True)]]), FunnelSpec(2, 10))
    assert [Class(int(funnel.classify(found, as_of)[0])).name for as_of in (9, 10)] == ["OPEN", "LOST"]


@pytest.mark.parametrize(("order", "tied"), [((1, 2), True), ((1, 1), False), ((1, INSIDE), False)])
def test_it_says_whose_order_rests_on_ties(order: tuple[int, int], tied: bool) -> None:
    log = sequences_of([[Event(0, mask, True) for mask in order]])
    known = replace(log, tie=np.asarray([False, True]))
    assert funnel.finish(funnel.partial(known, FunnelSpec(2, 9)), 0).ties == int(tied)
    assert funnel.finish(funnel.partial(log, FunnelSpec(2, 9)), 0).ties is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"steps": 0}, "1 to 64 steps"),
        ({"window_us": -1}, "window is negative"),
        ({"mode": "loose"}, "ordered, strict or any"),
        ({"optional": frozenset({2})}, "last step cannot be optional"),
        ({"terminals": 2}, "terminal outcome as well"),
        ({"step_windows": (1,)}, "for each step, or for none"),
        ({"mode": "any", "exclusions": ((0, 1, 8),)}, "need an order"),
        ({"exclusions": ((1, 1, 8),)}, "name two steps in order"),
    ],
)
def test_it_refuses_what_it_cannot_compute(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        FunnelSpec(**({"steps": 3, "window_us": 5} | wrong))


def test_it_refuses_to_merge_answers_to_different_questions() -> None:
    log = sequences_of([[Event(0, 1, True)]])
    parts = [funnel.partial(log, FunnelSpec(2, window)) for window in (1, 2)]
    with pytest.raises(ValueError, match="different questions"):
        funnel.merge(parts)
    with pytest.raises(ValueError, match="nothing to merge"):
        funnel.merge([])
    with pytest.raises(ValueError, match="one value per event"):
        funnel.partial(log, FunnelSpec(2, 1), np.ones(2, np.bool_))
