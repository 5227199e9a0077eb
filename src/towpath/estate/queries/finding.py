"""Which item is meant."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.estate.joining.mentions import find_mentions
from towpath.estate.models import Item
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.estate.sources.tables import mention
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require

MOST_DIGITS = 18


def item_meant(actor: Actor, named: str) -> Item:
    """By number (12 or #12), name, kind:name or key:value (fqdn:db1.example). One that was found to be the
    same as another is that other.

    Raises Http404 where there is none, ValidationError where there are several, PermissionDenied.
    """
    require(actor, READ_ESTATE)
    digits = named.strip().removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS:
        return _followed(actor, fetch(Item, actor, pk=int(digits)))
    found, doubts = find_mentions([mention(named.strip()[:500])], rules_in_force())
    if doubts:
        raise ValidationError(doubts[0])
    if not found:
        raise Http404(_("No item is called %(name)s: see `towpath estate list`.") % {"name": named[:100]})
    return _followed(actor, fetch(Item, actor, pk=next(iter(found.values()))))


def _followed(actor: Actor, row: Item) -> Item:
    for _step in range(20):
        if row.merged_into_id is None:
            return row
        row = fetch(Item, actor, pk=row.merged_into_id)
    return row
