"""What happened around an incident, as the lake tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from towpath.analytics.intervals import wilson
from towpath.events.lake import Snapshot
from towpath.foundation.ui.figures import number, percent
from towpath.improvement.schemas.reviews import TimelineLine

USUAL = timedelta(days=7)
"""What is usual is taken from the week before it began."""
MOST_CHANGES, MOST_TICKETS = 30, 10
_OF_UNIT = "(component = $unit or service = $unit)"
_HOURS = f"""
select time_bucket(interval 1 hour, time) as hour, count(*) as attempts,
       count(*) filter (outcome = 'fault') as faults
from events where time >= $first and time < $last and outcome is not null and ticket is null and {_OF_UNIT}
group by 1 order by 1
"""  # noqa: S608 (our own text)
_CHANGES = f"""
select time, coalesce(change, '') as change, coalesce(component, service, '') as unit,
       coalesce(version, '') as version, coalesce({_OF_UNIT}, false) as near
from events
where time >= $first and time < $last and split_part(type, '.', 1) in ('deployment', 'release', 'change')
order by near desc, time
"""  # noqa: S608 (our own text)
_TICKETS = f"""
select ticket, min(time) as at from events
where time >= $first and time < $last and ticket is not null and {_OF_UNIT} group by 1 order by 2
"""  # noqa: S608 (our own text)


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
    yield from _changes(snapshot, unit, span)


def _faults(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    """The hours in which more failed than in the week before by more than chance, and when that ended."""
    asked = {"unit": unit, "first": span.begin - USUAL, "last": span.until}
    rows = snapshot.query(_HOURS, asked).to_pylist()
    before = [row for row in rows if row["hour"] + timedelta(hours=1) <= span.begin]
    attempts, faults = (sum(row[name] for row in before) for name in ("attempts", "faults"))
    if not attempts:
        return
    usual, worst = faults / attempts, float(wilson(faults, attempts).high)
    bad = False
    for row in rows[len(before) :]:
        now = float(wilson(row["faults"], row["attempts"]).low) > worst
        if now != bad:
            told = {
                "faults": number(row["faults"]),
                "attempts": number(row["attempts"]),
                "unit": unit,
                "usual": percent(usual, 1),
            }
            words = (
                _("%(unit)s: %(faults)s of %(attempts)s attempts fail in this hour; usual is %(usual)s.")
                if now
                else _("%(unit)s: as usual again, %(faults)s of %(attempts)s attempts fail.")
            )
            yield TimelineLine(row["hour"].astimezone(UTC), "faults" if now else "usual", words % told)
        bad = now


def _changes(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    asked = {"unit": unit, "first": span.first, "last": span.until}
    for row in snapshot.query(_CHANGES, asked).to_pylist()[:MOST_CHANGES]:
        what = " ".join(filter(None, (row["unit"], row["version"], row["change"])))
        yield TimelineLine(
            row["time"].astimezone(UTC),
            "change",
            _("Deployed: %(what)s") % {"what": what},
            near=bool(unit) and bool(row["near"]),
        )


def _tickets(snapshot: Snapshot, unit: str, span: Span) -> Iterator[TimelineLine]:
    asked = {"unit": unit, "first": span.begin, "last": span.until}
    rows = snapshot.query(_TICKETS, asked).to_pylist()
    for row in rows[:MOST_TICKETS]:
        told = {"ticket": row["ticket"], "unit": unit}
        yield TimelineLine(row["at"].astimezone(UTC), "ticket", _("Ticket %(ticket)s names %(unit)s") % told)
