"""The life of a finding: people take it on or leave it; that it is gone or back, the events say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone
from findings import SIX, put
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person
from towpath.improvement.actions import findings as actions
from towpath.improvement.models import Finding
from towpath.improvement.rules import life
from towpath.improvement.schemas.findings import Detected

DUE = date(2030, 1, 1)
WEEK = timedelta(days=7)


def accept(row: Finding, **changed: object) -> None:
    wanted = {"owner": "Payments team", "next_step": "Hold the release", "due": DUE, **changed}
    actions.accept(OPERATOR, row.digest, **wanted)  # type: ignore[arg-type]
    row.refresh_from_db()


@pytest.mark.django_db
def test_accepting_says_who_does_what_by_when_and_what_it_should_bring() -> None:
    row = put()
    accept(row)
    assert (row.state, row.owner, row.due, row.expected_gain) == ("accepted", "Payments team", DUE, 2_050.0)
    assert [step.state for step in row.steps.all()] == ["open", "accepted"]
    entry = AuditEntry.objects.get(verb="finding.accept")
    assert entry.before["state"] == "open"
    assert entry.after["due"] == "2030-01-01"
    accept(row, owner="Ledger team", expected_gain=900.0)
    assert (row.owner, row.expected_gain) == ("Ledger team", 900.0)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"owner": " "}, {"next_step": ""}, {"expected_gain": -1.0}])
def test_it_refuses_to_be_accepted_without_an_owner_or_a_next_step(wrong: dict[str, object]) -> None:
    row = put()
    with pytest.raises(ValidationError) as refused:
        accept(row, **wrong)
    assert set(refused.value.message_dict) == set(wrong)
    assert Finding.objects.get().state == "open"


@pytest.mark.django_db
def test_declining_needs_a_reason_and_a_day_of_review_to_come() -> None:
    row = put()
    with pytest.raises(ValidationError) as refused:
        actions.decline(OPERATOR, row.digest, because="", review_on=timezone.localdate())
    assert set(refused.value.message_dict) == {"because", "review_on"}
    actions.decline(OPERATOR, row.digest, because="The app is replaced in May.", review_on=DUE)
    row.refresh_from_db()
    assert (row.state, row.declined_because, row.review_on) == (
        "declined",
        "The app is replaced in May.",
        DUE,
    )


@pytest.mark.django_db
def test_a_declined_one_stays_away_until_the_day_of_its_review() -> None:
    row = put(state="declined", review_on=SIX.date() + timedelta(days=3))
    assert actions.mark_looked([row.digest], SIX) == {}
    assert actions.mark_looked([row.digest], SIX + timedelta(days=3)) == {row.digest: "open"}
    assert "review" in Finding.objects.get().steps.last().note


@pytest.mark.django_db
def test_not_seen_for_a_week_it_is_gone_with_what_that_brought_beside_what_was_expected() -> None:
    row = put(seen=False)
    accept(row, expected_gain=2_000.0)
    actions.mend(OPERATOR, row.digest)
    row.steps.filter(state="accepted").update(at=SIX - timedelta(days=1))
    asked: list[tuple[str, date]] = []

    def measure(found: Detected, taken_on: date) -> tuple[float, float]:
        asked.append((found.step, taken_on))
        return 2_350.0, 50.0

    assert actions.mark_looked([], SIX + timedelta(days=6, hours=23), measure) == {}
    assert actions.mark_looked([], SIX + WEEK, measure) == {row.digest: "gone"}
    row.refresh_from_db()
    assert asked == [("card", SIX.date() - timedelta(days=1))]
    assert row.measured == {"gain": 2_300.0, "expected": 2_000.0, "before": 2_350.0, "now": 50.0}


@pytest.mark.django_db
def test_gone_without_a_measure_of_the_week_after_says_too_little_data() -> None:
    put(seen=False)
    actions.mark_looked([], SIX + WEEK)
    measured = Finding.objects.get().measured
    assert measured is not None
    assert measured["gain"] is None


@pytest.mark.django_db
def test_the_same_trouble_seen_again_is_the_same_finding_come_back() -> None:
    row = put(state="gone", measured={"gain": 9.0, "expected": None, "before": 9.0, "now": 0.0})
    assert actions.mark_looked([row.digest], SIX + 2 * WEEK) == {row.digest: "back"}
    assert Finding.objects.get().steps.last().by == "towpath"
    accept(row)
    assert row.state == "accepted"


@pytest.mark.django_db
def test_a_new_one_is_noted_once() -> None:
    row = put(first_seen=SIX)
    row.steps.all().delete()
    assert actions.mark_looked([row.digest], SIX) == {row.digest: "open"}
    assert [step.state for step in row.steps.all()] == ["open"]
    assert actions.mark_looked([row.digest], SIX + WEEK) == {}


@pytest.mark.django_db
def test_what_the_state_does_not_allow_is_refused_with_the_state() -> None:
    row = put(state="gone", seen=False)
    with pytest.raises(actions.CannotDo, match="gone"):
        actions.mend(OPERATOR, row.digest)
    with pytest.raises(Http404, match="0123"):
        actions.mend(OPERATOR, "0123")


def test_leaders_and_agents_read_but_do_not_decide(leader: Person, agent: Person) -> None:
    row = put()
    for person in (leader, agent):
        with pytest.raises(PermissionDenied):
            actions.reopen(actor_of(person), row.digest)


@settings(max_examples=100, deadline=None)
@given(
    state=st.sampled_from(list(life.State)),
    seen=st.booleans(),
    unseen=st.integers(0, 30),
    review=st.none() | st.integers(-3, 3),
)
def test_a_look_never_settles_what_it_sees_and_never_opens_what_is_declined_early(
    state: life.State, seen: bool, unseen: int, review: int | None
) -> None:
    today = SIX.date()
    change = life.change_of(
        state,
        seen=seen,
        last_seen=SIX - timedelta(days=unseen),
        review_on=None if review is None else today + timedelta(days=review),
        now=SIX,
        today=today,
    )
    assert not (seen and change == "gone")
    assert change != "back" or (state == "gone" and seen)
    if state == "declined":
        assert change == ("review" if review is not None and review <= 0 else None)
    elif not seen and state != "gone":
        assert change == ("gone" if unseen >= 7 else None)
