"""What happened around an incident, as the lake tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

from towpath.analytics.intervals import wilson
from towpath.desk.measures.changes import changes_between
from towpath.desk.models import Desk
from towpath.events.lake import Snapshot
from towpath.foundation.ui.figures import number, percent
from towpath.improvement.schemas.reviews import TimelineLine

USUAL = timedelta(days=7)
"""What is usual is taken from the week before it began."""
MOST_CHANGES, MOST_TICKETS = 30, 10
ENOUGH = 20
"""Attempts without which hours do not show that it is over."""
_NEAR = """
month between strftime($first::timestamptz, '%Y-%m') and strftime($last::timestamptz, '%Y-%m')
  and time >= $first::timestamptz and time < $last::timestamptz and (component = $unit or service = $unit)
"""
_HOURS = f"""
select time_bucket(interval 1 hour, time) as hour, count(*) as attempts,
       count(*) filter (outcome = 'fault') as faults
from events where {_NEAR} and outcome is not null and ticket is null group by 1 order by 1
"""  # noqa: S608 (our own text)
_TICKETS = f"""
select source, ticket, min(time) as at
from events where {_NEAR} and ticket is not null group by all order by 3
"""  # noqa: S608 (our own text)


@dataclass(frozen=True)
class Counted:
    """Attempts of a component or service, and the share of faults that is usual there."""

    unit: str
    attempts: int
    faults: int
    usual: float


@dataclass(frozen=True)
class Calm:
    """Hours since the last one in which clearly too many failed."""

    begin: datetime | None = None
    attempts: int = 0
    faults: int = 0

    def after(self, row: Mapping[str, Any]) -> Calm:
        return Calm(self.begin or row["hour"], self.attempts + row["attempts"], self.faults + row["faults"])


@dataclass(frozen=True)
class Span:
    """What is looked at: the incident `begin` to `until`, and a day before it for what changed."""

    begin: datetime
    until: datetime

    @property
    def first(self) -> datetime:
        return self.begin - timedelta(days=1)


def lines_around(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    """Faults of a component or service, changes, and tickets that name it; in no order."""
    if unit:
        yield from _faults(snapshot, unit, span)
        yield from _tickets(snapshot, unit, span)
    yield from _changes(unit, span)


def _faults(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    """From when on more failed than in the week before by more than chance, and from when on no longer."""
    asked = {"unit": unit, "first": span.begin - USUAL, "last": span.until}
    rows = snapshot.query(_HOURS, asked).to_pylist()
    before = [row for row in rows if row["hour"] + timedelta(hours=1) <= span.begin]
    attempts, faults = (sum(row[name] for row in before) for name in ("attempts", "faults"))
    if not attempts:
        return
    usual, most = faults / attempts, float(wilson(faults, attempts).high)
    bad, calm = False, Calm()
    for row in rows[len(before) :]:
        worse = float(wilson(row["faults"], row["attempts"]).low) > most
        calm = Calm() if worse else calm.after(row)
        if worse and not bad:
            yield _told("faults", row["hour"], Counted(unit, row["attempts"], row["faults"], usual))
        elif bad and calm.begin and calm.attempts >= ENOUGH and calm.faults <= most * calm.attempts:
            yield _told("usual", calm.begin, Counted(unit, calm.attempts, calm.faults, usual))
            worse = False
        else:
            worse = worse or bad
        bad = worse


def _told(kind: Literal["faults", "usual"], hour: datetime, seen: Counted) -> TimelineLine:
    told = {
        "faults": number(seen.faults),
        "attempts": number(seen.attempts),
        "unit": seen.unit,
        "usual": percent(seen.usual, 1),
    }
    words = (
        _("%(unit)s: %(faults)s of %(attempts)s attempts fail in this hour; usual is %(usual)s.")
        if kind == "faults"
        else _("%(unit)s: as usual again, %(faults)s of %(attempts)s attempts fail.")
    )
    return TimelineLine(hour.astimezone(UTC), kind, words % told)


def _changes(unit: str, span: Span) -> Iterator[TimelineLine]:
    """Those of the component or service itself first, where there are too many."""
    found = changes_between(span.first, span.until, "")
    near = [each for each in found if unit and unit in (each.component, each.service)]
    others = [each for each in found if each not in near]
    for each in [*near, *others][:MOST_CHANGES]:
        what = " ".join(filter(None, (each.component or each.service, each.version, each.change)))
        yield TimelineLine(each.at, "change", _("Deployed: %(what)s") % {"what": what}, near=each in near)


def _tickets(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    asked = {"unit": unit, "first": span.begin, "last": span.until}
    desks = dict(Desk.objects.values_list("source", "name"))
    for row in snapshot.query(_TICKETS, asked).to_pylist()[:MOST_TICKETS]:
        told = _("Ticket %(ticket)s names %(unit)s") % {"ticket": row["ticket"], "unit": unit}
        desk = desks.get(row["source"], "")
        yield TimelineLine(row["at"].astimezone(UTC), "ticket", told, ticket=row["ticket"], desk=desk)
