"""A journey is a versioned record: applied from YAML, exported to it, never changed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from journey_events import JOURNEY

from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.outbox import announcing
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.announcements import JourneyApplied
from towpath.journeys.models import Journey, JourneyVersion
from towpath.journeys.queries.journeys import NoSuchJourney, definition, export_journey, journeys

pytestmark = pytest.mark.django_db
CHANGED = JOURNEY.replace("name: Pay,", "name: Pay up,")


def test_the_first_definition_is_version_1_and_another_is_version_2() -> None:
    first = apply_journey(OPERATOR, JOURNEY, "order.yaml")
    second = apply_journey(OPERATOR, CHANGED.replace("name: Order", "name: Orders"), "order.yaml")
    assert [(each.version, each.new) for each in (first, second)] == [(1, True), (2, True)]
    (shown,) = journeys(OPERATOR)
    assert (shown.key, shown.name, shown.version, shown.steps) == ("order", "Orders", 2, 3)
    assert definition(OPERATOR, "order", 1).steps[1].name == "Pay"


def test_an_equal_definition_makes_no_version_however_it_is_written() -> None:
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    again = apply_journey(
        OPERATOR, "# the same\n" + JOURNEY.replace("{type: pay}", '{"type": "pay"}'), "x.yaml"
    )
    exported = apply_journey(OPERATOR, export_journey(OPERATOR, "order"), "exported.yaml")
    assert (again.new, exported.new, exported.version) == (False, False, 1)
    assert AuditEntry.objects.count() == 1


def test_of_two_who_apply_the_same_at_once_one_makes_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[bool] = []
    usual = QuerySet.get_or_create

    def a_moment_late(rows: QuerySet[Journey], **asked: object) -> tuple[Journey, bool]:
        if not others:
            others.append(True)
            others[0] = apply_journey(OPERATOR, JOURNEY, "order.yaml").new
        return usual(rows, **asked)

    monkeypatch.setattr(QuerySet, "get_or_create", a_moment_late)
    assert not apply_journey(OPERATOR, JOURNEY, "order.yaml").new
    assert others == [True]
    assert JourneyVersion.objects.count() == 1


def test_going_back_to_an_old_definition_is_a_new_version() -> None:
    for text in (JOURNEY, CHANGED, JOURNEY):
        apply_journey(OPERATOR, text, "order.yaml")
    assert JourneyVersion.objects.count() == 3


def test_the_audit_log_holds_both_definitions_and_the_news_goes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(fact: JourneyApplied) -> None:
        raise AssertionError("is delivered later, by the worker")

    monkeypatch.setitem(announcing._listeners, JourneyApplied, [listener])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    apply_journey(OPERATOR, CHANGED, "order.yaml")
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.verb, entry.target) == ("journey.applied", "order 2")
    assert [entry.before["steps"][1]["name"], entry.after["steps"][1]["name"]] == ["Pay", "Pay up"]
    assert [message.body["version"] for message in OutboxMessage.objects.all()] == [1, 2]


def test_a_version_is_never_changed_or_removed() -> None:
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    version = JourneyVersion.objects.get()
    with pytest.raises(TypeError, match="never changed"):
        version.save()
    with pytest.raises(TypeError, match="never removed"):
        version.delete()


def test_only_those_who_may_write_journeys_apply_them(service_manager: Person, agent: Person) -> None:
    with pytest.raises(PermissionDenied):
        apply_journey(actor_of(agent), JOURNEY, "order.yaml")
    assert apply_journey(actor_of(service_manager), JOURNEY, "order.yaml").new
    assert JourneyVersion.objects.get().created_by == service_manager.username
    assert export_journey(actor_of(agent), "order").startswith("key: order")


def test_customers_see_no_journeys(customer_person: Person) -> None:
    with pytest.raises(PermissionDenied):
        journeys(actor_of(customer_person))


def test_a_wrong_definition_leaves_nothing() -> None:
    with pytest.raises(DocumentError):
        apply_journey(OPERATOR, JOURNEY.replace("then: desk", "then: nobody"), "order.yaml")
    with pytest.raises(DocumentError, match="expected was 'claim'"):
        apply_journey(OPERATOR, JOURNEY, "order.yaml", key="claim")
    assert not Journey.objects.exists()


def test_an_unknown_journey_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NoSuchJourney, match="None was applied yet"):
        export_journey(OPERATOR, "order")
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    with pytest.raises(NoSuchJourney, match=r"no journey 'orders'.*There are: order"):
        export_journey(OPERATOR, "orders")
    with pytest.raises(NoSuchJourney, match="no version 7"):
        export_journey(OPERATOR, "order", 7)
