"""Who a customer is: identifiers, how they were joined, what people said, and what is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.joining.following import rules_in_force
from towpath.customers.models import (
    Customer,
    Decision,
    Identifier,
    Link,
    LinkRulesVersion,
    Move,
    Question,
    Relationship,
    Said,
)
from towpath.customers.queries.story import TARGET, events_of, note_look, story_of
from towpath.customers.rules import EXPORT_CUSTOMERS, READ_CUSTOMERS
from towpath.customers.rules.document import LinkRules, write_rules
from towpath.customers.schemas import (
    CustomerExport,
    CustomerFound,
    Held,
    Identity,
    KnownIdentifier,
    Look,
    Moved,
    OpenQuestion,
    Related,
    Told,
    Why,
)
from towpath.events.envelope import is_key
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.audit.writing import writing

FOUND_AT_MOST = 50
SHORTEST_PREFIX = 3
MOST_IDENTIFIERS = 500
MOST_WHYS = 5


def canonical(key: int) -> int:
    """The customer's key of today, for the key of any of their identifiers; other keys are their own.

    Raises Http404 for a number that no key can be.
    """
    if not is_key(str(key)):
        raise Http404(_("No customer is known by the key %(key)s.") % {"key": key})
    customer = Identifier.objects.filter(pk=key).values_list("customer_id", flat=True).first()
    return key if customer is None else customer


def identity(actor: Actor, key: int) -> Identity | None:
    """Who the customer with this key is; None for what is known by no identifier (a case).

    The look is not noted here: the story that it stands beside does.
    """
    rows = list(_identifiers(actor, key)[: MOST_IDENTIFIERS + 1])
    if not rows:
        return None
    rules, _version = rules_in_force()
    shown = sorted(
        rows[:MOST_IDENTIFIERS], key=lambda row: (_place(rules, row.kind), row.normalised, row.key)
    )
    customer = visible(Customer, actor).get(pk=key)
    keys = [row.key for row in shown]
    whys = _whys(rules, shown)
    return Identity(
        key=str(key),
        name=_name(keys) or shown[0].written,
        given_name=customer.name,
        kind=customer.kind,
        identifiers=tuple(_known(row, whys.get(row.key, ())) for row in shown),
        left_out=max(0, visible(Identifier, actor).filter(customer=key).count() - len(shown)),
        questions=tuple(question_of(row) for row in _questions_about(actor, keys)),
        decisions=tuple(_told(row) for row in _decisions_about(keys)),
        moves=tuple(_moved(row) for row in _moves_of(keys)),
        relationships=tuple(_related(keys)),
    )


def known_as(actor: Actor, key: int) -> Identity:
    """The same for the key of any identifier, with the look noted in the audit log. Raises Http404."""
    key = canonical(key)
    known = identity(actor, key)
    if known is None:
        raise Http404(_("No customer is known by the key %(key)s.") % {"key": key})
    note_look(actor, [key])
    return known


def named(actor: Actor, text: str) -> int:
    """The customer's key of today, for a key or an identifier in any spelling. Raises Http404 for none, or
    for an identifier that names several (as `a@b.example` without its kind may)."""
    require(actor, READ_CUSTOMERS)
    if is_key(text):
        return canonical(int(text))
    found = {int(each.key) for each in search(actor, text) if text in each.matched} or {
        int(each.key) for each in search(actor, text)
    }
    if len(found) != 1:
        none = _("Nobody is known by “%(text)s”: write it as the events do, such as mail:anna@shop.example.")
        many = _("%(count)d customers are known by “%(text)s”: write a key, or an identifier that names one.")
        raise Http404((many if found else none) % {"count": len(found), "text": text})
    return found.pop()


def search(actor: Actor, text: str) -> tuple[CustomerFound, ...]:
    """Customers with this identifier (with or without its kind, in any spelling), else those with one that
    begins so. Every look is noted in the audit log. Raises PermissionDenied."""
    require(actor, READ_CUSTOMERS)
    wanted = text.strip()
    if not wanted:
        return ()
    rules, _version = rules_in_force()
    kind, _value, spelling = rules.understood(wanted)
    spellings = {spelling} if kind in rules.kinds else _spellings(rules, wanted)
    rows = visible(Identifier, actor)
    exact = rows.filter(normalised__in=spellings)
    if kind in rules.kinds:
        exact = exact.filter(kind=kind)
    found = list(exact.select_related("customer")[:FOUND_AT_MOST])
    if not found and len(wanted) >= SHORTEST_PREFIX:
        bare = wanted.removeprefix(f"{kind}:")
        begin = Q(normalised__istartswith=bare) | Q(normalised__istartswith=spelling)
        begun = rows.filter(begin, kind=kind) if kind in rules.kinds else rows.filter(begin)
        found = list(begun.select_related("customer").order_by("normalised", "key")[:FOUND_AT_MOST])
    by_customer: dict[int, list[Identifier]] = defaultdict(list)
    for row in found:
        by_customer[row.customer_id or row.key].append(row)
    with writing(actor, "customer.searched", READ_CUSTOMERS) as write:
        write.target_type = TARGET
        write.after = {"found": [str(key) for key in by_customer]}
    return tuple(_found(key, matched) for key, matched in by_customer.items())


def open_questions(actor: Actor) -> QuerySet[Question]:
    """What waits for a person, the surest first."""
    rows = visible(Question, actor).filter(state=Question.State.OPEN)
    return rows.select_related("subject").prefetch_related("candidates")


def question_of(row: Question) -> OpenQuestion:
    return OpenQuestion(
        id=row.pk,
        subject=str(row.subject_id),
        subject_name=row.subject.written,
        candidates=tuple((str(each.pk), each.written) for each in row.candidates.all()),
        reason=row.reason,
        reason_in_words=str(row.get_reason_display()),
        confidence=row.confidence,
        at=row.at,
    )


def known_customers(actor: Actor) -> int:
    """How many customers are known by an identifier."""
    require(actor, READ_CUSTOMERS)
    return Identifier.objects.exclude(customer=None).values("customer").distinct().count()


def relationships(actor: Actor, key: int) -> tuple[Related, ...]:
    """In which roles a customer (key of any of their identifiers) stands to others, and others to them.

    The look is noted in the audit log. Raises PermissionDenied, Http404.
    """
    return known_as(actor, key).relationships


def export_rules(actor: Actor) -> str:
    """The rules in force as YAML, those that Towpath brings where none were applied."""
    visible(LinkRulesVersion, actor)
    rules, _version = rules_in_force()
    return write_rules(rules)


def export_customer(actor: Actor, key: int) -> CustomerExport:
    """Everything that is held about a customer: for the customer. Kept in the audit log.

    Raises Http404 for a key that nothing belongs to.
    """
    with writing(actor, "customer.exported", EXPORT_CUSTOMERS) as write:
        write.target_type, write.target = TARGET, str(key)
    key = canonical(key)
    known = identity(actor, key)
    table = events_of(lake().snapshot(), key)
    if known is None and not table.num_rows:
        raise Http404(_("Nothing is held about the key %(key)s.") % {"key": key})
    keys = [int(each.key) for each in known.identifiers] if known else [key]
    told = story_of(key, table, 0, table.num_rows) if table.num_rows else None
    return CustomerExport(
        key=str(key),
        made_at=timezone.now(),
        identity=known,
        links=tuple(_held(keys)),
        events=table.drop_columns(["key", "case_key"]).to_pylist(),
        story=None if told is None else msgspec.structs.replace(told, events=()),
        looks=tuple(_looks(keys)),
    )


def _identifiers(actor: Actor, key: int) -> QuerySet[Identifier]:
    return visible(Identifier, actor).filter(customer=key).order_by("kind", "normalised", "key")


def _place(rules: LinkRules, kind: str) -> int:
    order = list(rules.kinds)
    return order.index(kind) if kind in order else len(order)


def _name(keys: Sequence[int]) -> str:
    """What a person called them, also before they were joined with another customer."""
    return Customer.objects.filter(pk__in=keys).exclude(name="").values_list("name", flat=True).first() or ""


def _known(row: Identifier, whys: Sequence[Why]) -> KnownIdentifier:
    return KnownIdentifier(
        key=str(row.key),
        kind=row.kind,
        value=row.value,
        written=row.written,
        source=row.source,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        proxy=row.proxy,
        shared=row.shared,
        why=tuple(whys),
    )


def _whys(rules: LinkRules, rows: Sequence[Identifier]) -> dict[int, list[Why]]:
    """For each identifier what ties it to others of the customer, the surest first."""
    known = {row.key: row for row in rows}
    whys: dict[int, list[Why]] = defaultdict(list)
    for link in Link.objects.filter(a__in=known, b__in=known):
        a, b = known[link.a_id], known[link.b_id]
        sure = rules.confidence(a.kind, b.kind)
        if sure >= rules.ask:
            whys[a.key].append(Why(b.written, sure, link.source, link.first_seen, link.last_seen))
            whys[b.key].append(Why(a.written, sure, link.source, link.first_seen, link.last_seen))
    for those in whys.values():
        those.sort(key=lambda why: (-why.confidence, why.other))
    return {key: those[:MOST_WHYS] for key, those in whys.items()}


def _questions_about(actor: Actor, keys: Sequence[int]) -> Iterable[Question]:
    about = Q(subject__in=keys) | Q(candidates__in=keys)
    return open_questions(actor).filter(about).distinct()


def _decisions_about(keys: Sequence[int]) -> list[Decision]:
    named = Said.objects.filter(identifier__in=keys).values("decision")
    return list(Decision.objects.filter(pk__in=named)[:FOUND_AT_MOST])


def _told(row: Decision) -> Told:
    sides: tuple[list[str], list[str]] = ([], [])
    for part in row.parts.select_related("identifier").order_by("pk"):
        sides[part.side].append(part.identifier.written)
    return Told(
        id=row.pk,
        verdict=row.verdict,
        verdict_in_words=str(row.get_verdict_display()),
        left=tuple(sides[0]),
        right=tuple(sides[1]),
        why=row.why,
        by=row.by,
        at=row.at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )


def _moves_of(keys: Sequence[int]) -> list[Move]:
    rows = Move.objects.filter(identifier__in=keys).select_related("identifier", "decision")
    return list(rows[:FOUND_AT_MOST])


def _moved(row: Move) -> Moved:
    return Moved(
        identifier=row.identifier.written,
        before=str(row.before),
        after=str(row.after),
        at=row.at,
        by=row.decision.by if row.decision else "",
        rules=row.rules,
    )


def _related(keys: Sequence[int]) -> Iterable[Related]:
    about = Relationship.objects.filter(Q(member__in=keys) | Q(of__in=keys)).select_related("member", "of")
    for row in about.order_by("role", "pk"):
        yield Related(
            id=row.pk,
            member=row.member.written,
            member_key=str(row.member.customer_id or row.member_id),
            of=row.of.written,
            of_key=str(row.of.customer_id or row.of_id),
            role=row.role,
            role_in_words=str(row.get_role_display()),
        )


def _spellings(rules: LinkRules, text: str) -> set[str]:
    """How a value without its kind would be kept, whichever kind it is."""
    return {text} | {rules.understood(f"{kind}:{text}")[2] for kind in rules.kinds}


def _found(key: int, matched: Sequence[Identifier]) -> CustomerFound:
    rows = Identifier.objects.filter(customer=key)
    best = rows.filter(pk=key).first() or matched[0]
    return CustomerFound(
        key=str(key),
        name=_name(list(rows.values_list("key", flat=True)[:MOST_IDENTIFIERS])) or best.written,
        matched=tuple(row.written for row in matched),
        identifiers=max(1, rows.count()),
        last_seen=max(row.last_seen for row in matched),
        shared=any(row.shared for row in matched),
    )


def _held(keys: Sequence[int]) -> Iterable[Held]:
    for link in Link.objects.filter(Q(a__in=keys) | Q(b__in=keys)).select_related("a", "b").order_by("pk"):
        yield Held(link.a.written, link.b.written, link.source, link.first_seen, link.last_seen)


def _looks(keys: Sequence[int]) -> Iterable[Look]:
    """Who looked at them: entries that name one of their keys, alone or among others."""
    for key in map(str, keys):
        about = Q(target=key) | Q(after__looked_at__icontains=f'"{key}"')
        for row in AuditEntry.objects.filter(about, target_type=TARGET).order_by("pk"):
            yield Look(row.at, row.actor_kind, row.actor, row.verb, key)
