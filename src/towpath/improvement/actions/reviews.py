"""Reviews after incidents: begun from a finding, filled in, closed; and the work they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing
from towpath.improvement.actions.findings import LOOKER
from towpath.improvement.models import Finding, Review, ReviewAction, ReviewLine
from towpath.improvement.queries.reviews import begin_of
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.improvement.rules.reviews import MOMENTS, Moment, disordered

TEXTS = ("happened", "helped", "hindered", "factors")
LONGEST_TEXT, LONGEST_LINE, LONGEST_NAME = 10_000, 500, 200


def start_review(actor: Actor, digest: str) -> int:
    """Begin the review of a finding's trouble, or go on with the one that is open; returns its number.

    Raises Http404, PermissionDenied.
    """
    with writing(actor, "review.started", WRITE_FINDINGS) as write:
        finding = fetch(Finding, actor, digest=digest)
        there = Review.objects.filter(finding=finding, state=Review.State.OPEN).first()
        row = there or Review.objects.create(
            finding=finding,
            begin=begin_of(finding),
            detected=finding.first_seen,
            started_by=actor.name or actor.kind,
        )
        write.about(row, after={"begin": row.begin.isoformat()})
    return row.pk


def fill_in(
    actor: Actor,
    review_id: int,
    *,
    begin: datetime,
    moments: Mapping[Moment, datetime | None],
    texts: Mapping[str, str],
) -> None:
    """Set when it began and its moments, and what people learned. What is not named stays.

    Raises ValidationError by field, Http404, PermissionDenied.
    """
    with writing(actor, "review.filled_in", WRITE_FINDINGS) as write:
        row = _open(actor, review_id)
        told: dict[Moment, datetime | None] = {name: getattr(row, name) for name in MOMENTS}
        told |= moments
        early = _("This lies before it began, or before it was seen.")
        wrong: dict[str, str] = dict.fromkeys(disordered(begin, told), early)
        for at in [begin, *filter(None, told.values())]:
            if at > timezone.now():
                wrong |= {"begin": _("A moment of the past is needed.")}
        for name, text in texts.items():
            if len(text) > LONGEST_TEXT:
                wrong |= {name: _("At most %(most)s characters.") % {"most": f"{LONGEST_TEXT:,}"}}
        if wrong:
            raise ValidationError(wrong)
        fields: dict[str, object] = {"begin": begin}
        fields.update({str(name): at for name, at in told.items()})
        fields.update({name: text.strip() for name, text in texts.items()})
        changed = [name for name in texts if getattr(row, name) != fields[name]]
        before = {name: str(getattr(row, name)) for name in ("begin", *told)}
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        # Texts may name customers, and the log is never changed: it says which were written.
        after = {name: str(fields[name]) for name in ("begin", *told)}
        write.about(row, before=before, after={**after, "written": changed})


def add_line(actor: Actor, review_id: int, *, at: datetime, text: str) -> None:
    """Add to its timeline what only people know. Raises ValidationError, Http404, PermissionDenied."""
    with writing(actor, "review.line_added", WRITE_FINDINGS) as write:
        row = _open(actor, review_id)
        wrong = {}
        if not text.strip() or len(text.strip()) > LONGEST_LINE:
            wrong["text"] = _("Say what happened, in at most 500 characters.")
        if at > timezone.now():
            wrong["at"] = _("A moment of the past is needed.")
        if wrong:
            raise ValidationError(wrong)
        ReviewLine.objects.create(review=row, at=at, text=text.strip(), by=actor.name or actor.kind)
        write.about(row, after={"at": at.isoformat()})


def agree_action(actor: Actor, review_id: int, *, kind: str, text: str, owner: str, due: date) -> int:
    """Somebody does this by then; returns the action's number.

    Raises ValidationError by field, Http404, PermissionDenied.
    """
    with writing(actor, "review.action_agreed", WRITE_FINDINGS) as write:
        row = _open(actor, review_id)
        wrong = {}
        if kind not in ReviewAction.Kind.values:
            wrong["kind"] = _("Choose what it is for.")
        if not text.strip() or len(text.strip()) > LONGEST_LINE:
            wrong["text"] = _("Say what is done, in at most 500 characters.")
        if not owner.strip() or len(owner.strip()) > LONGEST_NAME:
            wrong["owner"] = _("Say who does it.")
        if wrong:
            raise ValidationError(wrong)
        made = ReviewAction.objects.create(
            review=row, kind=kind, text=text.strip(), owner=owner.strip(), due=due
        )
        write.about(made, after={"kind": kind, "owner": made.owner, "due": str(due)})
    return made.pk


def end_action(actor: Actor, action_id: int, *, state: str, result: str) -> None:
    """It is done, or dropped, and what came of it; `open` opens it again.

    Raises ValidationError by field, Http404, PermissionDenied.
    """
    with writing(actor, "review.action_ended", WRITE_FINDINGS) as write:
        row = fetch(ReviewAction, actor, pk=action_id)
        wrong = {}
        if state not in ReviewAction.State.values:
            wrong["state"] = _("An action is open, done or dropped.")
        if len(result.strip()) > LONGEST_LINE or (state == "dropped" and not result.strip()):
            wrong["result"] = _("Say why it is dropped, or what came of it, in at most 500 characters.")
        if wrong:
            raise ValidationError(wrong)
        before = {"state": row.state}
        ended = state != ReviewAction.State.OPEN
        row.state, row.result = state, result.strip()
        row.ended_at = timezone.now() if ended else None
        row.ended_by = (actor.name or actor.kind) if ended else ""
        row.save()
        write.about(row, before=before, after={"state": state})


def close_review(actor: Actor, review_id: int) -> None:
    """It says what happened and what made it possible; its actions go on being tracked.

    Raises ValidationError where it does not, Http404, PermissionDenied.
    """
    with writing(actor, "review.closed", WRITE_FINDINGS) as write:
        row = _open(actor, review_id)
        lacking = {
            name: _("Say this before the review is closed.")
            for name in ("happened", "factors")
            if not getattr(row, name)
        }
        if lacking:
            raise ValidationError(lacking)
        row.state, row.closed_at = Review.State.CLOSED, timezone.now()
        row.save()
        write.about(row, before={"state": "open"}, after={"state": "closed"})


def reopen_reviews(digest: str) -> int:
    """The trouble came back: the last review of it is open again; returns how many that are (0 or 1)."""
    last = Review.objects.filter(finding__digest=digest).order_by("-begin", "-pk").first()
    if last is None or last.state == Review.State.OPEN:
        return 0
    with writing(LOOKER, "review.reopened", WRITE_FINDINGS) as write:
        last.state, last.closed_at = Review.State.OPEN, None
        last.save()
        write.about(last, before={"state": "closed"}, after={"state": "open"})
    return 1


def _open(actor: Actor, review_id: int) -> Review:
    row = fetch(Review, actor, pk=review_id)
    if row.state != Review.State.OPEN:
        raise ValidationError({"__all__": _("This review is closed.")})
    return row
