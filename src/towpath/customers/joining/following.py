"""Keeping up with the lake: what came in is noted, and looked at soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.customers.joining.applying import Outcome, settle_all
from towpath.customers.joining.observing import ASKED_AT_ONCE, batches, observe
from towpath.customers.measures import EVERYTHING, Scope, sightings
from towpath.customers.models import Identifier, Link, LinkRulesVersion, Unresolved
from towpath.customers.rules.document import DEFAULT, LinkRules, rules_of
from towpath.events.store import lake

Told = Callable[[int, int | None], None]
READ_AT_ONCE = 5_000
REST = timedelta(seconds=3)
"""Between two looks at what came in, so that under load a look has much to look at."""
REST_AS_LONG = 4
"""After a look that took longer than a moment: so many times as long, at most a minute. Others need the
processor too."""
LONGEST_REST = timedelta(minutes=1)


def rules_in_force() -> tuple[LinkRules, int]:
    """The rules and the number of their version; 0 for those that Towpath brings."""
    newest = LinkRulesVersion.objects.order_by("-number").first()
    return (rules_of(newest.body), newest.number) if newest else (DEFAULT, 0)


def note_absorbed(source: str, months: Sequence[str]) -> None:
    Unresolved.objects.create(source=source, months=list(months))


def note_flushed(first: datetime, last: datetime) -> None:
    Unresolved.objects.create(first_received=first, last_received=last)


def waits(task_path: str) -> bool:
    """Whether such a job stands in the queue and has not begun: it will see all that is noted by now."""
    return DBTaskResult.objects.filter(task_path=task_path, status=TaskResultStatus.READY).exists()


def rested(task_path: str) -> datetime | None:
    """When such a job may run again; None where the last one was long ago."""
    now = timezone.now()
    ended = DBTaskResult.objects.filter(task_path=task_path, finished_at__gt=now - LONGEST_REST)
    last = ended.order_by("-finished_at").only("started_at", "finished_at").first()
    if last is None or last.finished_at is None:
        return None
    finished: datetime = last.finished_at
    began: datetime = last.started_at or finished
    again = finished + min(max(REST, REST_AS_LONG * (finished - began)), LONGEST_REST)
    return again if again > now else None


def resolve_noted(told: Told = lambda _done, _total: None) -> Outcome:
    """Look at the events that were noted. Killed, it does so again; what was done by then changes nothing."""
    rows = list(Unresolved.objects.order_by("pk"))
    total = Outcome()
    for scope in _scopes(rows):
        total.add(_resolve(scope, told))
    for some in batches((row.pk for row in rows), ASKED_AT_ONCE):
        Unresolved.objects.filter(pk__in=some).delete()
    return total


def resolve_everything(told: Told = lambda _done, _total: None) -> Outcome:
    """Read all identifiers by the rules of today, and all events, and find anew who is who."""
    rules, version = rules_in_force()
    noted = Unresolved.objects.aggregate(newest=Max("pk"))["newest"] or 0
    snapshot = lake().snapshot()
    observe(*sightings(snapshot, EVERYTHING, rules.sessions), rules)
    _read_anew(rules)
    newest = _newest_link()
    outcome = _last(settle_all(_all_keys(), rules, version), Identifier.objects.count(), told)
    Link.objects.filter(settled=False, pk__lte=newest).update(settled=True)
    Unresolved.objects.filter(pk__lte=noted).delete()
    return outcome


def _resolve(scope: Scope, told: Told) -> Outcome:
    rules, version = rules_in_force()
    observe(*sightings(lake().snapshot(), scope, rules.sessions), rules)
    newest, done = _newest_link(), set[int]()
    fresh = Identifier.objects.filter(customer=None).count()
    outcome = _last(settle_all(_all_keys(customer=None), rules, version, done), fresh, told)
    # Links that somebody else takes note of meanwhile are theirs to settle.
    while links := list(_unsettled(newest)[:ASKED_AT_ONCE]):
        ends = dict.fromkeys(key for _pk, *both in links for key in both)
        outcome.add(_last(settle_all(ends, rules, version, done), len(ends), told))
        Link.objects.filter(pk__in=[pk for pk, *_both in links]).update(settled=True)
    return outcome


def _newest_link() -> int:
    return Link.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _unsettled(newest: int) -> QuerySet[Link, tuple[int, int, int]]:
    rows = Link.objects.filter(settled=False, pk__lte=newest).order_by("pk")
    return rows.values_list("pk", "a_id", "b_id")


def _last(outcomes: Iterator[Outcome], total: int, told: Told) -> Outcome:
    outcome = Outcome()
    for outcome in outcomes:
        told(min(outcome.looked_at, total), total)
    return outcome


def _scopes(rows: Sequence[Unresolved]) -> list[Scope]:
    """As few as there can be: one of all that was flushed, one for each source."""
    flushed = [row for row in rows if row.first_received and row.last_received]
    scopes = []
    if flushed:
        first = min(row.first_received for row in flushed if row.first_received)
        last = max(row.last_received for row in flushed if row.last_received)
        scopes.append(Scope(first_received=first, last_received=last))
    months: dict[str, set[str]] = {}
    for row in rows:
        if row.source:
            months.setdefault(row.source, set()).update(row.months)
    return scopes + [Scope(source, sorted(those)) for source, those in months.items()]


def _all_keys(**only: None) -> Iterator[int]:
    """Keys of all identifiers (that are `only` such), read in pieces: what is written meanwhile does not
    matter."""
    last: int | None = None
    while True:
        rows = Identifier.objects.filter(**only).order_by("key")
        rows = rows if last is None else rows.filter(key__gt=last)
        keys = list(rows.values_list("key", flat=True)[:READ_AT_ONCE])
        yield from keys
        if len(keys) < READ_AT_ONCE:
            return
        last = keys[-1]


def _read_anew(rules: LinkRules) -> None:
    """Kinds and spellings by the rules of today; what rules had marked as shared is found anew."""
    for keys in batches(_all_keys(), READ_AT_ONCE):
        changed = []
        for some in batches(keys, ASKED_AT_ONCE):
            for row in Identifier.objects.filter(pk__in=some):
                kind, value, spelling = rules.understood(row.written)
                proxy = "" if row.proxy == Identifier.Proxy.RULE else row.proxy
                if (kind, value, spelling, proxy) != (row.kind, row.value, row.normalised, row.proxy):
                    row.kind, row.value, row.normalised, row.proxy = kind, value, spelling, proxy
                    changed.append(row)
        Identifier.objects.bulk_update(changed, ["kind", "value", "normalised", "proxy"], batch_size=100)
