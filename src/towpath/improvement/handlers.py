"""What follows when a finding changes: those are told who asked for it; what came back is reviewed again."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import handles
from towpath.improvement.actions.reviews import reopen_reviews
from towpath.improvement.actions.telling import prepare
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.jobs import tell
from towpath.improvement.rules.life import State


@handles(FindingChanged)
def tell_those_concerned(fact: FindingChanged) -> None:
    for delivery in prepare(fact):
        tell.enqueue(delivery)


@handles(FindingChanged)
def review_again(fact: FindingChanged) -> None:
    if fact.state == State.BACK:
        reopen_reviews(fact.digest)
