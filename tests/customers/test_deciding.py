"""What people say about who is who: joined, parted, answered, and taken back without a trace."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from who import customer_of, met, put_in, take_in, together

from towpath.customers.actions.deciding import CannotDecide, answer, merge, part, set_proxy, undo
from towpath.customers.actions.relating import relate, unrelate
from towpath.customers.actions.ruling import apply_rules, describe
from towpath.customers.joining.following import resolve_everything, rules_in_force
from towpath.customers.joining.observing import key_of
from towpath.customers.models import Customer, Decision, Identifier, Move, Question, Relationship
from towpath.customers.rules.document import DEFAULT, write_rules
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tmp_home")]
A, B, C = "account:a", "account:b", "mail:c@d.example"


def figures() -> dict[int, int]:
    """Events by the key of whom they belong to."""
    found = lake().snapshot().query("select key, count(*)::int as events from events group by key")
    return dict(zip(found["key"].to_pylist(), found["events"].to_pylist(), strict=True))


def waiting() -> list[Question]:
    return list(Question.objects.filter(state=Question.State.OPEN))


@pytest.fixture
def two_accounts(tmp_home: Home) -> None:
    take_in([met(0, A), met(1, A, "mail:a@d.example"), met(2, B), met(3, C)])


@pytest.mark.usefixtures("two_accounts")
def test_two_customers_become_one_and_all_figures_follow_and_undone_it_is_as_before(agent: Person) -> None:
    before = (together(), figures())
    kept = merge(actor_of(agent), [key_of(A), key_of(B)], "one person, two contracts")
    assert together() == {frozenset({A, "mail:a@d.example", B}), frozenset({C})}
    assert figures() == {kept: 3, key_of(C): 1}
    (decision,) = Decision.objects.all()
    assert (decision.by, decision.why) == (agent.username, "one person, two contracts")
    assert {move.decision for move in Move.objects.all()} == {decision}
    undo(actor_of(agent), decision.pk)
    assert (together(), figures()) == before
    decision.refresh_from_db()
    assert (decision.undone_by, decision.undone_at is None) == (agent.username, False)
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == [
        "customers.merged",
        "customers.decision_undone",
    ]
    with pytest.raises(CannotDecide, match="undone already"):
        undo(actor_of(agent), decision.pk)


@pytest.mark.usefixtures("two_accounts")
def test_events_that_come_later_go_to_whom_they_belong_to_now() -> None:
    kept = merge(OPERATOR, [key_of(A), key_of(B)])
    put_in([met(9, B), met(9, B, "phone:+41441234567")], "later")
    resolve_everything()
    assert figures()[kept] == 5
    assert customer_of("phone:+41441234567") == kept


def test_what_rules_joined_can_be_told_apart_and_stays_so() -> None:
    take_in([met(0, A), met(1, A, C), met(2, C, "device:d")])
    parted = part(OPERATOR, [key_of(C), key_of("device:d")], "a flatmate's")
    assert parted == key_of(C)
    put_in([met(7, A, C)], "again")
    resolve_everything()
    assert together() == {frozenset({A}), frozenset({C, "device:d"})}
    assert waiting() == []
    undo(OPERATOR, Decision.objects.get().pk)
    assert together() == {frozenset({A, C, "device:d"})}


@pytest.mark.usefixtures("two_accounts")
def test_the_newer_word_holds_and_undone_the_older_one_holds_again() -> None:
    merge(OPERATOR, [key_of(A), key_of(B), key_of(C)])
    part(OPERATOR, [key_of(B)])
    assert together() == {frozenset({A, "mail:a@d.example", C}), frozenset({B})}
    newer = Decision.objects.get(verdict="apart")
    merge(OPERATOR, [key_of(A), key_of(B)])
    assert len(together()) == 1
    undo(OPERATOR, Decision.objects.filter(verdict="together", undone_at=None).latest("pk").pk)
    assert frozenset({B}) in together()
    undo(OPERATOR, newer.pk)
    assert len(together()) == 1


def test_a_question_is_answered_by_a_person() -> None:
    take_in([met(0, A, "device:d"), met(1, B, "device:d")])
    (asked,) = waiting()
    assert (asked.subject.written, asked.reason) == ("device:d", "contested")
    answer(OPERATOR, asked.pk, "one", candidate=key_of(B))
    assert together() == {frozenset({A}), frozenset({B, "device:d"})}
    assert waiting() == []
    resolve_everything()
    assert waiting() == []
    asked.refresh_from_db()
    assert (asked.state, asked.decision_id is None) == ("decided", False)
    with pytest.raises(CannotDecide, match="not open"):
        answer(OPERATOR, asked.pk, "all")
    undo(OPERATOR, asked.decision_id or 0)
    assert len(together()) == 3
    assert [each.pk for each in waiting()] == [asked.pk]


@pytest.mark.parametrize(
    ("said", "groups"),
    [("all", [{A, B, "device:d"}]), ("none", [{A}, {B}, {"device:d"}]), ("shared", [{A}, {B}, {"device:d"}])],
)
def test_every_answer_holds(said: str, groups: list[set[str]]) -> None:
    take_in([met(0, A, "device:d"), met(1, B, "device:d")])
    answer(OPERATOR, waiting()[0].pk, said)  # type: ignore[arg-type]
    for _ in range(2):
        assert together() == {frozenset(those) for those in groups}
        assert waiting() == []
        resolve_everything()
    assert Identifier.objects.get(pk=key_of("device:d")).shared == (said == "shared")


def test_an_answer_that_names_somebody_else_is_refused() -> None:
    take_in([met(0, A, "device:d"), met(1, B, "device:d"), met(2, C)])
    with pytest.raises(CannotDecide, match="not one of them"):
        answer(OPERATOR, waiting()[0].pk, "one", candidate=key_of(C))
    assert len(waiting()) == 1


def test_a_mailbox_that_a_person_calls_shared_joins_nobody_until_they_say_otherwise() -> None:
    take_in([met(0, A, C), met(1, C, "device:d")])
    assert len(together()) == 1
    set_proxy(OPERATOR, key_of(C), proxy=True)
    assert together() == {frozenset({A}), frozenset({C}), frozenset({"device:d"})}
    with pytest.raises(CannotDecide, match="shared by many"):
        merge(OPERATOR, [key_of(A), key_of(C)])
    set_proxy(OPERATOR, key_of(C), proxy=False)
    assert len(together()) == 1


@pytest.mark.usefixtures("two_accounts")
def test_what_makes_no_sense_is_refused_in_words() -> None:
    with pytest.raises(CannotDecide, match="two customers or more"):
        merge(OPERATOR, [key_of(A), key_of(A)])
    with pytest.raises(Http404):
        merge(OPERATOR, [key_of(A), 1])
    with pytest.raises(CannotDecide, match="of one customer"):
        part(OPERATOR, [key_of(A), key_of(B)])
    with pytest.raises(CannotDecide, match="Leave the customer"):
        part(OPERATOR, [key_of(B)])
    assert not Decision.objects.exists()


@pytest.mark.usefixtures("two_accounts")
def test_leaders_look_and_customers_do_neither(leader: Person, customer_person: Person) -> None:
    for person in (leader, customer_person):
        with pytest.raises(PermissionDenied):
            merge(actor_of(person), [key_of(A), key_of(B)])


@pytest.mark.usefixtures("two_accounts")
def test_a_name_survives_a_merge_and_its_undoing() -> None:
    describe(OPERATOR, key_of(B), name="Ben", kind="household")
    merge(OPERATOR, [key_of(A), key_of(B)])
    undo(OPERATOR, Decision.objects.get().pk)
    ben = Customer.objects.get(pk=key_of(B))
    assert (ben.name, ben.kind) == ("Ben", "household")
    assert Customer.objects.get(pk=key_of(A)).name == ""
    assert "Ben" not in str([(entry.before, entry.after) for entry in AuditEntry.objects.all()])


@pytest.mark.usefixtures("two_accounts")
def test_roles_belong_to_a_relationship() -> None:
    relate(OPERATOR, key_of(A), key_of(B), "sponsor")
    relate(OPERATOR, key_of(A), key_of(B), "sponsor")
    relate(OPERATOR, key_of(A), key_of(B), "user")
    assert sorted(Relationship.objects.values_list("role", flat=True)) == ["sponsor", "user"]
    unrelate(OPERATOR, Relationship.objects.get(role="user").pk)
    assert Relationship.objects.count() == 1


def test_other_rules_find_anew_who_is_who(service_manager: Person, agent: Person) -> None:
    take_in([met(0, A, "phone:044 123 45 67"), met(1, "phone:+41 44 123 45 67", "device:d")])
    assert len(together()) == 3
    text = write_rules(DEFAULT).replace("country: ''", "country: '41'").replace("0.8\n", "0.95\n")
    with pytest.raises(PermissionDenied):
        apply_rules(actor_of(agent), text, "rules.yaml")
    assert apply_rules(actor_of(service_manager), text, "rules.yaml").version == 1
    assert OutboxMessage.objects.get(announcement="LinkRulesApplied").body == {"version": 1}
    assert apply_rules(actor_of(service_manager), text, "rules.yaml").new is False
    resolve_everything()
    assert {A, "phone:044 123 45 67", "phone:+41 44 123 45 67"} <= max(together(), key=len)
    assert rules_in_force()[1] == 1
    with pytest.raises(DocumentError, match=r"rules\.yaml, line 2"):
        apply_rules(OPERATOR, "join: 0.5\nask: 0.8\nkinds: {}\npairs: []\n", "rules.yaml")
