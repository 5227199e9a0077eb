"""Figures that stand in a large lake say what computing them would say, and follow the lake."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from journey_events import JOURNEY, event, put_in

from towpath.events.store import lake
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.operations.home import Home
from towpath.journeys import standing
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.selection import Selection
from towpath.journeys.models import StandingFigures
from towpath.journeys.queries.blueprints import blueprint, blueprint_in
from towpath.journeys.queries.funnels import funnel, funnel_in
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.standing import keep_figures

ALL = Selection()


@pytest.fixture
def large(shop: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The shop, in a lake that counts as large."""
    monkeypatch.setattr(standing, "STANDS_FROM", 1)
    return shop


def rested() -> None:
    """As if the figures had been made long ago."""
    StandingFigures.objects.update(made_at=timezone.now() - timedelta(hours=1))


def one_more_order() -> None:
    put_in([event("basket", "late", 200.0), event("pay", "late", 201.0, outcome="ok")])


def test_what_stands_is_what_computing_says(large: Home) -> None:
    assert keep_figures() == 2
    evidence = evidence_of(OPERATOR, "order")
    assert StandingFigures.objects.count() == 2
    assert funnel(OPERATOR, "order", ALL) == funnel_in(evidence, ALL)
    assert blueprint(OPERATOR, "order", ALL) == blueprint_in(evidence, ALL)


def test_it_is_read_and_not_computed(large: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_figures()
    before = funnel(OPERATOR, "order", ALL), blueprint(OPERATOR, "order", ALL)
    monkeypatch.delattr("towpath.journeys.queries.blueprints.blueprint_in")
    monkeypatch.delattr("towpath.journeys.queries.funnels.funnel_in")
    assert (funnel(OPERATOR, "order", ALL), blueprint(OPERATOR, "order", ALL)) == before


def test_new_events_make_it_anew_and_nothing_new_makes_nothing(large: Home) -> None:
    keep_figures()
    assert keep_figures() == 0
    before = funnel(OPERATOR, "order", ALL)
    one_more_order()
    rested()
    assert funnel(OPERATOR, "order", ALL) == before
    assert keep_figures() == 2
    assert funnel(OPERATOR, "order", ALL).entered == before.entered + 1
    assert funnel(OPERATOR, "order", ALL) == funnel_in(evidence_of(OPERATOR, "order"), ALL)


def test_what_took_long_rests_for_ten_times_as_long(large: Home) -> None:
    keep_figures()
    StandingFigures.objects.update(took_s=60.0)
    one_more_order()
    assert keep_figures() == 0
    rested()
    assert keep_figures() == 2


def test_another_version_and_another_question_are_computed(large: Home) -> None:
    keep_figures()
    assert funnel(OPERATOR, "order", Selection(mode="strict")).mode == "strict"
    apply_journey(OPERATOR, JOURNEY.replace("window: 10d", "window: 20d"), "order.yaml")
    assert funnel(OPERATOR, "order", ALL).version == 2
    assert keep_figures() == 2
    assert {each.version.number for each in StandingFigures.objects.select_related("version")} == {2}


def test_the_names_are_in_the_readers_language(large: Home) -> None:
    with translation.override(None):
        keep_figures()
        shown = blueprint(OPERATOR, "order", ALL)
    assert {lane.name for lane in shown.lanes} == {"Back stage: Desk"}
    assert {turn.name for turn in shown.turns} == {"the customer", "Desk", "Carrier"}


def test_a_record_of_another_shape_is_computed(large: Home) -> None:
    keep_figures()
    StandingFigures.objects.update(body='{"journey": "order"}')
    assert funnel(OPERATOR, "order", ALL) == funnel_in(evidence_of(OPERATOR, "order"), ALL)


def test_nobody_reads_it_who_may_not_read_journeys(large: Home) -> None:
    keep_figures()
    with pytest.raises(PermissionDenied):
        funnel(ANONYMOUS, "order", ALL)


def test_in_a_small_lake_nothing_stands(shop: Home) -> None:
    assert lake().snapshot().rows < standing.STANDS_FROM
    assert keep_figures() == 0
    assert not StandingFigures.objects.exists()
