"""Reviews after incidents, with what happened and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible
from towpath.improvement.models import Finding, Review, ReviewAction
from towpath.improvement.queries.findings import detected_of
from towpath.improvement.queries.timeline import Span, lines_around
from towpath.improvement.rules import wording
from towpath.improvement.rules.life import State
from towpath.improvement.rules.review_wording import MOMENT_WORDS
from towpath.improvement.rules.reviews import MOMENTS, Moment, Prevention, recurrence, spans
from towpath.improvement.schemas.reviews import (
    Recurrence,
    ReviewActionShown,
    Reviews,
    ReviewShown,
    ReviewSpan,
    ReviewSummary,
    TimelineLine,
)

LONGEST = timedelta(days=14)
"""What a timeline covers at most."""
AFTERWARDS = timedelta(hours=6)
MOST = 500


def reviews(actor: Actor) -> Reviews:
    """The latest reviews, and every action that is still open."""
    rows = visible(Review, actor).select_related("finding").prefetch_related("actions", "finding__steps")
    open_ones = (
        visible(ReviewAction, actor)
        .filter(state=ReviewAction.State.OPEN)
        .select_related("review__finding")
        .order_by("due", "pk")
    )
    return Reviews(
        tuple(_summary(row) for row in rows[:MOST]),
        tuple(_action(each, each.review) for each in open_ones[:MOST]),
    )


def review(actor: Actor, review_id: int) -> ReviewShown:
    """One review with its timeline. Raises Http404, PermissionDenied."""
    row = fetch(Review, actor, pk=review_id)
    found = detected_of(row.finding)
    unit = found.where.component or found.where.service
    span = _span(row)
    return ReviewShown(
        id=row.pk,
        digest=row.finding.digest,
        incident=wording.sentence_of(found),
        state=row.state,  # type: ignore[arg-type]
        begin=row.begin,
        **{name: getattr(row, name) for name in MOMENTS},
        happened=row.happened,
        helped=row.helped,
        hindered=row.hindered,
        factors=row.factors,
        started_by=row.started_by,
        started_at=row.started_at,
        closed_at=row.closed_at,
        met=found.met,
        ruined_days=found.ruined_days.value,
        spans=tuple(ReviewSpan(*each) for each in spans(row.begin, _moments(row))),
        unit=unit,
        component=found.where.component,
        looked_from=span.first,
        looked_until=span.until,
        timeline=tuple(sorted(_timeline(row, unit, span), key=lambda line: line.at)),
        actions=tuple(_action(each, row) for each in row.actions.all()),
        recurrence=_recurrence(row),
    )


def begin_of(finding: Finding) -> datetime:
    """When a finding's trouble began, as far as is known: a start to be mended by whoever reviews it."""
    since = detected_of(finding).since
    if since is None:
        return finding.first_seen
    midnight = datetime.combine(since.day, datetime.min.time())
    return timezone.make_aware(midnight)


def _span(row: Review) -> Span:
    known = [at for name in MOMENTS if (at := getattr(row, name)) is not None]
    until = max(known) + AFTERWARDS if row.restored else timezone.now()
    return Span(row.begin, min(until, row.begin + LONGEST))


def _moments(row: Review) -> dict[Moment, datetime | None]:
    return {name: getattr(row, name) for name in MOMENTS}


def _timeline(row: Review, unit: str, span: Span) -> Iterator[TimelineLine]:
    yield TimelineLine(row.begin, "begin", _("The trouble began"))
    for name in MOMENTS:
        at = getattr(row, name)
        if at is not None:
            yield TimelineLine(at, "moment", str(MOMENT_WORDS[name]))
    for step in row.finding.steps.all():
        if span.first <= step.at <= span.until:
            label = str(Finding.State(step.state).label)
            told = _("The finding: %(state)s") % {"state": label}
            yield TimelineLine(step.at, "finding", f"{told}. {step.note}".strip(". ") + ".", step.by)
    for line in row.lines.all():
        yield TimelineLine(line.at, "person", line.text, line.by)
    yield from lines_around(lake().snapshot(), unit, span)


def _summary(row: Review) -> ReviewSummary:
    actions = [_action(each, row) for each in row.actions.all()]
    return ReviewSummary(
        id=row.pk,
        digest=row.finding.digest,
        incident=wording.sentence_of(detected_of(row.finding)),
        state=row.state,  # type: ignore[arg-type]
        begin=row.begin,
        actions=len(actions),
        open_actions=sum(each.state == "open" for each in actions),
        overdue=sum(each.overdue for each in actions),
        recurrence=_recurrence(row),
    )


def _action(each: ReviewAction, row: Review) -> ReviewActionShown:
    return ReviewActionShown(
        id=each.pk,
        review=row.pk,
        incident=wording.sentence_of(detected_of(row.finding)),
        kind=each.kind,  # type: ignore[arg-type]
        text=each.text,
        owner=each.owner,
        due=each.due,
        state=each.state,  # type: ignore[arg-type]
        overdue=each.state == ReviewAction.State.OPEN and each.due < timezone.localdate(),
        result=each.result,
        ended_at=each.ended_at,
        ended_by=each.ended_by,
    )


def _recurrence(row: Review) -> Recurrence:
    preventions = [
        Prevention(each.ended_at, each.state == ReviewAction.State.DROPPED)
        for each in row.actions.all()
        if each.kind == ReviewAction.Kind.PREVENT
    ]
    backs = [step.at for step in row.finding.steps.all() if step.state == State.BACK]
    if row.finding.seen and row.finding.state != State.GONE:
        # It never went: seen after all was done, it came back as surely as if it had been gone between.
        backs.append(row.finding.last_seen)
    now = datetime.now(UTC)
    silent = row.finding.silent_since is not None
    verdict, at = recurrence(preventions, backs, now, silent=silent)
    return Recurrence(verdict, at, (now - at) // timedelta(weeks=1) if at else 0)
