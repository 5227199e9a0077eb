"""Times in lists of calls: local ones meet the two nights a year on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _


def zone_of(name: str) -> ZoneInfo:
    """Raises ValueError for a name that no time zone has."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        told = {"name": name[:60]}
        raise UnknownZone(
            _("“%(name)s” is no time zone; write one such as Europe/Amsterdam or UTC.") % told
        ) from error


class UnknownZone(ValueError):
    """No time zone has that name."""


class CallTimes:
    """Reads times of one list, in its order.

    Of the hour that comes twice in autumn, the first mention of a queue's interval is the earlier one: lists
    are written in the order of time.
    """

    def __init__(self, zone: tzinfo, form: str) -> None:
        self._zone, self._form = zone, form
        self._twice: set[tuple[str, datetime]] = set()

    def read(self, text: str, queue: str) -> datetime:
        """In UTC. Raises ValueError with what is wrong."""
        at = self._parsed(text)
        if at.tzinfo is not None:
            return self._in_reach(at, text)
        early, late = (at.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() == late.utcoffset():
            return self._in_reach(early, text)
        if early.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != at:
            told = {"at": text, "zone": self._zone}
            raise ValueError(_("%(at)s is no time in %(zone)s: the clock was put forward over it.") % told)
        if (queue, at) in self._twice:
            return late.astimezone(UTC)
        self._twice.add((queue, at))
        return early.astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def _parsed(self, text: str) -> datetime:
        try:
            if self._form:
                return datetime.strptime(text, self._form)  # noqa: DTZ007 - the zone is put in by `read`
            return datetime.fromisoformat(text)
        except ValueError as error:
            told = {"text": text[:50], "form": self._form or "2026-03-01 08:30"}
            raise ValueError(_("“%(text)s” is no time written like %(form)s.") % told) from error

    def _in_reach(self, at: datetime, text: str) -> datetime:
        if not 1990 <= at.year <= 2100:
            raise ValueError(_("%(text)s is not between 1990 and 2100.") % {"text": text[:50]})
        return at.astimezone(UTC)
