"""Loss counts every journey of a customer: against a plain walk over random stories with many equal times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from journey_events import JOURNEY, START, event, put_in
from random_stories import (
    AS_OF,
    HOUR,
    STEPS,
    WINDOW,
    Story,
    bad,
    customers,
    evidence,
    hour_of,
    journeys_of,
    known,
    moment,
)

from towpath.analytics.instances import CONVERTED, TERMINAL, UNENDED
from towpath.events.envelope import subject_key
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.choosing import ENDS, Choice, choose
from towpath.journeys.measures.loss import Followed, attempts
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries import conduct
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.queries.people import people

pytestmark = pytest.mark.django_db
PERIODS = [(None, None), (90, 400), (300, None)]
PERIOD_NAMES = ["always", "between", "since"]


def selection_of(period: tuple[int | None, int | None], **asked: Any) -> Selection:
    first, last = (None if hours is None else START + timedelta(hours=hours) for hours in period)
    return Selection(entered_from=first, entered_to=last, **asked)


def expected(
    stories: dict[int, Story], step: str, period: tuple[int | None, int | None], window: int
) -> list[tuple[Any, ...]]:
    """Every journey with an attempt at the step: whose, from when, its end, and what the attempt was."""
    found = []
    for entity, story in stories.items():
        for journey in journeys_of(story, window):
            began, rows = hour_of(story[journey.begin]), [story[place] for place in journey.places]
            inside = (period[0] is None or began >= period[0]) and (period[1] is None or began < period[1])
            first = next((row for row in rows if row["type"] == step), None)
            if first is None or not inside or AS_OF - began < window:
                continue
            valued = [row["value"] for row in rows if row["value"] is not None]
            value = valued[-1] if valued and journey.end == "converted" else 0.0
            furthest = max(place for place, kind in enumerate(STEPS) if kind in {row["type"] for row in rows})
            attempt = (moment(hour_of(first)), bad(first, step), known(first, step))
            found.append(
                (entity, moment(began), journey.end, *attempt, journey.returning, value, furthest),
            )
    return sorted(found)


def seen(followed: Followed, step: int) -> list[tuple[Any, ...]]:
    found, names = followed.steps[step], {end: name for name, end in ENDS.items()}
    columns = (found.entity, found.begin, found.end, found.time, found.bad, found.known, found.returning)
    rows = zip(*(column.tolist() for column in (*columns, found.value, found.furthest)), strict=True)
    return sorted((row[0], row[1], names[row[2]], *row[3:]) for row in rows)


@pytest.mark.parametrize("period", PERIODS, ids=PERIOD_NAMES)
@pytest.mark.parametrize("window", [WINDOW, 60])
def test_every_journey_counts_with_its_own_fate(
    tmp_home: Home, period: tuple[int | None, int | None], window: int
) -> None:
    stories = customers(window)
    followed = attempts(evidence(stories), selection_of(period, window_us=window * HOUR))
    for place, step in enumerate(STEPS):
        assert seen(followed, place) == expected(stories, step, period, window)
    tried = followed.steps[0]
    assert {CONVERTED, TERMINAL, UNENDED} == set(tried.end.tolist())
    assert len(set(tried.entity.tolist())) < len(tried.entity)


@pytest.mark.parametrize("period", PERIODS, ids=PERIOD_NAMES)
def test_the_people_behind_the_figures_are_as_many_journeys(
    tmp_home: Home, period: tuple[int | None, int | None]
) -> None:
    stories = customers(7)
    evidence(stories)
    selection = selection_of(period)
    for kind, step in zip(STEPS, conduct.loss(OPERATOR, "order", selection).steps, strict=True):
        exposed = [row for row in expected(stories, kind, period, WINDOW) if row[4]]
        lost = [row for row in exposed if row[2] == "lost"]
        assert (step.exposed, step.lost_among_exposed) == (len(exposed), len(lost))
        for state, count in (("", step.exposed), ("lost", step.lost_among_exposed), ("open", 0)):
            choice = Choice(step=step.key, bad=True, state=state)
            found = people(OPERATOR, "order", selection, choice, limit=1_000)
            assert (found.total, len(found.travellers)) == (count, count)


def test_a_journey_among_the_people_shows_its_own_entry_and_end(tmp_home: Home) -> None:
    stories = customers(8)
    evidence(stories)
    found = people(OPERATOR, "order", Selection(), Choice(step="pay", bad=True), limit=1_000).travellers
    told = sorted((int(each.entity), each.state, each.entered_at) for each in found)
    units = [row for row in expected(stories, "pay", (None, None), WINDOW) if row[4]]
    began = [START + timedelta(microseconds=row[1] - moment(0)) for row in units]
    assert told == sorted((row[0], row[2], at) for row, at in zip(units, began, strict=True))
    assert [each.entered_at for each in found] == sorted((each.entered_at for each in found), reverse=True)


def test_a_bad_experience_is_narrowed_by_what_else_is_asked(tmp_home: Home) -> None:
    shown = evidence(customers(9))
    by = Selection(by="channel")
    of = shown.plan.mask_of("step")
    whole = choose(shown, by, Choice(step="pay", bad=True), of)
    for segment in ("web", "app"):
        mine = set(choose(shown, by, Choice(segment=segment), of).entity.tolist())
        found = choose(shown, by, Choice(step="pay", bad=True, segment=segment), of)
        assert found.entity.tolist() == [entity for entity in whole.entity.tolist() if entity in mine]
        assert len(found.entity)


def test_cases_of_one_customer_are_not_taken_for_several_customers(tmp_home: Home) -> None:
    rows = [event("newsletter", None, 24 * 20, identifier="mail:x@shop.example")]
    for number in range(6):
        named = f"account:{number % 2}"
        rows.append(event("basket", f"c{number}", number))
        rows.append(event("pay", f"c{number}", number + 1, identifier=named, outcome="ok"))
        rows.append(event("basket", f"c{number}", 24 * 11 + number))
    rows.append(event("basket", "alone", 3))
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    tried = attempts(evidence_of(OPERATOR, "order"), Selection(window_us=24 * HOUR)).steps[0]
    keys = {subject_key(f"customer:account:{number}") for number in range(2)}
    assert len(tried.entity) == 13
    assert set(tried.customer.tolist()) == keys | {subject_key("case:shop:alone")}
