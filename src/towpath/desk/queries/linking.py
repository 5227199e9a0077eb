"""What tickets are about: coverage, proposals with how often such are right, and what people said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.analytics.guessing import FEWEST_NAMED
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.customers.queries.story import note_look
from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.measures.keeping import history_of
from towpath.desk.measures.linking import (
    BY,
    LEARNED,
    Group,
    Proposals,
    groups_of,
    proposed,
    said_of,
    standing,
    together,
    unanswered,
)
from towpath.desk.measures.naming import NAMED_BY, naming_of
from towpath.desk.measures.preceding import preceding
from towpath.desk.models import Desk, TicketLink
from towpath.desk.queries.desks import meant
from towpath.desk.queries.said_links import confirmed_of, rejected_of
from towpath.desk.rules.link_wording import REFUSED
from towpath.desk.rules.reading_text import read_reading
from towpath.desk.schemas.linking import (
    About,
    LinkCoverage,
    LinkGroup,
    LinkGroupKey,
    LinkOfTicket,
    LinkReliability,
    LinkSaid,
    LinksOfTicket,
    ProposedBy,
    TicketLinks,
    TicketsNaming,
)
from towpath.estate.models import Item
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.events.envelope import subject_key
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.queries.journeys import definition, journeys
from towpath.journeys.rules.permissions import READ_JOURNEYS

ABOUT: tuple[About, ...] = get_args(About)
MOST_GROUPS, MOST_SAID, EXAMPLES = 40, 20, 3
MOST_NAMES = 2_000
MOST_DESKS, MOST_NAMING = 10, 50
ESTATE_KINDS = {"service": ("application",), "component": ("component", "database")}


@dataclass(frozen=True, eq=False)
class Linking:
    """A desk's tickets and one thing that they can be about. `said`: what people confirmed; `open` bool[t]:
    nobody answered what is proposed, and neither source nor person says it."""

    history: History
    about: About
    source: Coded
    said: Coded
    found: Proposals
    open: Bool


def linking_of(actor: Actor, desk: Desk, about: About, number: str | None = None) -> Linking:
    """How a desk's tickets stand with one thing, by the source's own words and what people said (of one
    ticket only, where a `number` is given)."""
    numbers = None if number is None else [number]
    history = history_of(desk.source, read_reading(desk.reading, desk.name))
    count = len(history.tickets)
    source = history.of_ticket.get(about, Coded.nothing(count))
    said = said_of(history.tickets, confirmed_of(desk, numbers, about).get(about, {}))
    found = _proposals(actor, desk, history, about) if count else Proposals.none(0)
    open_ = unanswered(history, rejected_of(desk, about, numbers), found)
    open_ &= (source.codes < 0) & (said.codes < 0)
    return Linking(history, about, source, said, found, np.asarray(open_))


def _proposals(actor: Actor, desk: Desk, history: History, about: About) -> Proposals:
    if about in LEARNED:
        return proposed(history, about, _estate_names(actor, about))
    if about == "customer":
        return proposed(history, about, ())
    if not actor.may(READ_JOURNEYS):
        return Proposals.none(len(history.tickets))
    plans = [plan_of(definition(actor, each.key), each.version) for each in journeys(actor)]
    return together(preceding(lake().snapshot(), history, plans), _answered(desk))


def _answered(desk: Desk) -> float | None:
    """Of the steps proposed to people, how many they confirmed; None where too few were answered."""
    rows = TicketLink.objects.filter(desk=desk, about="step").values_list("confirmed", flat=True)
    answers = list(rows)
    return sum(answers) / len(answers) if len(answers) >= FEWEST_NAMED else None


def links(actor: Actor, name: str = "") -> TicketLinks:
    """The links of a desk (of the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    seen = [linking_of(actor, desk, about) for about in ABOUT]
    shown = [each for each in seen if _may_read(actor, each.about)]
    groups = [(each, group) for each in shown for group in groups_of(each.history, each.found, each.open)]
    groups.sort(key=lambda pair: -len(pair[1].places))
    history = seen[0].history
    tickets = len(history.tickets)
    told = tuple(_group(each, group) for each, group in groups[:MOST_GROUPS])
    said = tuple(_said(actor, desk))
    _look_at(actor, (*_customers(told), *_customers(said)))
    return TicketLinks(
        desk=desk.name,
        as_of=datetime.fromtimestamp(history.as_of / 1_000_000, UTC) if tickets else None,
        tickets=tickets,
        coverage=tuple(map(_coverage, seen)),
        groups=told,
        more_groups=max(0, len(groups) - MOST_GROUPS),
        said=said,
    )


def links_of_ticket(actor: Actor, name: str, number: str) -> LinksOfTicket:
    """What one ticket is about. Raises Http404, ValidationError."""
    desk = meant(actor, name)
    found = []
    for about in ABOUT:
        if not _may_read(actor, about):
            continue
        seen = linking_of(actor, desk, about, number)
        place = seen.history.number_of(number)
        if place is None:
            raise Http404(_("This desk has no ticket of that number."))
        row = TicketLink.objects.filter(desk=desk, number=number, about=about, confirmed=True).first()
        found.append(_of_ticket(seen, place, row))
    _look_at(actor, (text for each in found if each.about == "customer" for text in _shown_of(each)))
    return LinksOfTicket(desk.name, number, tuple(found), tuple(_named_by(actor, desk, number)))


def _may_read(actor: Actor, about: str) -> bool:
    return about != "customer" or actor.may(READ_CUSTOMERS)


def _look_at(actor: Actor, customers: Iterable[str]) -> None:
    """Who is shown has been looked at, and that is audited."""
    if keys := sorted({subject_key(f"customer:{each}") for each in customers if each}):
        note_look(actor, keys)


def _customers(shown: Sequence[LinkGroup] | Sequence[LinkSaid]) -> list[str]:
    return [each.value for each in shown if each.about == "customer"]


def _shown_of(each: LinkOfTicket) -> tuple[str, ...]:
    return each.source, each.confirmed, each.proposed


def group_meant(actor: Actor, desk: Desk, about: About, wanted: LinkGroupKey) -> tuple[Linking, Group]:
    """The group as it is proposed now. Raises ValidationError where it is not proposed any more."""
    seen = linking_of(actor, desk, about)
    for group in groups_of(seen.history, seen.found, seen.open):
        if named(seen, group) == (wanted.value, wanted.topic, wanted.team):
            return seen, group
    raise ValidationError(_("This is not proposed any more: look at the list again."))


def named(seen: Linking, group: Group) -> tuple[str, str, str]:
    """Value, topic and team of a group."""
    columns = (seen.found.value, seen.history.topic, seen.history.team)
    codes = (group.value, group.topic, group.team)
    value, topic, team = (
        column.names[code].as_py() if code >= 0 else "" for column, code in zip(columns, codes, strict=True)
    )
    return value, topic, team


def share_of(seen: Linking, places: Int64) -> float | None:
    """How many of the proposals at these places are right; None where it is not measured."""
    share = float(np.mean(seen.found.share[places]))
    return share if math.isfinite(share) else None


def by_of(seen: Linking, place: int) -> ProposedBy:
    found: dict[str, ProposedBy] = {each: each for each in get_args(ProposedBy)}
    return found[BY[int(seen.found.by[place])]]


def _estate_names(actor: Actor, about: str) -> list[str]:
    """Names of what the estate holds of the kind, which texts may hold."""
    if not actor.may(READ_ESTATE):
        return []
    rows = visible(Item, actor).filter(kind__in=ESTATE_KINDS[about], merged_into=None, gone_since=None)
    return list(dict.fromkeys(rows.order_by("name").values_list("name", flat=True)[:MOST_NAMES]))


def _coverage(seen: Linking) -> LinkCoverage:
    told = standing(seen.source, seen.said, seen.open & (seen.found.value.codes >= 0))
    guessed, held = seen.found.guessed, seen.found.named
    reason = REFUSED[seen.about if guessed is None else guessed.refused]
    return LinkCoverage(
        about=seen.about,
        tickets=len(seen.history.tickets),
        source=told.source,
        confirmed=told.confirmed,
        proposed=told.proposed,
        none=told.none,
        conflicts=told.conflicts,
        reason=str(reason) if told.proposed + told.none else "",
        held_out=guessed.held_out if guessed else 0,
        guessed=guessed.covered if guessed and guessed.held_out else None,
        reliability=tuple(
            LinkReliability(each.least, each.most, each.rows, each.said, each.right, each.low, each.high)
            for each in (guessed.reliability if guessed else ())
        ),
        named=held.rows if held else 0,
        named_right=held.right if held else 0,
    )


def _group(seen: Linking, group: Group) -> LinkGroup:
    value, topic, team = named(seen, group)
    return LinkGroup(
        about=seen.about,
        value=value,
        topic=topic,
        team=team,
        tickets=len(group.places),
        share=share_of(seen, group.places),
        by=by_of(seen, int(group.places[0])),
        examples=tuple(str(seen.history.tickets[int(place)]) for place in group.places[:EXAMPLES]),
    )


def _of_ticket(seen: Linking, place: int, row: TicketLink | None) -> LinkOfTicket:
    offered = bool(seen.open[place]) and int(seen.found.value.codes[place]) >= 0
    return LinkOfTicket(
        about=seen.about,
        source=_text(seen.source, place),
        confirmed=row.value if row else "",
        said_by=row.said_by if row else "",
        batch=str(row.batch) if row else "",
        proposed=_text(seen.found.value, place) if offered else "",
        share=share_of(seen, np.array([place])) if offered else None,
        by=by_of(seen, place) if offered else None,
        tickets=TicketLink.objects.filter(batch=row.batch).count() if row else 0,
    )


def _named_by(actor: Actor, own: Desk, number: str) -> Iterator[TicketsNaming]:
    """Those of its own desk first. What others mean by a number that is this desk's too is theirs."""
    for desk in sorted(visible(Desk, actor), key=lambda each: (each.pk != own.pk, each.name))[:MOST_DESKS]:
        history = history_of(desk.source, read_reading(desk.reading, desk.name))
        if desk.pk != own.pk and history.number_of(number) is not None:
            continue
        naming = naming_of(history)
        for kind in NAMED_BY:
            numbers = [str(history.tickets[place]) for place in naming.get((kind, number), ())]
            if numbers:
                yield TicketsNaming(kind, desk.name, len(numbers), tuple(sorted(numbers)[:MOST_NAMING]))


def _text(column: Coded, place: int) -> str:
    code = int(column.codes[place])
    return column.names[code].as_py() if code >= 0 else ""


def _said(actor: Actor, desk: Desk) -> Iterator[LinkSaid]:
    rows = visible(TicketLink, actor).filter(desk=desk)
    if not _may_read(actor, "customer"):
        rows = rows.exclude(about="customer")
    known: dict[str, About] = {each: each for each in ABOUT}
    counted = rows.order_by().values("batch", "about", "value", "confirmed", "said_by")
    for each in counted.annotate(tickets=Count("pk"), at=Min("said_at"), last=Max("pk")).order_by("-last")[
        :MOST_SAID
    ]:
        yield LinkSaid(
            batch=str(each["batch"]),
            about=known[each["about"]],
            value=each["value"],
            confirmed=each["confirmed"],
            tickets=each["tickets"],
            said_by=each["said_by"],
            said_at=each["at"],
        )
