"""Pages of findings: the list, one finding, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from findings import put

from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]


@pytest.fixture
def client(service_manager: Person, client_of: ClientOf) -> Client:
    return client_of(service_manager)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_is_to_mend_and_the_others_by_state(client: Client) -> None:
    put()
    put("channel=phone", state="gone", seen=False)
    put("component=ledger", state="declined", review_on="2030-01-01")
    page = text_of(client, "/findings/")
    assert "fails in app 4.12.0" in page
    assert "come by phone" not in page
    assert "come by phone" in text_of(client, "/findings/?state=gone")
    assert "1 Jan 2030" in text_of(client, "/findings/?state=declined")
    assert "fails at ledger" in text_of(client, "/findings/?state=all")


def test_without_findings_the_list_says_that_nothing_stands_out(client: Client) -> None:
    assert "Nothing stands out" in text_of(client, "/findings/")
    assert "No finding is in this state" in text_of(client, "/findings/?state=back")


def test_a_finding_says_what_it_is_since_when_and_what_it_costs(client: Client) -> None:
    row = put()
    page = text_of(client, f"/findings/{row.digest}/")
    for said in (
        "2,310",
        "1,820 to 2,140",
        "€41,200",
        "lost margin €31,000",
        "between 12 Mar 2024 and 13 Mar 2024",
        "together with release app 4.12.0",
        "Cannot tell",
        "Take app 4.12.0 back",
        "More than for the others",
        "version 4.12.0",
        f"/findings/{row.digest}/days/1/",
        "/journeys/pay-a-bill/",
    ):
        assert said in page, said


def test_without_prices_it_says_what_to_do_and_without_a_day_that_none_is_known(client: Client) -> None:
    row = put("", found={"cost": None, "since": None, "moments": ()})
    page = text_of(client, f"/findings/{row.digest}/")
    assert "prices.yaml" in page
    assert "No day is known" in page
    assert "who is missing left no event" in page


def test_accepting_is_one_form_with_all_that_it_needs(client: Client) -> None:
    row = put()
    address = f"/findings/{row.digest}/decide/"
    sent = {"decision": "accept", "owner": "Payments", "next_step": "Hold it", "due": "2030-01-01"}
    refused = client.post(address, sent | {"owner": ""})
    assert refused.status_code == 422
    assert "This field is required" in refused.content.decode()
    assert client.post(address, sent | {"expected_gain": "900"}).status_code == 302
    page = text_of(client, f"/findings/{row.digest}/")
    assert "900 ruined days a week fewer" in page
    assert "Work on it has begun" in page
    client.post(address, {"decision": "mend"})
    client.post(address, {"decision": "reopen"})
    states = list(Finding.objects.get().steps.values_list("state", flat=True))
    assert states == ["open", "accepted", "mending", "open"]


def test_declining_without_a_reason_shows_the_form_again(client: Client) -> None:
    row = put()
    address = f"/findings/{row.digest}/decide/"
    past = client.post(address, {"decision": "decline", "because": "No", "review_on": "2001-01-01"})
    assert past.status_code == 422
    assert "a day to come" in past.content.decode()
    client.post(address, {"decision": "decline", "because": "The app goes.", "review_on": "2031-01-01"})
    assert "The app goes." in text_of(client, f"/findings/{row.digest}/")


def test_what_cannot_be_done_now_is_said_and_changes_nothing(client: Client) -> None:
    row = put(state="gone", seen=False)
    answer = client.post(f"/findings/{row.digest}/decide/", {"decision": "mend"}, follow=True)
    assert "cannot be done now" in answer.content.decode()
    assert client.post(f"/findings/{row.digest}/decide/", {"decision": "burn"}).status_code == 404


def test_gone_shows_the_gain_beside_what_was_expected(client: Client) -> None:
    measured = {"gain": 2_300.0, "expected": 2_000.0, "before": 2_350.0, "now": 50.0}
    row = put(state="gone", seen=False, measured=measured)
    page = text_of(client, f"/findings/{row.digest}/")
    assert "2,300 ruined days a week fewer" in page
    assert "Expected were 2,000" in page


def test_who_may_not_decide_sees_no_forms(leader: Person, client_of: ClientOf) -> None:
    row = put()
    client = client_of(leader)
    assert 'name="decision"' not in text_of(client, f"/findings/{row.digest}/")
    assert client.post(f"/findings/{row.digest}/decide/", {"decision": "mend"}).status_code == 403
