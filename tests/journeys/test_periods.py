"""A period counts the chains that begin in it: against plain walks over random stories with many ties."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from journey_events import START
from random_stories import STEPS, WINDOW, Story, customers, evidence, hour_of, journeys_of

from towpath.analytics import first_touch
from towpath.analytics.first_touch import Status
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.journeys.measures.attempts import measure_attempts
from towpath.journeys.measures.choosing import CLASSES, NOTHING, Choice, choose
from towpath.journeys.measures.funnel import measure_funnel
from towpath.journeys.measures.selection import Mode, Selection
from towpath.journeys.queries import conduct, paths
from towpath.journeys.queries.funnels import funnel

pytestmark = pytest.mark.django_db
PERIODS = [(0, 240), (240, 480), (480, 10_000)]
KEYS = dict(zip((*STEPS, "declined"), ("basket", "pay", "got_it", "declined"), strict=True))
MODES: tuple[Mode, ...] = ("ordered", "strict", "any", "first-touch")


def between(first: int, last: int, **asked: Any) -> Selection:
    return Selection(
        entered_from=START + timedelta(hours=first), entered_to=START + timedelta(hours=last), **asked
    )


def entries_of(story: Story, period: tuple[int, int]) -> list[int]:
    """Places of the events of the first step that lie in the period."""
    entered = [place for place, row in enumerate(story) if row["type"] == "basket"]
    return [place for place in entered if period[0] <= hour_of(story[place]) < period[1]]


def level(story: Story, period: tuple[int, int]) -> int:
    """How far the best chain comes that begins in the period."""
    best = 0
    for entry in entries_of(story, period):
        reached = 1
        for row in story[entry + 1 :]:
            in_time = hour_of(row) - hour_of(story[entry]) <= WINDOW
            reached += reached < len(STEPS) and in_time and row["type"] == STEPS[reached]
        best = max(best, reached)
    return best


def touched(story: Story, period: tuple[int, int]) -> tuple[list[int], str]:
    """Hours of the first touches from the first entry of all, and the end; nothing if that lies outside."""
    first = next((place for place, row in enumerate(story) if row["type"] == "basket"), None)
    if first is None or not period[0] <= hour_of(story[first]) < period[1]:
        return [], "not_entered"
    hours = [hour_of(story[first])]
    for row in story[first + 1 :]:
        if hour_of(row) - hours[0] > WINDOW:
            break
        if row["type"] == STEPS[len(hours)]:
            hours.append(hour_of(row))
            if len(hours) == len(STEPS):
                return hours, "converted"
        elif row["type"] == "declined":
            return hours, "finished_otherwise"
    return hours, "lost"


@pytest.mark.parametrize("period", PERIODS)
def test_the_funnel_of_a_period_counts_the_chains_that_begin_in_it(
    tmp_home: Home, period: tuple[int, int]
) -> None:
    stories = customers(11)
    evidence(stories)
    levels = [level(story, period) for story in stories.values()]
    shown = funnel(OPERATOR, "order", between(*period))
    assert [step.reached for step in shown.steps] == [
        sum(found > step for found in levels) for step in range(len(STEPS))
    ]
    assert 0 < shown.steps[-1].reached < shown.entered < len(stories)


@pytest.mark.parametrize("period", PERIODS)
def test_first_touch_says_the_same_in_counts_estimate_times_and_people(
    tmp_home: Home, period: tuple[int, int]
) -> None:
    stories = customers(12)
    shown, selection = evidence(stories), between(*period, mode="first-touch")
    walks = {entity: touched(story, period) for entity, story in stories.items()}
    measure = measure_funnel(shown, selection)
    for step in range(len(STEPS)):
        assert measure.figures().steps[step].reached == sum(len(hours) > step for hours, _ in walks.values())
    for state, kind in CLASSES.items():
        mine = {entity for entity, (_hours, end) in walks.items() if end == state}
        assert set(choose(shown, selection, Choice(state=state), 0).entity.tolist()) == mine  # type: ignore[arg-type]
        assert int((measure.classes() == kind).sum()) == len(mine)
    outcomes = measure.outcomes()
    ends = {Status.CONVERTED: "converted", Status.FINISHED_OTHERWISE: "finished_otherwise"}
    for entity, status in zip(outcomes.entity.tolist(), outcomes.status.tolist(), strict=True):
        assert ends.get(Status(status), "lost") == walks[entity][1]
    spreads = first_touch.finish(measure.touches).steps
    assert [spread.from_entry.count for spread in spreads] == [s.reached for s in measure.figures().steps]


def test_every_end_comes_up_in_first_touch(tmp_home: Home) -> None:
    ends = [touched(story, (0, 10_000))[1] for story in customers(12).values()]
    assert min(ends.count(end) for end in ("converted", "finished_otherwise", "lost")) > 5


@pytest.mark.parametrize("mode", MODES)
def test_counts_conversion_times_and_people_agree_in_every_mode(tmp_home: Home, mode: Mode) -> None:
    held = evidence(customers(13)).held(["outcome"])
    for period in PERIODS:
        selection = between(*period, mode=mode)
        shown = funnel(OPERATOR, "order", selection)
        for step in shown.steps:
            for state in ("reached", "completed", "open", "finished_otherwise", "lost"):
                found = choose(held, selection, Choice(step=step.key, state=state), 0)  # type: ignore[arg-type]
                assert len(found.entity) == (getattr(step, state) or 0), (period, step.key, state)
        gone = conduct.after_loss(OPERATOR, "order", selection)
        assert [at.lost for at in gone.steps] == [step.lost for step in shown.steps]
        for at in gone.steps:
            for each in at.next:
                opened = choose(held, selection, Choice(step=at.key, next=each.key or NOTHING), 0)
                assert len(opened.entity) == each.count
        share = shown.steps[-1].reached / shown.entered
        assert shown.conversion.estimate == pytest.approx(share)
        timed = paths.times(OPERATOR, "order", selection)
        assert timed.curve[-1].estimate == pytest.approx(share)
        assert timed.steps[0].from_entry.count == shown.entered


@pytest.mark.parametrize("period", [*PERIODS, (0, 10_000)])
def test_who_returned_is_who_began_another_journey_after_one_that_ended(
    tmp_home: Home, period: tuple[int, int]
) -> None:
    stories = customers(16)
    evidence(stories)
    told = Counter[str]()
    for story in stories.values():
        entries = entries_of(story, period)
        of = [each.returning for each in journeys_of(story) if entries and entries[-1] in each.places]
        told.update("returning" if each else "new" for each in of)
    shown = funnel(OPERATOR, "order", between(*period, by="returning"))
    assert {each.segment: each.entered for each in shown.segments} == told
    assert sum(told.values()) == shown.entered


def belonging(story: Story, period: tuple[int, int]) -> Story:
    """Events whose latest entry before them, else their first one, lies in the period."""
    entries = entries_of(story, (0, 10_000))
    of = [
        max((e for e in entries if e <= place), default=min(entries, default=-1))
        for place in range(len(story))
    ]
    inside = entries_of(story, period)
    return [row for row, entry in zip(story, of, strict=True) if entry in inside]


def test_each_event_goes_with_the_latest_entry_before_it(tmp_home: Home) -> None:
    stories = customers(14)
    shown = evidence(stories)
    for period in [*PERIODS, (100, 101), (0, 10_000)]:
        mine = [belonging(story, period) for story in stories.values()]
        met = measure_attempts(shown, between(*period))
        for bit, kind in enumerate((*STEPS, "declined")):
            told = [[row for row in story if row["type"] == kind] for story in mine]
            assert (met[bit].attempts, met[bit].entities) == (sum(map(len, told)), sum(map(bool, told)))
        flow = paths.flow(OPERATOR, "order", between(*period))
        known = [[row["type"] for row in story if row["type"] != "complaint"] for story in mine]
        pairs = Counter(pair for kinds in known for pair in pairwise(kinds))
        assert {(e.from_, e.to): e.count for e in flow.edges} == {
            (KEYS[a], KEYS[b]): count for (a, b), count in pairs.items()
        }


def test_events_of_a_period_make_the_same_friction_and_turns_as_if_they_were_all(tmp_home: Home) -> None:
    stories = customers(15)
    evidence(stories)
    period = PERIODS[1]
    asked = (
        conduct.friction(OPERATOR, "order", between(*period)),
        conduct.turns(OPERATOR, "order", between(*period)),
    )
    (tmp_home.root / "lake").rename(tmp_home.root / "whole")
    evidence({entity: belonging(story, period) for entity, story in stories.items()})
    assert asked == (
        conduct.friction(OPERATOR, "order", Selection()),
        conduct.turns(OPERATOR, "order", Selection()),
    )
