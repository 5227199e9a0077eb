"""Joining customers, parting them, answering open questions, and taking any of it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.joining.applying import alone, settle
from towpath.customers.joining.following import rules_in_force
from towpath.customers.models import Customer, Decision, Identifier, Link, OpenForgetting, Question, Said
from towpath.customers.rules import WRITE_CUSTOMERS
from towpath.customers.rules.document import LinkRules
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.sealing import seal
from towpath.foundation.audit.writing import Write, writing

MOST_TOLD_APART = 10_000
"""Pairs of identifiers that one decision tells apart at most."""
Answer = Literal["one", "all", "none", "shared"]


class CannotDecide(ValueError):
    """What was said does not fit what is known; the text says why, and what to do."""


def merge(actor: Actor, keys: Sequence[int], why: str = "") -> int:
    """Say that these customers are one; returns the key of the one that they are now.

    What was said to the contrary holds no longer. Raises CannotDecide, Http404 for an unknown customer.
    """
    with writing(actor, "customers.merged", WRITE_CUSTOMERS) as write, alone():
        customers = [fetch(Customer, actor, pk=key) for key in dict.fromkeys(keys)]
        if len(customers) < 2:
            raise CannotDecide(_("Name two customers or more: one alone is one already."))
        sides = [_lasting(customer.pk) for customer in customers]
        decision = _say(actor, Decision.Verdict.TOGETHER, [key for side in sides for key in side], [], why)
        _overrule(actor, decision)
        _note(write, decision, [customer.pk for customer in customers], why)
        return _settled(decision, [customer.pk for customer in customers])


def part(actor: Actor, identifiers: Collection[int], why: str = "") -> int:
    """Say that these identifiers (keys) are not their customer's but somebody else's; returns whose they are.

    Raises CannotDecide where that leaves one side empty, Http404 for an unknown identifier.
    """
    with writing(actor, "customers.parted", WRITE_CUSTOMERS) as write, alone():
        chosen = [fetch(Identifier, actor, pk=key) for key in dict.fromkeys(identifiers)]
        customer = chosen[0].customer_id if chosen else None
        if customer is None or any(row.customer_id != customer for row in chosen):
            raise CannotDecide(_("Choose identifiers of one customer."))
        rest = _keys_of([customer]) - {row.pk for row in chosen}
        if not rest:
            raise CannotDecide(_("Leave the customer one identifier or more."))
        if len(chosen) * len(rest) > MOST_TOLD_APART:
            raise CannotDecide(_("These are too many to tell apart at once: choose fewer identifiers."))
        decision = _say(actor, Decision.Verdict.APART, [row.pk for row in chosen], sorted(rest), why)
        _overrule(actor, decision)
        _note(write, decision, [customer], why)
        _settled(decision, [customer])
        return _customer_of(chosen[0].pk)


def undo(actor: Actor, decision_id: int) -> None:
    """Take a decision back, as if it had never been made. Raises CannotDecide for one that is undone."""
    with writing(actor, "customers.decision_undone", WRITE_CUSTOMERS) as write, alone():
        decision = fetch(Decision, actor, pk=decision_id)
        if decision.undone_at is not None:
            raise CannotDecide(_("This decision is undone already."))
        customers = _customers_of(decision)
        _undo(actor, decision, None)
        for entailed in decision.entailed.all():
            if entailed.undone_at is None:
                _undo(actor, entailed, None)
            else:
                Decision.objects.filter(pk=entailed.pk).update(undone_at=None, undone_by="", because_of=None)
        _note(write, decision, customers, "")
        _settled(decision, customers)
        Question.objects.filter(decision=decision, state=Question.State.DECIDED).update(
            state=Question.State.GONE, decision=None
        )


def answer(
    actor: Actor, question_id: int, said: Answer, *, candidate: int | None = None, why: str = ""
) -> None:
    """Decide an open question. `one`: the subject is the same customer as `candidate` (an identifier's key),
    and none of the others; `all`: all are one; `none`: the subject is somebody else; `shared`: it belongs to
    nobody alone. Raises CannotDecide.
    """
    with writing(actor, "customers.question_answered", WRITE_CUSTOMERS) as write, alone():
        question = fetch(Question, actor, pk=question_id)
        if question.state != Question.State.OPEN:
            raise CannotDecide(_("This question is not open any more."))
        subject = question.subject_id
        candidates = list(question.candidates.values_list("pk", flat=True))
        chosen: list[int | None] = [candidate] if said == "one" else [*candidates] if said == "all" else []
        if unknown := [key for key in chosen if key not in candidates]:
            raise CannotDecide(
                _("Say which of them it is: %(key)s is not one of them.") % {"key": unknown[0]}
            )
        customers = [_customer_of(key) for key in (subject, *candidates)]
        write.target_type, write.target = Question._meta.label, str(question.pk)
        write.after = {
            "answer": said,
            "candidate": str(candidate or ""),
            "why": _sealed({subject, *customers}, why),
        }
        decision = None
        if said == "shared":
            Identifier.objects.filter(pk=subject).update(proxy=Identifier.Proxy.PERSON)
        else:
            joined = [key for key in chosen if key is not None]
            decision = _decide(actor, subject, joined, [key for key in candidates if key not in joined], why)
        Question.objects.filter(pk=question.pk).update(state=Question.State.DECIDED, decision=decision)
        _settled(decision, customers)


def set_proxy(actor: Actor, identifier_id: int, *, proxy: bool) -> None:
    """Say that an identifier is shared by many (a reception, a mailbox, a kiosk) and so joins nobody, or that
    it is not."""
    with writing(actor, "identifier.proxy_set", WRITE_CUSTOMERS) as write, alone():
        identifier = fetch(Identifier, actor, pk=identifier_id)
        said = Identifier.Proxy.PERSON if proxy else Identifier.Proxy.CLEARED
        write.target_type, write.target = Identifier._meta.label, str(identifier.pk)
        write.before, write.after = {"proxy": identifier.proxy}, {"proxy": str(said)}
        alike = Identifier.objects.filter(kind=identifier.kind, normalised=identifier.normalised)
        customers = set(alike.values_list("customer_id", flat=True))
        alike.update(proxy=said)
        _settled(None, [key for key in customers if key is not None])


def _decide(
    actor: Actor, subject: int, same: Sequence[int], others: Sequence[int], why: str
) -> Decision | None:
    """The decisions that an answer amounts to; returns the first."""
    mine = _lasting(_customer_of(subject))
    decision = None
    if same:
        theirs = [key for each in same for key in _lasting(_customer_of(each))]
        decision = _say(actor, Decision.Verdict.TOGETHER, [*mine, *theirs], [], why)
        _overrule(actor, decision)
    if others:
        foreign = [key for each in others for key in _lasting(_customer_of(each))]
        apart = _say(actor, Decision.Verdict.APART, mine, foreign, why)
        if decision:
            Decision.objects.filter(pk=apart.pk).update(because_of=decision)
        else:
            _overrule(actor, apart)
        decision = decision or apart
    return decision


def _say(
    actor: Actor, verdict: Decision.Verdict, left: Iterable[int], right: Iterable[int], why: str
) -> Decision:
    decision = Decision.objects.create(verdict=verdict, by=actor.name or actor.kind, why=why)
    sides = dict.fromkeys(left, 0) | dict.fromkeys(right, 1)
    Said.objects.bulk_create(
        Said(decision=decision, identifier_id=key, side=side) for key, side in sides.items()
    )
    return decision


def _overrule(actor: Actor, decision: Decision) -> None:
    """Undo what was said to the contrary, as a consequence of this decision.

    Where many were said to be one and some are told apart now, those on each side stay one.
    """
    sides = dict(decision.parts.values_list("identifier_id", "side"))
    apart = decision.verdict == Decision.Verdict.APART
    contrary = Decision.Verdict.TOGETHER if apart else Decision.Verdict.APART
    earlier = Decision.objects.filter(
        verdict=contrary, undone_at=None, parts__identifier__in=sides
    ).distinct()
    for each in earlier:
        parts = dict(each.parts.values_list("identifier_id", "side"))
        touched = (
            {sides[key] for key in parts if key in sides}
            if apart
            else {parts[key] for key in parts if key in sides}
        )
        if len(touched) < 2:
            continue
        _undo(actor, each, decision)
        for side in (0, 1) if apart else ():
            kept = [key for key in parts if sides.get(key, 1) == side]
            if len(kept) > 1:
                again = _say(actor, Decision.Verdict.TOGETHER, kept, [], each.why)
                Decision.objects.filter(pk=again.pk).update(because_of=decision)


def _undo(actor: Actor, decision: Decision, because_of: Decision | None) -> None:
    Decision.objects.filter(pk=decision.pk).update(
        undone_at=timezone.now(), undone_by=actor.name or actor.kind, because_of=because_of
    )


def _settled(decision: Decision | None, customers: Collection[int]) -> int:
    """Find anew who these customers are; returns the first one's key of now. Raises CannotDecide."""
    rules, version = rules_in_force()
    keys = _keys_of(customers)
    if keys & OpenForgetting.all_keys():
        raise CannotDecide(
            _("One of these customers is being forgotten: nothing is decided about them any more.")
        )
    beside = Link.objects.filter(a__in=keys).values_list("b_id", flat=True)
    before = Link.objects.filter(b__in=keys).values_list("a_id", flat=True)
    settle({*keys, *beside, *before}, rules, version, decision)
    return _customer_of(min(keys)) if keys else 0


def _lasting(customer: int) -> list[int]:
    """The identifiers that name a customer beyond a moment; all where there are no such."""
    rules, _version = rules_in_force()
    rows = list(Identifier.objects.filter(customer=customer).order_by("key"))
    _refuse_shared(rows)
    return [row.pk for row in rows if not _passes(row, rules)] or [row.pk for row in rows]


def _passes(row: Identifier, rules: LinkRules) -> bool:
    return rules.kind_of(row.kind).passing


def _refuse_shared(rows: Sequence[Identifier]) -> None:
    shared = next((row for row in rows if row.shared), None)
    if shared is not None:
        raise CannotDecide(
            _("%(identifier)s is shared by many, so it is no customer: say first that it is not shared.")
            % {"identifier": shared.written}
        )


def _keys_of(customers: Collection[int]) -> set[int]:
    return set(Identifier.objects.filter(customer__in=customers).values_list("key", flat=True))


def _customers_of(decision: Decision) -> list[int]:
    named = decision.parts.values_list("identifier__customer_id", flat=True)
    return sorted({key for key in named if key is not None})


def _customer_of(identifier: int) -> int:
    customer = Identifier.objects.values_list("customer_id", flat=True).get(pk=identifier)
    return identifier if customer is None else customer


def _note(write: Write, decision: Decision, customers: Collection[int], why: str) -> None:
    """The audit log names customers by their keys alone; what people wrote of them is sealed."""
    write.target_type, write.target = Decision._meta.label, str(decision.pk)
    write.after = {
        "verdict": decision.verdict,
        "customers": [str(key) for key in customers],
        "why": _sealed(customers, why),
    }


def _sealed(customers: Collection[int], why: str) -> object:
    return seal(customers, why) if why else ""
