"""Where sources disagree, people decide; what they decided is kept, and can be undone."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.estate.joining.merging import move, move_back
from towpath.estate.joining.settling import settle
from towpath.estate.models import Clash, Decision, Fact, Item
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing


def hold(actor: Actor, item: int, field: str, value: str, because: str = "") -> Decision:
    """From now on this value of the field holds, whatever sources say. Raises Http404, ValidationError where
    nobody ever said anything of the field, PermissionDenied."""
    with writing(actor, "estate.decided", WRITE_ESTATE) as write:
        row = _item(item)
        if not Fact.objects.filter(item=row, field=field).exists():
            raise ValidationError(
                _("No source says anything of %(field)s for this item.") % {"field": field[:100]}
            )
        before = Decision.objects.filter(item=row, field=field, undone_at=None, other=None).first()
        if before is not None:
            _undone(before, actor)
        made = Decision.objects.create(
            item=row, field=field, value=value[:4_000], because=because[:500], decided_by=_name(actor)
        )
        settle([row.pk], rules_in_force())
        write.about(row, before={field: before.value} if before else None, after={field: value[:500]})
    return made


def say_same(actor: Actor, item: int, other: int, because: str = "") -> Decision:
    """Both are one thing: all that is known of `other` is `item`'s from now on. Raises Http404,
    ValidationError, PermissionDenied."""
    with writing(actor, "estate.joined", WRITE_ESTATE) as write:
        kept, gone = _item(item), _item(other)
        if kept.pk == gone.pk:
            raise ValidationError(_("An item is always the same as itself: name another one."))
        if gone.merged_into_id is not None or kept.merged_into_id is not None:
            raise ValidationError(_("One of both was joined with another item already: look at that one."))
        moved = move(gone, kept)
        made = Decision.objects.create(
            item=kept, other=gone, because=because[:500], decided_by=_name(actor), moved=moved
        )
        _settle_clashes(kept, gone)
        settle([kept.pk], rules_in_force())
        write.about(kept, before={"other": str(gone)}, after={"the same as": gone.pk})
    return made


def say_different(actor: Actor, item: int, other: int) -> None:
    """They are two things, though a source knows both by one key. Raises Http404, PermissionDenied."""
    with writing(actor, "estate.kept_apart", WRITE_ESTATE) as write:
        one, two = _item(item), _item(other)
        _settle_clashes(one, two)
        settle([one.pk, two.pk], rules_in_force())
        write.about(one, after={"different from": two.pk})


def undo(actor: Actor, number: int) -> None:
    """The decision holds no longer; of two that were joined each is by itself again. Raises Http404,
    ValidationError, PermissionDenied."""
    with writing(actor, "estate.undone", WRITE_ESTATE) as write:
        row = Decision.objects.select_for_update().filter(pk=number, undone_at=None).first()
        if row is None:
            raise Http404(_("There is no such decision, or it was undone already."))
        touched = [row.item_id]
        if row.other is not None:
            if row.item.merged_into_id is not None:
                raise ValidationError(_("It was joined with yet another item since: undo that first."))
            move_back(row.other, row.moved)
            touched.append(row.other.pk)
        _undone(row, actor)
        settle(touched, rules_in_force())
        write.about(row.item, before=_kept(row))


def _item(number: int) -> Item:
    row = Item.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Http404(_("There is no item #%(number)s.") % {"number": number})
    return row


def _undone(row: Decision, actor: Actor) -> None:
    row.undone_at, row.undone_by = timezone.now(), _name(actor)
    row.save(update_fields=["undone_at", "undone_by"])


def _settle_clashes(one: Item, two: Item) -> None:
    both = Q(item=one, other=two) | Q(item=two, other=one)
    Clash.objects.filter(both, settled_at=None).update(settled_at=timezone.now())


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind)[:200]


def _kept(row: Decision) -> dict[str, Any]:
    return {"field": row.field, "value": row.value[:500], "other": row.other_id}
