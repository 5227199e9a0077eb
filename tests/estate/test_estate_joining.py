"""What several sources tell becomes one item; where they disagree it is shown, decided, and can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from towpath.estate.actions import deciding
from towpath.estate.actions.reports import take_in
from towpath.estate.models import Change, Discovery, Fact, Item, Link
from towpath.estate.queries.blast import blast
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.item import item
from towpath.estate.sources.report import EVERYTHING, Report, SeenItem, SeenLink
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own(tmp_home: Home) -> None:
    """Each test in an estate of its own."""


def host(name: str, *keys: tuple[str, str], **facts: str) -> SeenItem:
    return SeenItem(ref=name, kind="host", name=name, keys=keys, facts=facts)


def told(
    *items: SeenItem,
    source: str = "cmdb",
    days: int = 0,
    links: tuple[SeenLink, ...] = (),
    whole: bool = False,
) -> Discovery:
    scopes = (EVERYTHING,) if whole else ()
    at = DAY + timedelta(days=days)
    return take_in(OPERATOR, source, Report("csv", at, items, links, scopes))


def field(name: str, number: str) -> tuple[str, bool, bool]:
    found = next(each for each in item(OPERATOR, number).fields if each.field == name)
    return found.value, found.conflict, found.decided


def test_two_sources_that_share_a_key_see_one_item() -> None:
    told(host("db1", ("serial", "S-1"), owner="platform"))
    told(host("db1.example", ("serial", "s-1"), ("ip", "192.0.2.1")), source="agents")
    (only,) = Item.objects.all()
    assert only.seen_by == 2
    assert {key.value for key in item(OPERATOR, f"#{only.pk}").keys} >= {"192.0.2.1"}


def test_the_same_report_again_changes_nothing() -> None:
    first = told(host("db1", ("serial", "S-1"), owner="platform"), host("db2", ("serial", "S-2")))
    again = told(host("db1", ("serial", "S-1"), owner="platform"), host("db2", ("serial", "S-2")))
    assert (first.new, again.new, again.changed, again.gone) == (2, 0, 0, 0)
    assert (Item.objects.count(), Change.objects.filter(discovery=again).count()) == (2, 0)


def test_where_sources_disagree_both_stand_until_a_person_decides_and_that_can_be_undone() -> None:
    told(host("db1", ("serial", "S-1"), owner="platform"))
    told(host("db1", ("serial", "S-1"), owner="billing"), source="agents", days=1)
    number = f"#{Item.objects.get().pk}"
    value, conflict, _decided = field("owner", number)
    assert conflict
    assert {said.value for each in item(OPERATOR, number).fields for said in each.said} >= {
        "platform",
        "billing",
    }
    decision = deciding.hold(OPERATOR, Item.objects.get().pk, "owner", "payments", because="moved in March")
    assert field("owner", number) == ("payments", False, True)
    assert Item.objects.get().conflicts == 0
    told(host("db1", ("serial", "S-1"), owner="channels"), days=2)
    assert field("owner", number)[0] == "payments", "what a source says overwrites no decision"
    deciding.undo(OPERATOR, decision.pk)
    assert field("owner", number)[1:] == (True, False)
    assert value in {"platform", "billing"}
    with pytest.raises(Http404):
        deciding.undo(OPERATOR, decision.pk)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"estate.decided", "estate.undone"}


def test_history_can_be_looked_at_by_date() -> None:
    told(host("db1", ("serial", "S-1"), owner="platform"))
    told(host("db1", ("serial", "S-1"), owner="billing"), days=10)
    number = f"#{Item.objects.get().pk}"
    then = item(OPERATOR, number, DAY + timedelta(days=5))
    assert next(each.value for each in then.fields if each.field == "owner") == "platform"
    assert field("owner", number)[0] == "billing"
    assert Fact.objects.filter(field="owner").count() == 2, "the earlier fact is ended, not overwritten"


def test_a_whole_list_tells_what_is_gone_and_what_is_back() -> None:
    told(host("db1", ("serial", "S-1")), host("db2", ("serial", "S-2")), whole=True)
    without = told(host("db1", ("serial", "S-1")), days=1, whole=True)
    assert without.gone == 1
    assert Item.objects.get(name="db2").gone_since is not None
    told(host("db1", ("serial", "S-1")), host("db2", ("serial", "S-2")), days=2, whole=True)
    assert Item.objects.get(name="db2").gone_since is None
    whats = set(Change.objects.filter(item__name="db2").values_list("what", flat=True))
    assert whats == {"new", "gone", "back"}


def test_a_report_that_is_older_than_what_is_known_changes_nothing_that_holds() -> None:
    told(host("db1", ("serial", "S-1"), owner="billing"), days=5)
    late = told(host("db1", ("serial", "S-1"), owner="platform"))
    assert field("owner", f"#{Item.objects.get().pk}")[0] == "billing"
    assert any("told of later already" in doubt for doubt in late.doubts)


def test_two_items_are_said_to_be_one_and_apart_again() -> None:
    told(host("db1", ("serial", "S-1")), host("database one", ("serial", "S-9"), owner="billing"))
    one, two = (Item.objects.get(name=name).pk for name in ("db1", "database one"))
    decision = deciding.say_same(OPERATOR, one, two)
    assert item_meant(OPERATOR, f"#{two}").pk == one
    assert field("owner", f"#{one}")[0] == "billing"
    with pytest.raises(ValidationError):
        deciding.say_same(OPERATOR, one, two)
    deciding.undo(OPERATOR, decision.pk)
    assert item_meant(OPERATOR, f"#{two}").pk == two
    assert not any(each.field == "owner" for each in item(OPERATOR, f"#{one}").fields)


def test_nobody_decides_or_tells_without_the_right() -> None:
    told(host("db1", ("serial", "S-1"), owner="platform"))
    with pytest.raises(PermissionDenied):
        deciding.hold(ANONYMOUS, Item.objects.get().pk, "owner", "me")
    with pytest.raises(PermissionDenied):
        take_in(ANONYMOUS, "cmdb", Report("csv", DAY, ()))
    with pytest.raises(ValidationError, match="cannot name a source"):
        take_in(OPERATOR, "Our CMDB!", Report("csv", DAY, ()))


def test_a_ring_of_needs_falls_as_a_whole_and_a_link_to_nothing_is_a_doubt() -> None:
    ring = tuple(SeenLink("depends_on", a, b) for a, b in (("a", "b"), ("b", "c"), ("c", "a")))
    astray = SeenLink("depends_on", "a", "nowhere", line=9)
    items = [SeenItem(ref=name, kind="application", name=name) for name in "abc"]
    found = told(*items, links=(*ring, astray))
    assert (found.links, len(found.doubts)) == (3, 1)
    fallen = blast(OPERATOR, "a")
    assert {each.name for each in fallen.fallen} == {"b", "c"}
    assert fallen.needs == 2


def test_a_link_to_itself_and_of_an_unknown_kind_are_doubts() -> None:
    items = [SeenItem(ref=name, kind="application", name=name) for name in "ab"]
    links = (SeenLink("depends_on", "a", "a"), SeenLink("worships", "a", "b"))
    found = told(*items, links=links)
    assert (found.links, len(found.doubts), Link.objects.count()) == (0, 2, 0)


def test_an_item_of_a_kind_that_no_rule_names_is_kept_and_known_by_its_name() -> None:
    pot = SeenItem(ref="x", kind="teapot", name="brown betty")
    assert [told(pot).new, told(pot, days=1).new] == [1, 0]
    (kept,) = Item.objects.all()
    assert (kept.kind, kept.name) == ("teapot", "brown betty")
