"""Down to one customer: a ruined day beside what each team's signals said."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from findings import ANNA, ANNA_KEY, DAY, put, put_ruined_day

from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding
from towpath.improvement.pages.ruined_days import beats_of
from towpath.improvement.queries.ruined_day import ruined_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(tmp_home: Home) -> Finding:
    put_ruined_day()
    return put()


def test_a_day_tells_what_the_customer_met_and_the_contact_of_the_next_day(finding: Finding) -> None:
    day = ruined_day(OPERATOR, finding.digest, 1)
    assert (day.name, day.day, day.customer) == (ANNA, DAY, str(ANNA_KEY))
    assert [(event.title, event.bad, event.decisive) for event in day.events] == [
        ("Open the bill", False, False),
        ("Pay by card", True, True),
        ("Pay by card", True, False),
        ("Gets in touch by chat", False, False),
    ]
    assert day.first_known_seconds == pytest.approx(14.5 * 3600)


def test_beside_each_event_stands_what_all_customers_met_in_that_hour(finding: Finding) -> None:
    failed = ruined_day(OPERATOR, finding.digest, 1).events[1].seen
    (signal,) = failed.signals
    assert (signal.name, signal.now.good, signal.now.count) == ("payments", 59, 62)
    assert (signal.usual.good, signal.usual.count) == (59 * 7, 60 * 7)
    assert signal.narrow is not None
    assert (signal.narrow_name, signal.narrow.good, signal.narrow.count) == ("app 4.12.0", 0, 2)
    assert signal.green
    assert [release.name for release in failed.releases] == ["app 4.12.0"]


def test_what_nobody_knows_is_said_so_and_what_stays_is_said_once(finding: Finding) -> None:
    beats = beats_of(ruined_day(OPERATOR, finding.digest, 1))
    assert [bool(beat.signals) for beat in beats] == [False, True, False, False]
    assert beats[2].unchanged
    assert beats[3].contacts == 1
    assert [beat.next_day for beat in beats] == [False, False, False, True]


def test_a_worse_hour_is_not_green(finding: Finding) -> None:
    from journey_events import event, put_in

    more = {"service": "payments", "component": "app", "version": "4.12.0", "outcome": "fault"}
    put_in([event("bill.paid", None, 298.1, identifier=f"account:x{i}", **more) for i in range(30)], "second")
    (signal,) = ruined_day(OPERATOR, finding.digest, 1).events[1].seen.signals
    assert not signal.green


def test_each_look_at_a_day_is_kept(finding: Finding, agent: Person, client_of: type[Client]) -> None:
    page = client_of(agent).get(f"/findings/{finding.digest}/days/1/")  # type: ignore[arg-type]
    assert "this ruined the day" in page.content.decode()
    assert "app 4.12.0 alone" in page.content.decode()
    entry = AuditEntry.objects.get(verb="customer.looked_at")
    assert (entry.actor, entry.target) == (agent.username, str(ANNA_KEY))


def test_days_that_are_not_there_are_not_found(finding: Finding) -> None:
    for number in (0, 2):
        with pytest.raises(Http404, match="1 days"):
            ruined_day(OPERATOR, finding.digest, number)
    with pytest.raises(Http404):
        ruined_day(OPERATOR, "0123", 1)


def test_customers_do_not_see_each_others_days(finding: Finding, customer_person: Person) -> None:
    with pytest.raises(PermissionDenied):
        ruined_day(actor_of(customer_person), finding.digest, 1)


def test_the_api_tells_the_same_day(finding: Finding, key_with: object) -> None:
    secret = key_with(["customers:read", "findings:read", "journeys:read"])  # type: ignore[operator]
    answer = Client().get(
        f"/api/findings/{finding.digest}/days/1", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200, answer.content
    assert json.loads(answer.content)["events"][1]["title"] == "Pay by card"
