"""What findings hold about customers: forgotten when they are, shown to those who may see customers alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from findings import ANNA, ANNA_KEY, DAY, put

from towpath.foundation.operations.forgetting import Person, places
from towpath.foundation.operations.home import Home
from towpath.foundation.outbox.webhooks import is_public
from towpath.foundation.people.models import Person as Member
from towpath.improvement.actions import findings as acting
from towpath.improvement.forgetting import forget_in_findings
from towpath.improvement.measures.moments import _theirs
from towpath.improvement.models import Finding, FindingStep

NOW = datetime(2024, 3, 14, 9, tzinfo=UTC)
FORGOTTEN = Person((ANNA,), frozenset({ANNA_KEY}), NOW)


def test_a_forgotten_customer_shows_no_trouble_and_stands_in_no_note(tmp_home: Home) -> None:
    row = put(next_step="Call anna@shop.example back", owner="Kim")
    FindingStep.objects.create(finding=row, at=NOW, state="open", by="Kim", note="anna@shop.example wrote")
    assert "findings" in places()
    assert forget_in_findings(FORGOTTEN) == 3
    row.refresh_from_db()
    assert row.detected["moments"] == []
    assert row.detected["met"] == 2_310
    assert "anna" not in row.next_step
    assert row.owner == "Kim"
    assert not FindingStep.objects.filter(note__contains="anna").exists()
    assert forget_in_findings(FORGOTTEN) == 0


def test_a_key_for_findings_alone_gets_no_customers(key_client: Callable[..., Client], db: None) -> None:
    row = put()
    narrow = key_client(["findings:read"]).get(f"/api/findings/{row.digest}").json()
    wide = key_client(["findings:read", "customers:read"]).get(f"/api/findings/{row.digest}").json()
    assert narrow["found"].get("moments", []) == []
    assert [each["customer"] for each in wide["found"]["moments"]] == [str(ANNA_KEY)]


def test_of_events_at_one_moment_the_customers_own_is_shown() -> None:
    several = [(7, "shop", "another's"), (8, "shop", "own")]
    assert _theirs(several, 8) == [(8, "shop", "own")]
    assert _theirs(several, 9) == []
    assert _theirs([(7, "shop", "of the case")], 9) == [(7, "shop", "of the case")]


def test_one_whose_news_was_lost_is_told_at_the_next_look(db: None) -> None:
    row = put()
    FindingStep.objects.all().delete()
    assert acting.mark_looked([row.digest], NOW) == {row.digest: "open"}
    assert FindingStep.objects.filter(finding=row).count() == 1
    assert acting.mark_looked([row.digest], NOW) == {}


def test_a_look_does_not_overrule_who_decided_meanwhile(
    db: None, service_manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = put(state="accepted", last_seen=NOW - timedelta(days=8))

    def decides_first(*_asked: object) -> None:
        Finding.objects.filter(pk=row.pk).update(state="declined", review_on=DAY + timedelta(days=90))

    monkeypatch.setattr(acting, "_measured", decides_first)
    assert acting.mark_looked([], NOW) == {}
    row.refresh_from_db()
    assert row.state == "declined"


@pytest.mark.parametrize(
    "number", ["64:ff9b::a00:1", "2002:a00:1::1", "::10.0.0.1", "2001:0:1::1", "::ffff:10.0.0.1", "fd00::1"]
)
def test_an_address_that_carries_another_one_is_not_public(number: str) -> None:
    assert not is_public(number)


def test_public_addresses_are() -> None:
    assert all(is_public(number) for number in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"))
