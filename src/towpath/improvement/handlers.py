"""What follows when a finding changes: those are told who asked for it."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import handles
from towpath.improvement.actions.telling import prepare
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.jobs import tell


@handles(FindingChanged)
def tell_those_concerned(fact: FindingChanged) -> None:
    for delivery in prepare(fact):
        tell.enqueue(delivery)
