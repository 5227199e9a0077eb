"""Figures of the small shop, worked out by hand; and every number opens down to the customers behind it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from journey_events import JOURNEY, START, event, put_in

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.choosing import NOTHING, Choice
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries import conduct, paths
from towpath.journeys.queries.blueprints import blueprint
from towpath.journeys.queries.fit import check_fit
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.people import people

pytestmark = pytest.mark.usefixtures("shop")
ALL = Selection()


def counted(choice: Choice, selection: Selection = ALL) -> int:
    found = people(OPERATOR, "order", selection, choice, limit=2)
    assert len(found.travellers) == min(found.total, 2)
    return found.total


def test_the_funnel_says_where_each_order_stands() -> None:
    shown = funnel(OPERATOR, "order", ALL)
    assert shown.as_of == datetime(2024, 3, 21, 8, 0, tzinfo=UTC)
    assert shown.entered == 5
    found = [(s.key, s.reached, s.completed, s.open, s.finished_otherwise, s.lost) for s in shown.steps]
    assert found == [("basket", 5, None, 1, 0, 1), ("pay", 3, 2, 0, 1, 1), ("got_it", 1, None, 0, 0, 0)]
    assert [s.median_seconds_from_previous for s in shown.steps] == [None, 3600.0, 28 * 3600.0]
    assert (shown.conversion.estimate, shown.conversion.reason) == (None, "too few")


def test_every_number_of_the_funnel_opens_to_as_many_orders() -> None:
    for step in funnel(OPERATOR, "order", ALL).steps:
        for state in ("reached", "completed", "open", "finished_otherwise", "lost"):
            assert counted(Choice(step=step.key, state=state)) == (getattr(step, state) or 0), (
                step.key,
                state,
            )
    assert [t.name for t in people(OPERATOR, "order", ALL, Choice(state="open")).travellers] == ["o4"]
    (lost,) = people(OPERATOR, "order", ALL, Choice(step="pay", state="lost")).travellers
    assert (lost.name, lost.last_event, lost.furthest, lost.state, lost.events) == (
        "o3",
        "complaint",
        "pay",
        "lost",
        4,
    )


def test_segments_of_the_funnel_add_up_to_the_whole() -> None:
    by_channel = Selection(by="channel")
    shown = funnel(OPERATOR, "order", by_channel)
    assert [(each.segment, each.entered) for each in shown.segments] == [("web", 3), ("app", 2)]
    for place, step in enumerate(shown.steps):
        assert sum(each.steps[place].lost for each in shown.segments) == step.lost
        for each in shown.segments:
            choice = Choice(step=step.key, state="reached", segment=each.segment)
            assert counted(choice, by_channel) == each.steps[place].reached


def test_a_retry_is_no_return_but_a_journey_after_one_that_ended_is() -> None:
    shown = funnel(OPERATOR, "order", Selection(by="returning"))
    assert [(each.segment, each.entered) for each in shown.segments] == [("new", 5)]
    put_in([event("basket", "o2", 3), event("basket", "o1", 24 * 12), event("pay", "o1", 24 * 12)], "second")
    shown = funnel(OPERATOR, "order", Selection(by="returning"))
    assert [(each.segment, each.entered) for each in shown.segments] == [("new", 3), ("returning", 2)]


def test_over_all_types_nobody_can_say_who_returned() -> None:
    with pytest.raises(ValueError, match="look over steps or inside"):
        paths.flow(OPERATOR, "order", Selection(by="returning"), "types")


def test_who_entered_in_two_periods_counts_in_both() -> None:
    early = funnel(OPERATOR, "order", Selection(entered_to=datetime(2024, 3, 1, 11, 0, tzinfo=UTC)))
    late = funnel(OPERATOR, "order", Selection(entered_from=datetime(2024, 3, 1, 11, 0, tzinfo=UTC)))
    assert (early.entered, late.entered) == (3, 3)


def test_a_shorter_window_makes_the_slow_ones_lost() -> None:
    shown = funnel(OPERATOR, "order", Selection(window_us=10 * 3_600_000_000))
    assert [step.reached for step in shown.steps] == [5, 3, 0]
    assert (shown.steps[1].lost, shown.window_seconds) == (2, 36_000.0)


@pytest.mark.parametrize(
    ("mode", "reached"),
    [("ordered", [5, 3, 1]), ("strict", [5, 3, 1]), ("any", [5, 3, 1]), ("first-touch", [5, 3, 1])],
)
def test_every_mode_is_explicit(mode: str, reached: list[int]) -> None:
    shown = funnel(OPERATOR, "order", Selection(mode=mode))  # type: ignore[arg-type]
    assert ([step.reached for step in shown.steps], shown.mode) == (reached, mode)
    assert [step.completed for step in shown.steps] == [None, 2, None]


@pytest.mark.parametrize(
    ("mode", "share"), [("ordered", 1 / 3), ("strict", 1 / 3), ("any", 2 / 3), ("first-touch", 1 / 6)]
)
def test_conversion_and_its_curve_follow_the_mode(mode: str, share: float) -> None:
    ways = {
        "straight": [("basket", 0), ("pay", 1), ("delivered", 2)],
        "again": [("basket", 0), ("basket", 300), ("pay", 301), ("delivered", 302)],
        "backwards": [("pay", 0), ("delivered", 1), ("basket", 2)],
        "mixed": [("delivered", 0), ("basket", 1), ("pay", 2)],
        "left": [("basket", 0)],
        "stuck": [("basket", 0), ("pay", 1)],
    }
    rows = [
        event(kind, f"{way}{number}", hours, source="till")
        for number in range(5)
        for way, walked in ways.items()
        for kind, hours in walked
    ]
    put_in([*rows, event("closed", None, 2000, source="till", identifier="mail:a@shop.example")], "till")
    till = JOURNEY.replace("key: order", "key: till").replace("follows", "sources: [till]\nfollows")
    apply_journey(OPERATOR, till, "till.yaml")
    chosen = Selection(mode=mode)  # type: ignore[arg-type]
    shown, drawn = funnel(OPERATOR, "till", chosen), paths.times(OPERATOR, "till", chosen).curve
    assert (shown.entered, shown.steps[-1].reached) == (30, round(30 * share))
    assert shown.conversion.estimate == pytest.approx(share)
    assert (drawn[-1].seconds, drawn[-1].estimate) == (2 * 3600.0, pytest.approx(share))


def test_the_flow_counts_neighbours_with_their_times() -> None:
    shown = paths.flow(OPERATOR, "order", ALL)
    edges = {(edge.from_, edge.to): (edge.count, edge.entities, edge.median_seconds) for edge in shown.edges}
    hour = 3600.0
    assert edges == {
        ("basket", "pay"): (3, 3, hour),
        ("basket", "basket"): (1, 1, hour),
        ("pay", "pay"): (1, 1, hour),
        ("pay", "declined"): (1, 1, hour),
        ("pay", "got_it"): (1, 1, 28 * hour),
    }
    assert (shown.cases, shown.begins) == (5, {"basket": 5})
    for (source, target), (_count, entities, _median) in edges.items():
        assert counted(Choice(edge=(source, target))) == entities


def test_a_strict_flow_lets_nothing_lie_between() -> None:
    shown = paths.flow(OPERATOR, "order", Selection(mode="strict"))
    assert ("pay", "got_it") not in {(edge.from_, edge.to) for edge in shown.edges}
    assert len(shown.edges) == 4


def test_a_flow_may_look_at_all_event_types_or_only_within_a_window() -> None:
    types = paths.flow(OPERATOR, "order", ALL, "types")
    assert ("picking", "picked") in {(edge.from_, edge.to) for edge in types.edges}
    near = paths.flow(OPERATOR, "order", Selection(window_us=2 * 3_600_000_000))
    assert ("pay", "got_it") not in {(edge.from_, edge.to) for edge in near.edges}


def test_a_flow_of_a_source_needs_no_journey() -> None:
    shown = paths.flow(OPERATOR, "shop", ALL)
    assert {(edge.from_, edge.to) for edge in shown.edges} >= {("picking", "picked"), ("pay", "complaint")}
    assert shown.cases == 5
    assert people(OPERATOR, "shop", ALL, Choice(edge=("pay", "complaint"))).travellers[0].name == "o3"


def test_variants_say_how_many_went_exactly_so() -> None:
    shown = paths.variants(OPERATOR, "order", ALL, top=2)
    assert (shown.cases, shown.distinct, len(shown.variants)) == (5, 5, 2)
    first = paths.variants(OPERATOR, "order", Selection(mode="first-touch"))
    assert {each.steps: each.count for each in first.variants}[("basket",)] == 2
    assert counted(Choice(variant=("basket", "pay", "declined"))) == 1
    unordered = paths.variants(OPERATOR, "order", Selection(mode="any"), over="inside")
    assert ("basket", "pay", "got_it", "picking") in [each.steps for each in unordered.variants]


@pytest.mark.parametrize(("ask", "mode"), [(paths.flow, "any"), (paths.variants, "strict")])
def test_a_mode_that_makes_no_sense_is_refused_with_those_that_do(ask: object, mode: str) -> None:
    with pytest.raises(ValueError, match="ordered"):
        ask(OPERATOR, "order", Selection(mode=mode))  # type: ignore[operator]


def test_times_are_first_touch() -> None:
    shown = paths.times(OPERATOR, "order", ALL)
    assert [step.from_entry.median for step in shown.steps] == [0.0, 3600.0, 29 * 3600.0]
    assert [step.from_previous.count for step in shown.steps] == [5, 3, 1]


def test_whose_turn_it_was_adds_up_to_the_time_of_all_orders() -> None:
    shown = conduct.turns(OPERATOR, "order", ALL)
    hours = {turn.party: turn.seconds / 3600 for turn in shown.turns}
    # o1: 1 h basket, 4 h desk until picked, 24 h carrier. o2: 1 h basket, 1 h desk. o3: 1 h basket, then
    # desk to the window's end. o4: to as-of. o5: to the window's end of its second entry.
    assert hours == {"customer": 1 + 1 + 1 + 24 + 241, "desk": 4 + 1 + 239, "carrier": 24, "nobody": 0}
    assert sum(turn.share or 0 for turn in shown.turns) == pytest.approx(1)
    assert shown.still_open == 1


def test_friction_is_counted_and_opens_down() -> None:
    shown = conduct.friction(OPERATOR, "order", ALL)
    assert [(s.repeats.events, s.backs.events, s.hops.events if s.hops else None) for s in shown.steps] == [
        (1, 0, 0),
        (1, 0, 1),
        (0, 0, 1),
    ]
    for step, kind in itertools.product(shown.steps, ("repeats", "backs", "hops")):
        assert counted(Choice(step=step.key, detour=kind)) == getattr(step, kind).entities


def test_what_the_lost_did_next_opens_down() -> None:
    shown = conduct.after_loss(OPERATOR, "order", ALL)
    assert (shown.lost, [step.lost for step in shown.steps]) == (2, [1, 1, 0])
    for step in shown.steps:
        for each in step.next:
            assert counted(Choice(step=step.key, next=each.key or NOTHING)) == each.count


def test_the_blueprint_holds_both_sides_with_live_figures() -> None:
    shown = blueprint(OPERATOR, "order", ALL)
    assert [
        (step.key, step.reached, step.went_on, step.attempts, step.bad, step.measured) for step in shown.steps
    ] == [
        ("basket", 5, 0.6, 6, 0, 0),
        ("pay", 3, 1 / 3, 4, 2, 4),
        ("got_it", 1, None, 1, 0, 0),
    ]
    (lane,) = shown.lanes
    assert (lane.name, lane.items[0].events, lane.items[0].entities) == ("Back stage: Desk", 2, 1)
    assert [(outcome.key, outcome.entities) for outcome in shown.outcomes] == [("declined", 1)]
    assert counted(Choice(outcome="declined")) == 1
    assert shown.steps[1].median_latency_ms == 300.0
    assert shown.first_entry == START


def test_types_that_differ_by_a_word_or_a_number_are_not_misspelt() -> None:
    named = JOURNEY.replace("type: pay", "type: A_ACCEPTED").replace("type: basket", "type: step1")
    apply_journey(OPERATOR, named, "order.yaml")
    put_in([event(name, "o1", 40) for name in ("O_ACCEPTED", "step2", "A_ACEPTED", "step1")], "third")
    found = {each.type: each.like for each in check_fit(OPERATOR, "order").unrecognised}
    assert (found["O_ACCEPTED"], found["step2"], found["A_ACEPTED"]) == (None, None, "A_ACCEPTED")


def test_the_map_says_when_it_no_longer_fits() -> None:
    fits = check_fit(OPERATOR, "order")
    assert (fits.fits, fits.events, fits.recognised) == (True, 15, 14)
    assert [(each.type, each.events, each.like) for each in fits.unrecognised] == [("complaint", 1, None)]
    put_in([event("deliverd", "o1", 30)], "second")
    apply_journey(OPERATOR, JOURNEY.replace("type: declined", "type: refused"), "order.yaml")
    moved = check_fit(OPERATOR, "order")
    assert (moved.fits, moved.silent) == (False, ("declined",))
    assert {each.type: each.like for each in moved.unrecognised} == {
        "complaint": None,
        "declined": None,
        "deliverd": "delivered",
    }


def test_events_that_name_nobody_are_told_where_customers_are_followed(
    service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    assert check_fit(OPERATOR, "order").nameless == 0
    put_in([event("basket", "", 30), event("pay", "", 31)], "nobody")
    assert check_fit(OPERATOR, "order").nameless == 0, "it follows cases"
    apply_journey(OPERATOR, JOURNEY.replace("follows: case", "follows: customer"), "order.yaml")
    assert check_fit(OPERATOR, "order").nameless == 2
    page = client_of(service_manager).get("/journeys/order/definition/").content.decode()
    assert "2 events of its sources name nobody" in page


def test_an_empty_lake_has_no_figures_rather_than_good_ones(tmp_home: Home) -> None:
    put_in([], "nothing")
    apply_journey(
        OPERATOR,
        JOURNEY.replace("key: order", "key: empty").replace("follows", "sources: [none]\nfollows"),
        "x",
    )
    shown = funnel(OPERATOR, "empty", Selection(by="channel"))
    assert (shown.as_of, shown.entered, shown.segments) == (None, 0, ())
    assert blueprint(OPERATOR, "empty", ALL).turns == ()
    assert check_fit(OPERATOR, "empty").share is None
    assert (paths.flow(OPERATOR, "empty", ALL).edges, paths.variants(OPERATOR, "empty", ALL).variants) == (
        (),
        (),
    )
    assert {step.verdict for step in conduct.loss(OPERATOR, "empty", ALL).steps} == {"not measurable yet"}


@pytest.mark.parametrize("measure", [conduct.friction, conduct.turns, conduct.loss, conduct.after_loss])
def test_what_a_measure_cannot_compare_is_refused_instead_of_ignored(measure: Any) -> None:
    with pytest.raises(ValueError, match="leave out by"):
        measure(OPERATOR, "order", Selection(by="channel"))


@pytest.mark.parametrize("measure", [conduct.friction, conduct.turns])
def test_a_measure_without_modes_refuses_them(measure: Any) -> None:
    with pytest.raises(ValueError, match="leave out mode"):
        measure(OPERATOR, "order", Selection(mode="strict"))
