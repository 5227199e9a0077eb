"""Lists of calls come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from towpath.desk.models import CallImport, CallInterval, CallSeries
from towpath.desk.queries.call_previews import preview_calls
from towpath.desk.rules.call_lists import CallMapping, CallRow
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.schemas.calls import CallsTaken
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing

TOLD = ("offered", "answered", "abandoned", "wait_seconds", "within")
AT_ONCE = 2_000
"""Rows of one transaction: others write too."""


def take_calls(actor: Actor, name: str, text: str, mapping: CallMapping) -> CallsTaken:
    """Take a list in; the same interval again is updated, never doubled, and refused lines are kept.

    Raises ValidationError for a list that cannot be read as a whole, PermissionDenied.
    """
    found = preview_calls(actor, name, text, mapping)
    with writing(actor, "calls.received", MANAGE_DESK) as write:
        series, _new = CallSeries.objects.update_or_create(
            name=name,
            defaults={
                "zone": found.mapping.zone,
                "minutes": found.mapping.minutes,
                "mapping": msgspec.to_builtins(found.mapping),
            },
        )
        refused = [msgspec.to_builtins(each) for each in found.refused]
        done = CallImport.objects.create(series=series, by=(actor.name or actor.kind)[:200], refused=refused)
        write.about(series, after={"rows": len(found.rows), "refused": len(refused)})
    for start in range(0, len(found.rows), AT_ONCE):
        rows = found.rows[start : start + AT_ONCE]
        with transaction.atomic():
            new, changed = _put(series, rows)
        done.new, done.changed = done.new + new, done.changed + changed
    done.same = len(found.rows) - done.new - done.changed
    with writing(actor, "calls.taken_in", MANAGE_DESK) as write:
        done.save()
        write.about(series, after={"new": done.new, "changed": done.changed, "same": done.same})
    return CallsTaken(name, done.new, done.changed, done.same, found.refused, found.gaps, found.unread)


def _put(series: CallSeries, rows: Sequence[CallRow]) -> tuple[int, int]:
    """How many are new, and how many differ from what was kept."""
    wanted = list(_records(series, rows))
    first, last = min(row.begins for row in wanted), max(row.begins for row in wanted)
    queues = {row.queue for row in wanted}
    held = {
        (queue, begins): tuple(told)
        for queue, begins, *told in CallInterval.objects.filter(
            series=series, begins__range=(first, last)
        ).values_list("queue", "begins", *TOLD)
        if queue in queues
    }
    new = [row for row in wanted if (row.queue, row.begins) not in held]
    other = [row for row in wanted if held.get((row.queue, row.begins), _told(row)) != _told(row)]
    CallInterval.objects.bulk_create(
        [*new, *other],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["series", "queue", "begins"],
        update_fields=list(TOLD),
    )
    return len(new), len(other)


def _told(row: CallInterval) -> tuple[float | None, ...]:
    return tuple(getattr(row, name) for name in TOLD)


def _records(series: CallSeries, rows: Sequence[CallRow]) -> Iterator[CallInterval]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for row in rows:
        told = {name: getattr(row, name) for name in TOLD}
        begins = round((row.begins - epoch).total_seconds()) * 1_000_000
        yield CallInterval(series=series, queue=row.queue, begins=begins, **told)
