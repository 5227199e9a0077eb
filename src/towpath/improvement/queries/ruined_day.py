"""One ruined day, played again: a customer's story beside what our side could see at that time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.queries import events_of, name_of, note_look, story_of
from towpath.customers.queries.identities import canonical
from towpath.customers.rules import READ_CUSTOMERS
from towpath.customers.schemas import StoryEvent
from towpath.customers.telling import said_of, tone_of
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require
from towpath.improvement.models import Finding
from towpath.improvement.queries.findings import detected_of
from towpath.improvement.queries.hours import hours_of
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.wording import sentence_of
from towpath.improvement.schemas.findings import Moment
from towpath.improvement.schemas.ruined_days import DayEvent, RuinedDay
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.marking import marks_of
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.rules.durations import microseconds

MOST_EVENTS = 80
CONTACT = "contact."


def ruined_day(actor: Actor, digest: str, number: int) -> RuinedDay:
    """The `number`th day (from 1) that shows this finding best. The look is kept in the audit log.

    Raises PermissionDenied without customers:read, Http404 for a finding or a day that is not there, also
    where the customer's events are gone since.
    """
    require(actor, READ_CUSTOMERS)
    row = fetch(Finding, actor, digest=digest)
    found = detected_of(row)
    if not 1 <= number <= len(found.moments):
        raise Http404(_("This finding has %(count)d days to show.") % {"count": len(found.moments)})
    moment = found.moments[number - 1]
    key = canonical(int(moment.customer))
    note_look(actor, [key])
    evidence = evidence_of(actor, found.journey)
    table = _of_the_day(events_of(evidence.snapshot, key), moment.day)
    if not table.num_rows:
        raise Http404(_("No event of this day is left in the lake."))
    story = story_of(key, table, 0, MOST_EVENTS)
    told = _told(evidence, key, table, story.events, moment)
    return RuinedDay(
        digest=digest,
        sentence=sentence_of(found),
        ruins=found.family not in (Family.LOSS, Family.LOOP),
        number=number,
        of=len(found.moments),
        customer=str(key),
        name=name_of(story.identifiers, story.cases, key),
        day=moment.day,
        events=tuple(told),
        left_out=max(0, table.num_rows - MOST_EVENTS),
        first_known_seconds=_first_known(story.events, moment),
    )


def _of_the_day(table: pa.Table, day: date) -> pa.Table:
    """The local day's events, and the first contact of the day after it."""
    begin, end, after = (_begin_of(day + timedelta(days=offset)) for offset in (0, 1, 2))
    times = table["time"]
    inside = pc.and_(pc.greater_equal(times, begin), pc.less(times, end))
    next_day = pc.and_(pc.greater_equal(times, end), pc.less(times, after))
    contacts = table.filter(pc.and_(next_day, pc.starts_with(table["type"], CONTACT)))
    return pa.concat_tables([table.filter(inside), contacts.slice(0, 1)])


def _begin_of(day: date) -> pa.Scalar:
    begin = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
    return pa.scalar(begin.astimezone(UTC), pa.timestamp("us", "UTC"))


def _told(
    evidence: Evidence, key: int, table: pa.Table, events: tuple[StoryEvent, ...], moment: Moment
) -> list[DayEvent]:
    marks = marks_of(evidence, key, table).bits
    activities, definition = evidence.plan.activities, evidence.plan.definition
    targets = {
        step.key: microseconds(step.target) / 1e6
        for step in (definition.steps if definition else ())
        if step.target
    }
    hours = hours_of(evidence.snapshot, events)
    told = []
    for event, bits in zip(events, marks, strict=False):
        known = [activities[bit] for bit in bits if activities[bit].kind != "turn"]
        target = next((targets[activity.key] for activity in known if activity.key in targets), None)
        title = ", ".join(activity.name for activity in known) or in_words(event)
        told.append(
            DayEvent(
                time=event.time,
                title=title,
                said=said_of(event, target),
                bad=tone_of(event, target) == "bad",
                decisive=(event.source, event.id) == (moment.source, moment.id),
                ours=bool(event.team or event.tier) and not event.channel,
                seen=hours.seen(event),
            )
        )
    return told


def in_words(event: StoryEvent) -> str:
    """An event that no map names: "contact.phone" is getting in touch by phone, others by their type."""
    kind, _dot, rest = event.type.partition(".")
    if kind == "contact":
        by = event.channel or rest
        return _("Gets in touch by %(channel)s") % {"channel": by} if by else _("Gets in touch")
    return event.type.replace(".", " ").replace("_", " ")


def _first_known(events: tuple[StoryEvent, ...], moment: Moment) -> float | None:
    later = [e.time for e in events if e.time >= moment.time and e.type.startswith((CONTACT, "ticket."))]
    return (min(later) - moment.time).total_seconds() if later else None
