"""What each team's signals said in the hours of one customer's day: over all customers, from the lake."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from towpath.analytics.normal import Z95
from towpath.customers.schemas import StoryEvent
from towpath.events.lake import Snapshot
from towpath.improvement.schemas.ruined_days import ReleaseInForce, Seen, Share, TeamSignal

DAYS_BEFORE = 7
_HOUR = 3600
_ATTEMPTS = """
select epoch(time)::bigint // 3600 as hour, coalesce(service, component) as unit,
       coalesce(version, '') as version,
       count(*) as attempts, count(*) filter (outcome <> 'fault') as good
from events
where time >= $start and time < $end and outcome is not null
  and list_contains($hours::bigint[], epoch(time)::bigint // 3600)
  and list_contains($units::varchar[], coalesce(service, component))
group by all
"""
_OTHERS = """
select epoch(time)::bigint // 3600 as hour, time, type, coalesce(service, '') as service,
       coalesce(component, '') as component, coalesce(version, change, '') as version
from events
where time >= $start and time < $end and type like 'deployment%'
order by time
"""
_CONTACTS = """
select epoch(time)::bigint // 3600 as hour, count(*) as contacts
from events where time >= $start and time < $end and type like 'contact.%' group by all
"""
Cell = tuple[int, str, str]
"""Hour since 1970, service (else component), version."""


@dataclass(frozen=True)
class Release:
    """A deployment, as the lake tells it."""

    at: datetime
    service: str
    component: str
    version: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.component or self.service, self.version) if part)


@dataclass(frozen=True)
class Hours:
    """Attempts over all customers by cell (good, all); deployments of the week; contacts by hour, None where
    no source sends any."""

    cells: dict[Cell, tuple[int, int]]
    releases: tuple[Release, ...]
    contacts: dict[int, int] | None

    def seen(self, event: StoryEvent) -> Seen:
        """What was known beside this event."""
        hour, unit = int(event.time.timestamp()) // _HOUR, event.service or event.component
        signal = self._signal(hour, unit, event) if unit else None
        return Seen(
            signals=(signal,) if signal else (),
            releases=tuple(self._in_force(event)),
            contacts=None if self.contacts is None else self.contacts.get(hour, 0),
        )

    def _signal(self, hour: int, unit: str, event: StoryEvent) -> TeamSignal | None:
        now = self._share([hour], unit)
        if not now.count:
            return None
        usual = self._share(_before(hour), unit)
        narrow = self._share([hour], unit, event.version) if event.version else Share(0, 0)
        told = 0 < narrow.count < now.count and _of(narrow) < _of(now)
        return TeamSignal(
            name=unit,
            now=now,
            usual=usual,
            green=not _worse(now, usual),
            narrow=narrow if told else None,
            narrow_name=self._name_of(event) if told else "",
        )

    def _name_of(self, event: StoryEvent) -> str:
        """The event's version as its deployment names it."""
        named = [
            each.name for each in self.releases if each.version == event.version and each.at <= event.time
        ]
        return named[-1] if named else _("version %(version)s") % {"version": event.version}

    def _share(self, hours: Iterable[int], unit: str, version: str | None = None) -> Share:
        wanted = set(hours)
        found = [
            count
            for (hour, name, number), count in self.cells.items()
            if hour in wanted and name == unit and version in (None, number)
        ]
        return Share(sum(good for good, _all in found), sum(count for _good, count in found))

    def _in_force(self, event: StoryEvent) -> list[ReleaseInForce]:
        """The latest deployment of what the event names, once each."""
        latest: dict[str, Release] = {}
        for release in self.releases:
            named = (release.component and release.component == event.component) or (
                not release.component and release.service and release.service == event.service
            )
            theirs = bool(release.version) and release.version == event.version
            if (named or theirs) and release.at <= event.time:
                latest[release.component or release.service] = release
        return [ReleaseInForce(release.name, release.at) for release in latest.values()]


def hours_of(snapshot: Snapshot, events: Sequence[StoryEvent]) -> Hours:
    """One reading of the hours in which these events lie, and of the same hours of the week before."""
    if not events:
        return Hours({}, (), None)
    hours = sorted({int(event.time.timestamp()) // _HOUR for event in events})
    units = sorted({unit for event in events if (unit := event.service or event.component)})
    every = sorted({*hours, *(hour for each in hours for hour in _before(each))})
    span = {"start": _moment(every[0]), "end": _moment(every[-1] + 1)}
    cells = snapshot.query(_ATTEMPTS, {**span, "hours": every, "units": units}).to_pylist() if units else []
    deployed = snapshot.query(_OTHERS, span).to_pylist()
    contacts = snapshot.query(_CONTACTS, span).to_pylist()
    return Hours(
        {(row["hour"], row["unit"], row["version"]): (row["good"], row["attempts"]) for row in cells},
        tuple(Release(row["time"], row["service"], row["component"], row["version"]) for row in deployed),
        {row["hour"]: row["contacts"] for row in contacts} if contacts else None,
    )


def _before(hour: int) -> list[int]:
    return [hour - 24 * day for day in range(1, DAYS_BEFORE + 1)]


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=hour)


def _of(share: Share) -> float:
    return share.good / share.count


def _worse(now: Share, usual: Share) -> bool:
    """Worse than usual by more than chance (two shares, 95 %)."""
    if now.share is None or usual.share is None:
        return False
    pooled = (now.good + usual.good) / (now.count + usual.count)
    error = math.sqrt(pooled * (1 - pooled) * (1 / now.count + 1 / usual.count))
    return now.share < usual.share - Z95 * error
