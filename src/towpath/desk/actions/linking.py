"""What people say of links that tickets lack: confirmed, refused, taken back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.desk.announcements import DeskDefined
from towpath.desk.measures.history import History
from towpath.desk.measures.linking import FIELDS, Proposed
from towpath.desk.models import Desk, LinkWord
from towpath.desk.queries.flow import history
from towpath.desk.queries.links import proposed_for
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.schemas.links import LinkEvidence, LinkField
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce

AT_ONCE = 1_000
LONGEST_VALUE = 300


def answer_proposal(
    actor: Actor,
    name: str,
    *,
    field: LinkField,
    how: LinkEvidence,
    topic: str,
    team: str,
    value: str,
    confirm: bool,
) -> int:
    """Confirm or refuse what is proposed; returns of how many tickets that was said.

    Raises ValidationError where it is not proposed any more, Http404, PermissionDenied.
    """
    with writing(actor, "link.confirmed" if confirm else "link.refused", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        found = history(desk)
        each = _proposed(desk, found, (field, how, topic, team, value))
        by_number = confirm and how != "alike"
        numbers = found.tickets.take(each.places).to_pylist() if by_number else [""]
        words = [
            LinkWord(
                desk=desk, field=field, how=how, topic=topic, team=team, value=value, number=number,
                refused=not confirm, said_by=actor.name or actor.kind,
            )
            for number in numbers
        ]  # fmt: skip
        LinkWord.objects.bulk_create(words, AT_ONCE)
        write.about(words[0], after={"value": value, "topic": topic, "team": team, "tickets": each.tickets})
        announce(DeskDefined(name=desk.name))
    return each.tickets


def _proposed(desk: Desk, found: History, asked: tuple[str, ...]) -> Proposed:
    for each in proposed_for(desk, found):
        if (each.field, each.how, each.topic, each.team, each.value) == asked:
            return each
    raise ValidationError(_("This is not proposed any more: look at the list again."))


def say_of_ticket(actor: Actor, name: str, number: str, *, field: LinkField, value: str) -> None:
    """Say which service or component one ticket is about; nothing takes back what was said of it.

    Raises ValidationError where its source says it, or the value is too long; Http404, PermissionDenied.
    """
    value = value.strip()
    if field not in FIELDS:
        raise ValidationError(_("A ticket is about a service or a component."))
    if len(value) > LONGEST_VALUE:
        raise ValidationError(_("A name has at most %(most)d characters.") % {"most": LONGEST_VALUE})
    with writing(actor, "link.said", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        found = history(desk)
        place = found.number_of(number)
        if place is None:
            raise ValidationError(_("This desk has no ticket %(number)s.") % {"number": number})
        told = found.of_ticket[field].codes[place] >= 0
        if told and not (field in found.confirmed and found.confirmed[field][place]):
            raise ValidationError(_("Its source says which one: that holds."))
        own = LinkWord.objects.filter(desk=desk, field=field, number=number, refused=False)
        before = {"value": [each.value for each in own]}
        own.delete()
        row = LinkWord(desk=desk, field=field, how=LinkWord.How.SAID, number=number, value=value)
        if value:
            row.said_by = actor.name or actor.kind
            row.save()
        write.about(row, before=before, after={"number": number, "value": value})
        announce(DeskDefined(name=desk.name))


def take_back(
    actor: Actor, name: str, *, field: LinkField, how: LinkEvidence, topic: str, team: str, value: str
) -> int:
    """Take back what was said; returns how many words that were. Raises Http404, PermissionDenied."""
    with writing(actor, "link.taken_back", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        said = LinkWord.objects.filter(desk=desk, field=field, how=how, topic=topic, team=team, value=value)
        first = said.first()
        if first is None:
            raise ValidationError(_("Nothing like this was said."))
        gone, _each = said.delete()
        write.about(first, before={"value": value, "topic": topic, "team": team, "words": gone})
        announce(DeskDefined(name=desk.name))
    return gone
