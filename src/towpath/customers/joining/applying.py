"""Writing what follows: whose each identifier is, what is shared, and what a person is to be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import xxhash
from django.db import connection, transaction

from towpath.customers.announcements import CustomersMerged, CustomersParted
from towpath.customers.joining.neighbourhood import Neighbourhood, Row, around
from towpath.customers.joining.observing import ASKED_AT_ONCE, batches
from towpath.customers.models import Customer, Decision, Identifier, Move, Question
from towpath.customers.rules.document import LinkRules
from towpath.customers.rules.resolving import Doubt, resolve
from towpath.events.keys import set_keys
from towpath.foundation.outbox.announcing import announce

RESOLVED_AT_ONCE = 200
"""Identifiers a transaction, with all that hangs together with them: others wait for the records."""
_ALONE = 0x70A7
"""Which of PostgreSQL's advisory locks is held: on SQLite every writer is alone by itself."""


@dataclass
class Outcome:
    """How many identifiers were looked at, were given a (new) customer, how many customers were joined into
    others or parted, and questions newly asked."""

    looked_at: int = 0
    placed: int = 0
    joined: int = 0
    parted: int = 0
    asked: int = 0

    def add(self, other: Outcome) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def settle_all(
    keys: Iterable[int], rules: LinkRules, version: int, done: set[int] | None = None
) -> Iterator[Outcome]:
    """Find anew whose these identifiers are, some at a time; yields what came of it so far.

    Those in `done` are passed over; all that were looked at are added to it.
    """
    total, done = Outcome(), set() if done is None else done
    for some in batches(keys, RESOLVED_AT_ONCE):
        left = [key for key in some if key not in done]
        if not left:
            continue
        with alone():
            found = around(left)
            done |= found.rows.keys()
            total.add(_apply(found, rules, version, None))
        yield total


def settle(keys: Collection[int], rules: LinkRules, version: int, decision: Decision | None) -> Outcome:
    """The same for a few, in the transaction of a person's action, which `decision` records."""
    with alone():
        return _apply(around(keys), rules, version, decision)


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else says who is who."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [_ALONE])
        yield


def _apply(found: Neighbourhood, rules: LinkRules, version: int, decision: Decision | None) -> Outcome:
    answer = resolve(found.nodes, found.ties, list(found.decisions.values()), rules)
    outcome = Outcome(looked_at=len(found.rows))
    _mark(found, answer.shared)
    moved = {row.key: row for row in found.rows.values() if row.customer != answer.customer_of[row.key]}
    if moved:
        after = {key: answer.customer_of[key] for key in moved}
        _place(after, found, rules)
        _remember(moved, after, version, decision)
        set_keys({key: to for key, to in after.items() if moved[key].customer is not None or to != key})
        outcome.placed = len(moved)
        outcome.joined, outcome.parted = _tell(found.rows.values(), answer.customer_of, set(moved))
        _sweep({row.customer for row in moved.values() if row.customer is not None})
    outcome.asked = _ask(found, answer.doubts, decision)
    return outcome


def _mark(found: Neighbourhood, shared: Collection[int]) -> None:
    """What is shared for the first time; what a person said of it stays."""
    fresh = [key for key in shared if found.rows[key].proxy == Identifier.Proxy.NO]
    for some in batches(fresh, ASKED_AT_ONCE):
        Identifier.objects.filter(pk__in=some).update(proxy=Identifier.Proxy.RULE)


def _place(after: Mapping[int, int], found: Neighbourhood, rules: LinkRules) -> None:
    wanted = dict.fromkeys(after.values())
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into customers_customer (\"key\", name, kind) values (%s, '', %s) on conflict do nothing",
            [(key, rules.kind_of(found.rows[key].kind).of) for key in wanted],
        )
        cursor.executemany(
            'update customers_identifier set customer_id = %s where "key" = %s',
            [(to, key) for key, to in after.items()],
        )


def _remember(
    moved: Mapping[int, Row], after: Mapping[int, int], version: int, decision: Decision | None
) -> None:
    Move.objects.bulk_create(
        Move(identifier_id=key, before=row.customer, after=after[key], rules=version, decision=decision)
        for key, row in moved.items()
        if row.customer is not None
    )


def _tell(rows: Iterable[Row], after: Mapping[int, int], moved: Collection[int]) -> tuple[int, int]:
    """Announce which customers became one and which several; returns how many of either."""
    came: dict[int, set[int]] = defaultdict(set)
    went: dict[int, set[int]] = defaultdict(set)
    changed: set[int] = set()
    for row in rows:
        if row.customer is not None:
            came[after[row.key]].add(row.customer)
            went[row.customer].add(after[row.key])
            changed |= {row.customer, after[row.key]} if row.key in moved else set()
    joined = {to: those for to, those in came.items() if len(those) > 1 and to in changed}
    parted = {key: those for key, those in went.items() if len(those) > 1 and key in changed}
    for to, those in sorted(joined.items()):
        announce(CustomersMerged(str(to), tuple(str(key) for key in sorted(those - {to}))))
    for key, those in sorted(parted.items()):
        announce(CustomersParted(str(key), tuple(str(part) for part in sorted(those))))
    return sum(len(those) - 1 for those in joined.values()), sum(len(those) - 1 for those in parted.values())


def _sweep(customers: Iterable[int]) -> None:
    """Let go of customers whose identifiers all went elsewhere, unless a person named them."""
    for some in batches(customers, ASKED_AT_ONCE):
        kept = set(Identifier.objects.filter(customer__in=some).values_list("customer_id", flat=True))
        Customer.objects.filter(pk__in=set(some) - kept, name="").delete()


def _ask(found: Neighbourhood, doubts: Collection[Doubt], decision: Decision | None) -> int:
    """Bring the questions about these identifiers up to date; returns how many are new."""
    wanted = {_digest(doubt): doubt for doubt in doubts}
    standing: dict[str, Question] = {}
    for some in batches(found.rows, ASKED_AT_ONCE):
        asked = Question.objects.filter(subject__in=some, state=Question.State.OPEN)
        standing |= {question.digest: question for question in asked}
    gone = [question.pk for digest, question in standing.items() if digest not in wanted]
    state = Question.State.DECIDED if decision else Question.State.GONE
    Question.objects.filter(pk__in=gone).update(state=state, decision=decision)
    fresh = [(digest, doubt) for digest, doubt in wanted.items() if digest not in standing]
    for digest, doubt in fresh:
        question, _created = Question.objects.update_or_create(
            digest=digest,
            defaults={
                "subject_id": doubt.subject,
                "reason": doubt.reason,
                "confidence": doubt.confidence,
                "state": Question.State.OPEN,
                "decision": None,
            },
        )
        question.candidates.set(doubt.candidates)
    return len(fresh)


def _digest(doubt: Doubt) -> str:
    """Who is asked about, and why; the order does not matter."""
    words = " ".join(map(str, (doubt.reason, *sorted((doubt.subject, *doubt.candidates)))))
    return xxhash.xxh3_128_hexdigest(words.encode())
