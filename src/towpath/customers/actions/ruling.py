"""The rules by which identifiers are joined, and what people say about a customer."""

from __future__ import annotations

import msgspec
from django.db import transaction

from towpath.customers.announcements import LinkRulesApplied
from towpath.customers.joining.applying import Outcome
from towpath.customers.joining.following import Told, resolve_everything
from towpath.customers.models import Customer, LinkRulesVersion
from towpath.customers.rules import RULE_CUSTOMERS, WRITE_CUSTOMERS
from towpath.customers.rules.document import body_of, read_rules, rules_of, write_rules
from towpath.customers.schemas import RulesApplied
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce


def apply_rules(actor: Actor, text: str, name: str) -> RulesApplied:
    """Make the YAML `text` the rules in force; equal rules change nothing. Who is who is then found anew.

    Raises DocumentError with the line of what is wrong (`name` is the file as errors call it).
    """
    require(actor, RULE_CUSTOMERS)
    rules = read_rules(text, name)
    with transaction.atomic():
        newest = LinkRulesVersion.objects.select_for_update().order_by("-number").first()
        if newest is not None and write_rules(rules_of(newest.body)) == write_rules(rules):
            return RulesApplied(newest.number, new=False)
        with writing(actor, "customers.rules_applied", RULE_CUSTOMERS) as write:
            version = LinkRulesVersion.objects.create(
                number=newest.number + 1 if newest else 1,
                body=body_of(rules),
                created_by=actor.name or actor.kind,
            )
            before = msgspec.json.decode(newest.body) if newest else None
            write.about(version, before=before, after=msgspec.to_builtins(rules))
            announce(LinkRulesApplied(version=version.number))
    return RulesApplied(version.number, new=True)


def resolve_anew(actor: Actor, told: Told = lambda _done, _total: None) -> Outcome:
    """Find anew who is who, from all events and by the rules in force. Takes minutes for millions."""
    require(actor, RULE_CUSTOMERS)
    outcome = resolve_everything(told)
    with writing(actor, "customers.resolved", RULE_CUSTOMERS) as write:
        write.target_type = Customer._meta.label
        write.after = {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}
    return outcome


def describe(actor: Actor, key: int, *, name: str, kind: str) -> None:
    """Name a customer, and say whether they are a person, an organisation or a household."""
    with writing(actor, "customer.described", WRITE_CUSTOMERS) as write:
        customer = fetch(Customer, actor, pk=key)
        before = {"kind": customer.kind}
        customer.name, customer.kind = name.strip(), Customer.Kind(kind).value
        customer.full_clean()
        customer.save(update_fields=["name", "kind"])
        write.about(customer, before=before, after={"kind": customer.kind})
