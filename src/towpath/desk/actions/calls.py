"""A call centre's series is taken in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from towpath.customers.joining.observing import batches
from towpath.desk.importers.calls import Interval, read_series
from towpath.desk.models import CallInterval
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.schemas.calls import CallsTaken
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing

AT_ONCE, SHOWN = 1_000, 50
_COLUMNS = ("queue", "begin", "seconds", "offered", "answered", "given_up", "waited")
_PUT = (
    f"insert into desk_callinterval (source, {', '.join(_COLUMNS)}) "  # noqa: S608 (known columns only)
    f"values (%s{', %s' * len(_COLUMNS)}) on conflict (source, queue, begin) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])
)


def take_calls(actor: Actor, source: str, raw: bytes, *, zone: str = "UTC", queue: str = "") -> CallsTaken:
    """Take in a series; told again it changes what is other, and never doubles.

    Raises SeriesRefused, ValidationError without a source's name, PermissionDenied.
    """
    require(actor, MANAGE_DESK)
    source = source.strip()
    if not source or len(source) > 100:
        raise ValidationError(_("Name the source, with at most 100 characters."))
    series = read_series(raw, zone, queue.strip())
    written = sum(_put(source, some) for some in batches(series.intervals, AT_ONCE))
    with writing(actor, "calls.taken", MANAGE_DESK) as write:
        write.target_type, write.target = CallInterval._meta.label, source
        write.after = {"written": written, "refused": len(series.refused)}
    return CallsTaken(
        source=source,
        written=written,
        unchanged=len(series.intervals) - written,
        refused_lines=len(series.refused),
        refused=series.refused[:SHOWN],
    )


def _put(source: str, some: list[Interval]) -> int:
    """In transactions of their own: a large series would hold the records for seconds. Killed in between, the
    same file again brings the rest."""
    queues = {each.queue for each in some}
    begins = [each.begin for each in some]
    with transaction.atomic():
        there = CallInterval.objects.filter(
            source=source, queue__in=queues, begin__gte=min(begins), begin__lte=max(begins)
        )
        known = {Interval(*row) for row in there.values_list(*_COLUMNS)}
        changed = [each for each in some if each not in known]
        with connection.cursor() as cursor:
            cursor.executemany(
                _PUT, [(source, *(getattr(each, name) for name in _COLUMNS)) for each in changed]
            )
    return len(changed)
