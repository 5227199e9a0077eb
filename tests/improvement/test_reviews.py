"""Reviews after incidents: the timeline, the four times, the work they lead to, and whether it came back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from django.utils import timezone
from findings import detected, put
from hypothesis import given
from hypothesis import strategies as st

from towpath.desk.models import Desk
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import home
from towpath.foundation.people.models import Person
from towpath.improvement.actions import reviews as actions
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.handlers import review_again
from towpath.improvement.models import Finding, FindingStep, Review, ReviewAction
from towpath.improvement.queries.reviews import review, reviews
from towpath.improvement.review_commands import list_reviews
from towpath.improvement.rules.reviews import MOMENTS, Prevention, disordered, recurrence, spans

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 3, 10, 9, tzinfo=UTC)
TEXTS = {"happened": "Payments failed.", "helped": "", "hindered": "", "factors": "No test of the pool."}
ClientOf = Callable[[Person], Client]


def moments(**hours: float) -> dict[Any, datetime | None]:
    return {name: BEGAN + timedelta(hours=hours[name]) if name in hours else None for name in MOMENTS}


@pytest.fixture
def row(tmp_home: object) -> Finding:
    return put(first_seen=BEGAN + timedelta(hours=1), last_seen=BEGAN + timedelta(hours=6))


def begun(row: Finding) -> int:
    number = actions.start_review(OPERATOR, row.digest)
    actions.fill_in(OPERATOR, number, begin=BEGAN, moments=moments(detected=1, restored=5), texts=TEXTS)
    return number


def test_the_times_name_their_two_moments_and_what_is_not_known(row: Finding) -> None:
    found = {(each.begin, each.end): each.seconds for each in review(OPERATOR, begun(row)).spans}
    assert found == {
        ("begin", "detected"): 3600.0,
        ("detected", "acknowledged"): None,
        ("begin", "restored"): 5 * 3600.0,
        ("begin", "resolved"): None,
        ("begin", "repaired"): None,
    }


def test_one_finding_has_one_open_review(row: Finding) -> None:
    assert actions.start_review(OPERATOR, row.digest) == actions.start_review(OPERATOR, row.digest)
    with pytest.raises(Http404):
        actions.start_review(OPERATOR, "nothing")


def put_events(row: Finding) -> None:
    """The component fails for two hours, 30 of 60 times an hour instead of once; before that a deployment of
    it, one of another component, and a week of usual hours; then a ticket that names it."""
    unit = "payment-hub"
    row.detected = {**row.detected, "where": {**row.detected["where"], "component": unit}}
    row.save()
    made: list[dict[str, object]] = []

    def event(at: datetime, **said: object) -> None:
        made.append(
            {
                "source": "shop",
                "id": str(len(made)),
                "seq": len(made),
                "time": at,
                "received": at,
                "key": 1,
                **said,
            }
        )

    for hour in range(-7 * 24, 6):
        faults = 30 if 0 <= hour < 2 else 1
        for nth in range(60):
            outcome = "fault" if nth < faults else "ok"
            event(BEGAN + timedelta(hours=hour, seconds=nth), type="pay", outcome=outcome, component=unit)
    event(BEGAN - timedelta(minutes=30), type="deployment", component=unit, version="4.12.0")
    event(BEGAN - timedelta(minutes=20), type="deployment", component="app", version="7.0")
    event(BEGAN + timedelta(minutes=40), type="opened", component=unit, ticket="T-9")
    staging = Staging(home().staging, "shop")
    staging.append(pa.Table.from_pylist(made, schema=EVENT_SCHEMA).combine_chunks().to_batches()[0])
    lake().absorb(staging)


def test_the_timeline_is_made_from_what_was_seen(row: Finding) -> None:
    number = begun(row)
    put_events(row)
    FindingStep.objects.create(finding=row, at=BEGAN + timedelta(hours=2), state="accepted", by="ana")
    actions.add_line(OPERATOR, number, at=BEGAN + timedelta(hours=3), text="The pool was made larger.")
    shown = review(OPERATOR, number)
    told = [((line.at - BEGAN).total_seconds() / 60, line.kind, line.near) for line in shown.timeline]
    assert sorted(told) == [
        (-30, "change", True),
        (-20, "change", False),
        (0, "begin", False),
        (0, "faults", False),
        (40, "ticket", False),
        (60, "finding", False),
        (60, "moment", False),
        (120, "finding", False),
        (120, "usual", False),
        (180, "person", False),
        (300, "moment", False),
    ]
    assert [line.at for line in shown.timeline] == sorted(line.at for line in shown.timeline)
    texts = {line.kind: line.text for line in shown.timeline}
    assert texts["faults"] == "payment-hub: 30 of 60 attempts fail in this hour; usual is 1.7\u00a0%."
    assert texts["ticket"] == "Ticket T-9 names payment-hub"
    assert shown.unit == "payment-hub"


def test_lines_lead_to_what_tells_them(row: Finding, client_of: ClientOf, service_manager: Person) -> None:
    number = begun(row)
    put_events(row)
    Desk.objects.create(name="help", source="shop", reading="")
    page = client_of(service_manager).get(f"/reviews/{number}/").content.decode()
    assert '<a href="/desk/help/tickets/T-9/">Ticket T-9 names payment-hub</a>' in page
    assert '<a href="/components/payment-hub/">payment-hub: 30 of 60' in page


def test_what_people_write_is_not_copied_into_the_audit_log(row: Finding) -> None:
    number = begun(row)
    actions.add_line(OPERATOR, number, at=BEGAN, text="Rosa called.")
    agreed(number, text="Ask Rosa")
    actions.end_action(OPERATOR, ReviewAction.objects.get().pk, state="done", result="Rosa knows")
    logged = repr(list(AuditEntry.objects.values_list("target", "before", "after")))
    assert "Rosa" not in logged
    assert "Payments failed" not in logged
    filled = AuditEntry.objects.get(verb="review.filled_in").after
    assert filled is not None
    assert filled["written"] == ["happened", "factors"]


def test_a_few_attempts_do_not_show_that_it_is_over(row: Finding) -> None:
    """One attempt an hour, all of which fail from then on: told once, and not that it is over."""
    number = begun(row)
    put_events(row)
    few = [
        {
            "source": "shop",
            "id": f"few{hour}",
            "seq": hour,
            "time": at,
            "received": at,
            "key": 1,
            "type": "pay",
        }
        | {"outcome": "fault" if hour >= 0 else "ok", "component": "gate"}
        for hour in range(-160, 12)
        if (at := BEGAN + timedelta(hours=hour))
    ]
    staging = Staging(home().staging, "few")
    staging.append(pa.Table.from_pylist(few, schema=EVENT_SCHEMA).combine_chunks().to_batches()[0])
    lake().absorb(staging)
    row.detected = {**row.detected, "where": {**row.detected["where"], "component": "gate"}}
    row.save()
    kinds = [line.kind for line in review(OPERATOR, number).timeline]
    assert kinds.count("faults") == 1
    assert "usual" not in kinds


def test_without_a_component_no_attempts_are_told(row: Finding) -> None:
    number = begun(row)
    row.detected = {**row.detected, "where": {**row.detected["where"], "component": "", "service": ""}}
    row.save()
    shown = review(OPERATOR, number)
    assert (shown.unit, {line.kind for line in shown.timeline}) == ("", {"begin", "moment", "finding"})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"moments": moments(restored=-1)}, "restored"),
        ({"moments": moments(detected=2, acknowledged=1)}, "acknowledged"),
        ({"begin": datetime(2999, 1, 1, tzinfo=UTC)}, "begin"),
        ({"texts": {**TEXTS, "helped": "x" * 10_001}}, "helped"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(row: Finding, changed: dict[str, Any], field: str) -> None:
    number = begun(row)
    sent: dict[str, Any] = {"begin": BEGAN, "moments": moments(detected=1), "texts": TEXTS} | changed
    with pytest.raises(ValidationError) as refused:
        actions.fill_in(OPERATOR, number, **sent)
    assert field in refused.value.message_dict


def agreed(number: int, **changed: Any) -> int:
    sent: dict[str, Any] = {
        "kind": "prevent",
        "text": "Test the pool",
        "owner": "Payments",
        "due": date(2026, 3, 20),
    } | changed
    return actions.agree_action(OPERATOR, number, **sent)


@pytest.mark.parametrize(
    ("changed", "field"), [({"kind": "blame"}, "kind"), ({"text": " "}, "text"), ({"owner": ""}, "owner")]
)
def test_an_action_needs_a_kind_a_text_and_an_owner(
    row: Finding, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        agreed(begun(row), **changed)
    assert field in refused.value.message_dict
    assert not ReviewAction.objects.exists()


def test_open_work_of_all_reviews_stands_on_one_list_the_most_overdue_first(row: Finding) -> None:
    number = begun(row)
    agreed(number, due=timezone.localdate() + timedelta(days=3), text="later")
    late = agreed(number, due=timezone.localdate() - timedelta(days=3), text="late")
    found = reviews(OPERATOR)
    assert [(each.text, each.overdue) for each in found.open_actions] == [("late", True), ("later", False)]
    assert (found.reviews[0].open_actions, found.reviews[0].overdue) == (2, 1)
    actions.end_action(OPERATOR, late, state="done", result="tested")
    assert [each.text for each in reviews(OPERATOR).open_actions] == ["later"]
    assert AuditEntry.objects.filter(verb="review.action_ended").count() == 1


def test_dropping_needs_a_reason(row: Finding) -> None:
    number = agreed(begun(row))
    with pytest.raises(ValidationError, match="Say why"):
        actions.end_action(OPERATOR, number, state="dropped", result=" ")
    with pytest.raises(ValidationError, match="open, done or dropped"):
        actions.end_action(OPERATOR, number, state="lost", result="")


def test_it_closes_when_it_says_what_happened_and_what_made_it_possible(row: Finding) -> None:
    number = actions.start_review(OPERATOR, row.digest)
    with pytest.raises(ValidationError) as refused:
        actions.close_review(OPERATOR, number)
    assert set(refused.value.message_dict) == {"happened", "factors"}
    actions.fill_in(OPERATOR, number, begin=BEGAN, moments=moments(), texts=TEXTS)
    actions.close_review(OPERATOR, number)
    assert Review.objects.get().state == "closed"
    with pytest.raises(ValidationError, match="closed"):
        actions.add_line(OPERATOR, number, at=BEGAN, text="more")


def test_what_came_back_is_reviewed_again(row: Finding) -> None:
    number = begun(row)
    ended = agreed(number)
    actions.end_action(OPERATOR, ended, state="done", result="")
    actions.close_review(OPERATOR, number)
    review_again(FindingChanged(row.digest, "open", "accepted"))
    assert Review.objects.get().state == "closed"
    FindingStep.objects.create(
        finding=row, at=timezone.now() + timedelta(minutes=1), state="back", by="towpath"
    )
    review_again(FindingChanged(row.digest, "gone", "back"))
    shown = review(OPERATOR, number)
    assert (shown.state, shown.recurrence.verdict) == ("open", "came back")


NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preventions", "backs", "silent", "verdict"),
    [
        ([], [], False, "no prevention"),
        ([Prevention(NOW, dropped=True)], [], False, "no prevention"),
        ([Prevention(None), Prevention(NOW - timedelta(days=90))], [], False, "not done yet"),
        ([Prevention(NOW - timedelta(days=27))], [], False, "too early"),
        ([Prevention(NOW - timedelta(days=28))], [], False, "not seen again"),
        ([Prevention(NOW - timedelta(days=28))], [], True, "no data"),
        ([Prevention(NOW - timedelta(days=28))], [NOW - timedelta(days=29)], False, "not seen again"),
        ([Prevention(NOW - timedelta(days=28))], [NOW - timedelta(days=9)], True, "came back"),
    ],
)
def test_the_check_for_recurrence(
    preventions: list[Prevention], backs: list[datetime], silent: bool, verdict: str
) -> None:
    assert recurrence(preventions, backs, NOW, silent=silent)[0] == verdict


@given(st.lists(st.one_of(st.none(), st.integers(-5, 50)), min_size=5, max_size=5))
def test_times_are_never_negative_where_the_moments_are_in_order(hours: list[int | None]) -> None:
    at: dict[Any, datetime | None] = {
        name: None if hour is None else BEGAN + timedelta(hours=hour)
        for name, hour in zip(MOMENTS, hours, strict=True)
    }
    wrong = disordered(BEGAN, at)
    assert bool(wrong) == any(
        seconds is not None and seconds < 0 for _begin, _end, seconds in spans(BEGAN, at)
    ) or any(hour is not None and hour < 0 for hour in hours)


def test_those_who_only_read_do_not_write(row: Finding, client_of: ClientOf, agent: Person) -> None:
    number = begun(row)
    theirs = client_of(agent)
    page = theirs.get(f"/reviews/{number}/").content.decode()
    assert "No test of the pool." in page
    assert "Close the review" not in page
    for address in (f"/reviews/{number}/write/", f"/findings/{row.digest}/review/"):
        assert theirs.post(address, {"part": "close"}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.close_review(ANONYMOUS, number)


def test_the_pages_take_a_review_from_its_begin_to_its_end(
    row: Finding, client_of: ClientOf, service_manager: Person
) -> None:
    manager = client_of(service_manager)
    page = manager.post(f"/findings/{row.digest}/review/", follow=True)
    address = f"/reviews/{Review.objects.get().pk}/"
    assert page.redirect_chain[-1][0] == address
    sent = {"part": "review", "begin": "2026-03-10T09:00", "restored": "2026-03-10T08:00", **TEXTS}
    wrong = manager.post(f"{address}write/", sent)
    assert wrong.status_code == 422
    assert "before it began" in wrong.content.decode()
    manager.post(f"{address}write/", sent | {"restored": "2026-03-10T14:00", "detected": "2026-03-10T10:00"})
    manager.post(
        f"{address}write/", {"part": "line", "at": "2026-03-10T09:30", "text": "<script>alert(1)</script>"}
    )
    manager.post(
        f"{address}write/",
        {"part": "action", "kind": "prevent", "text": "Test it", "owner": "Payments", "due": "2026-03-20"},
    )
    shown = manager.get(address).content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "Test it" in manager.get("/reviews/").content.decode()
    manager.post(f"/review-actions/{ReviewAction.objects.get().pk}/", {"state": "done", "result": "green"})
    assert ReviewAction.objects.get().state == "done"
    closed = manager.post(f"{address}write/", {"part": "close"}, follow=True)
    assert "Saved." in closed.content.decode()
    assert manager.post(f"{address}write/", {"part": "nothing"}).status_code == 404
    assert manager.post("/review-actions/99/", {"state": "done"}).status_code == 404


def test_api_and_command_show_the_same_and_refuse_the_same(
    row: Finding, client_of: ClientOf, service_manager: Person
) -> None:
    manager = client_of(service_manager)

    def send(method: str, path: str, sent: dict[str, Any]) -> Any:
        return getattr(manager, method)(f"/api/{path}", json.dumps(sent), content_type="application/json")

    number = send("post", f"findings/{row.digest}/review", {}).json()["id"]
    filled = {"begin": "2026-03-10T09:00:00Z", "restored": "2026-03-10T14:00:00Z", **TEXTS}
    assert send("put", f"reviews/{number}", filled).status_code == 200
    early = send("put", f"reviews/{number}", {**filled, "restored": "2026-03-10T08:00:00Z"})
    assert early.status_code == 422
    assert "before it began" in early.content.decode()
    assert send("put", f"reviews/{number}", {**filled, "begin": "2026-03-10T09:00:00"}).status_code == 422
    action = {"kind": "detect", "text": "Alarm", "owner": "Payments", "due": "2026-03-20"}
    assert send("post", f"reviews/{number}/actions", action).status_code == 200
    assert send("post", f"reviews/{number}/actions", {**action, "kind": "blame"}).status_code == 422
    line = {"at": "2026-03-10T10:00:00Z", "text": "Somebody called."}
    assert send("post", f"reviews/{number}/lines", line).json()["timeline"]
    ended = ReviewAction.objects.get().pk
    assert send("put", f"review-actions/{ended}", {"state": "dropped"}).status_code == 422
    assert send("put", f"review-actions/{ended}", {"state": "done"}).status_code == 200
    assert send("post", f"reviews/{number}/close", {}).json()["state"] == "closed"
    told = CliRunner().invoke(list_reviews, ["--json"], standalone_mode=False)
    assert json.loads(told.output) == manager.get("/api/reviews").json()
    assert manager.get("/api/reviews/99").status_code == 404
    assert manager.get(f"/api/reviews/{1 << 70}").status_code == 422


def test_how_its_evidence_is_read(row: Finding) -> None:
    shown = review(OPERATOR, begun(row))
    assert (shown.met, shown.ruined_days) == (detected().met, detected().ruined_days.value)
