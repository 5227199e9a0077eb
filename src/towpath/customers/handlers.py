"""What the customers area does when events came in, or the rules changed."""

from __future__ import annotations

from towpath.customers.announcements import LinkRulesApplied
from towpath.customers.jobs import resolve_all, resolve_new
from towpath.customers.joining.following import note_absorbed, note_flushed, rested, waits
from towpath.events.announcements import EventsAbsorbed, EventsFlushed
from towpath.foundation.outbox.announcing import handles


@handles(EventsAbsorbed)
def look_at_absorbed(fact: EventsAbsorbed) -> None:
    note_absorbed(fact.source, fact.months)
    _soon()


@handles(EventsFlushed)
def look_at_flushed(fact: EventsFlushed) -> None:
    note_flushed(fact.first_received, fact.last_received)
    _soon()


@handles(LinkRulesApplied)
def find_anew(_fact: LinkRulesApplied) -> None:
    resolve_all.enqueue()


def _soon() -> None:
    """At once after a quiet time; while events keep coming, several flushes make one job."""
    if not waits(resolve_new.module_path):
        resolve_new.using(run_after=rested(resolve_new.module_path)).enqueue()
