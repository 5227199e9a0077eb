"""Who is who, decided from evidence: the same in any order, never two accounts in one, undone without a
trace."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.customers.rules.document import DEFAULT
from towpath.customers.rules.resolving import Node, Resolution, Verdict, resolve

KINDS = ("account", "mail", "device", "session", "phone")
Tie = tuple[int, int]


def node(key: int, kind: str, shared: bool | None = False) -> Node:
    return Node(key, kind, f"{kind}-{key}", shared)


def groups(found: Resolution) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for key, customer in found.customer_of.items():
        members.setdefault(customer, set()).add(key)
    return {frozenset(those) for those in members.values()}


def asked(nodes: Sequence[Node], ties: Iterable[Tie], *verdicts: Verdict) -> Resolution:
    return resolve(nodes, ties, verdicts, DEFAULT)


ACCOUNT, OTHER, MAIL, DEVICE, SESSION = (
    node(1, "account"),
    node(2, "account"),
    node(3, "mail"),
    node(4, "device"),
    node(5, "session"),
)


def test_what_is_seen_together_surely_enough_is_one_customer_under_the_key_of_the_account() -> None:
    found = asked([MAIL, ACCOUNT, DEVICE], [(1, 3), (3, 4)])
    assert found.customer_of == {1: 1, 3: 1, 4: 1}
    assert found.doubts == ()


def test_too_little_is_asked_and_less_is_nothing() -> None:
    mails = [node(1, "mail"), node(2, "mail"), node(3, "company"), node(4, "phone"), node(5, "phone")]
    found = asked(mails, [(1, 2), (1, 3), (4, 5)])
    assert len(groups(found)) == 5
    (doubt,) = found.doubts
    assert (doubt.subject, doubt.candidates, doubt.reason, doubt.confidence) == (1, (2,), "unsure", 0.8)


def test_what_is_seen_with_two_accounts_belongs_to_neither_and_is_asked() -> None:
    found = asked([ACCOUNT, OTHER, DEVICE], [(1, 4), (2, 4)])
    assert groups(found) == {frozenset({1}), frozenset({2}), frozenset({4})}
    (doubt,) = found.doubts
    assert (doubt.subject, doubt.candidates, doubt.reason) == (4, (1, 2), "contested")


def test_the_surer_evidence_wins_and_the_weaker_is_asked() -> None:
    found = asked([ACCOUNT, OTHER, MAIL, DEVICE], [(1, 3), (3, 4), (2, 4)])
    assert groups(found) == {frozenset({1, 3}), frozenset({2, 4})}
    (doubt,) = found.doubts
    assert (doubt.subject, doubt.candidates, doubt.reason) == (1, (2,), "accounts")


def test_two_accounts_on_one_event_are_asked_never_joined() -> None:
    found = asked([ACCOUNT, OTHER], [(1, 2)])
    assert [doubt.reason for doubt in found.doubts] == ["accounts"]
    assert len(groups(found)) == 2


def test_a_session_that_shows_two_accounts_is_not_stitched_and_not_asked() -> None:
    found = asked([ACCOUNT, OTHER, MAIL, SESSION], [(1, 5), (2, 5), (3, 5)])
    assert len(groups(found)) == 4
    assert found.shared == {5}
    assert found.doubts == ()


def test_an_identifier_of_too_many_accounts_is_shared_and_joins_nothing() -> None:
    accounts = [node(10 + number, "account") for number in range(4)]
    found = asked([*accounts, MAIL, DEVICE], [*((each.key, 3) for each in accounts), (3, 4)])
    assert found.shared == {3}
    assert len(groups(found)) == 6
    assert found.doubts == ()
    cleared = asked([*accounts, node(3, "mail", None), DEVICE], [*((each.key, 3) for each in accounts)])
    assert cleared.shared == frozenset()
    assert cleared.doubts[0].candidates == (10, 11, 12, 13)


def test_a_mailbox_beside_a_crowd_of_devices_is_shared() -> None:
    crowd = [node(1000 + number, "device") for number in range(DEFAULT.kinds["mail"].neighbours + 1)]
    found = asked([MAIL, *crowd], [(3, each.key) for each in crowd])
    assert found.shared == {3}
    assert len(groups(found)) == len(crowd) + 1


def test_spellings_of_one_value_are_one() -> None:
    found = asked([Node(1, "mail", "a@x"), Node(2, "mail", "a@x"), Node(3, "device", "a@x")], [])
    assert groups(found) == {frozenset({1, 2}), frozenset({3})}


def test_a_person_is_not_their_company() -> None:
    found = asked([ACCOUNT, node(9, "company")], [(1, 9)])
    assert len(groups(found)) == 2
    assert found.doubts == ()


def test_a_person_may_join_two_accounts_and_tell_apart_what_rules_join() -> None:
    both = asked([ACCOUNT, OTHER, DEVICE], [(1, 4), (2, 4)], Verdict(True, frozenset({1, 2})))
    assert groups(both) == {frozenset({1, 2, 4})}
    apart = asked([ACCOUNT, MAIL], [(1, 3)], Verdict(False, frozenset({1}), frozenset({3})))
    assert len(groups(apart)) == 2
    assert apart.doubts == ()
    one_of_two = asked(
        [ACCOUNT, OTHER, DEVICE], [(1, 4), (2, 4)], Verdict(False, frozenset({4}), frozenset({1}))
    )
    assert groups(one_of_two) == {frozenset({1}), frozenset({2, 4})}
    assert one_of_two.doubts == ()


@st.composite
def evidence(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> tuple[list[Node], list[Tie], list[Verdict]]:
    count = draw(st.integers(2, 14))
    nodes = [
        Node(key, draw(st.sampled_from(kinds)), draw(st.sampled_from([f"v{key}", f"v{key // 2}"])), False)
        for key in range(count)
    ]
    key = st.integers(0, count - 1)
    ties = draw(st.lists(st.tuples(key, key).map(lambda pair: (min(pair), max(pair))), max_size=24))
    some = st.frozensets(key, min_size=1, max_size=2)
    verdicts = draw(st.lists(st.builds(Verdict, st.booleans(), some, some), max_size=2))
    return nodes, ties, verdicts


@given(evidence(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_the_order_in_which_evidence_came_does_not_matter(
    found: tuple[list[Node], list[Tie], list[Verdict]], chance: random.Random
) -> None:
    nodes, ties, verdicts = found
    shuffled = [chance.sample(part, len(part)) for part in (nodes, ties, verdicts)]
    first = resolve(nodes, ties, verdicts, DEFAULT)
    again = resolve(*shuffled, DEFAULT)  # type: ignore[arg-type]
    assert (first.customer_of, first.shared) == (again.customer_of, again.shared)
    assert {(each.subject, each.candidates) for each in first.doubts} == {
        (each.subject, each.candidates) for each in again.doubts
    }


@given(evidence())
@settings(deadline=None, max_examples=100)
def test_without_a_person_no_customer_has_two_accounts(
    found: tuple[list[Node], list[Tie], list[Verdict]],
) -> None:
    nodes, ties, _verdicts = found
    units = {each.key: each.unit for each in nodes}
    for group in groups(resolve(nodes, ties, [], DEFAULT)):
        assert len({units[key] for key in group if units[key][0] == "account"}) <= 1


@given(evidence(("mail", "device", "phone")))
@settings(deadline=None, max_examples=100)
def test_another_tie_never_splits_where_no_accounts_are_at_odds(
    found: tuple[list[Node], list[Tie], list[Verdict]],
) -> None:
    nodes, ties, _verdicts = found
    for count in range(len(ties)):
        before = groups(resolve(nodes, ties[:count], [], DEFAULT))
        after = groups(resolve(nodes, ties[: count + 1], [], DEFAULT))
        assert all(any(small <= large for large in after) for small in before)


@given(evidence())
@settings(deadline=None, max_examples=100)
def test_neighbours_that_hang_together_are_all_that_counts(
    found: tuple[list[Node], list[Tie], list[Verdict]],
) -> None:
    """So that a few can be looked at without the rest: `joining.neighbourhood` rests on it."""
    nodes, ties, verdicts = found
    far = [Node(each.key + 100, each.kind, f"far-{each.normalised}", False) for each in nodes]
    beside = [(one + 100, other + 100) for one, other in ties]
    alone = resolve(nodes, ties, verdicts, DEFAULT)
    together = resolve([*far, *nodes], [*beside, *ties], verdicts, DEFAULT)
    assert {key: to for key, to in together.customer_of.items() if key < 100} == alone.customer_of


@pytest.mark.parametrize("kind", ["mail", "device", "phone", "session"])
def test_what_is_shared_already_joins_nothing(kind: str) -> None:
    found = asked([ACCOUNT, node(7, kind, True)], [(1, 7)])
    assert len(groups(found)) == 2
    assert found.shared == {7}
