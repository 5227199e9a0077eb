"""What becomes of a finding: people accept, mend or decline it; a look sees that it is gone or came back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.models import Finding, FindingStep
from towpath.improvement.rules import life
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.improvement.schemas.findings import Detected
from towpath.improvement.schemas.records import Measured

LOOKER = Actor("operator", name="towpath")
"""Who sees that a finding is new, gone or back: nobody in person."""
KEPT = ("state", "owner", "next_step", "due", "expected_gain", "measured", "declined_because", "review_on")


Measure = Callable[[Detected, date], tuple[float, float] | None]
"""Ruined customer-days of the week up to that day, and of the last week; None where they cannot be told."""
Heard = Callable[[Detected], datetime | None]
"""Since when nothing came in from where a trouble was seen; None where something does."""


class _Overtaken(Exception):
    """A person decided about the finding while a look was about to."""


class CannotDo(ValueError):
    """The finding's state does not allow this; the text says which it is in."""


def accept(
    actor: Actor, digest: str, *, owner: str, next_step: str, due: date, expected_gain: float | None = None
) -> None:
    """Somebody takes it on; accepting again changes who does what by when.

    `expected_gain`: ruined customer-days a week fewer; what was found where none is given. Raises
    ValidationError for what is missing, CannotDo, Http404, PermissionDenied.
    """
    require(actor, WRITE_FINDINGS)
    wrong: dict[str, str] = {}
    if not owner.strip():
        wrong["owner"] = _("Say who takes it on.")
    if not next_step.strip():
        wrong["next_step"] = _("Say what is done first.")
    if expected_gain is not None and not 0 <= expected_gain < 1e12:
        wrong["expected_gain"] = _("A gain is a number of ruined days a week, 0 or more.")
    if wrong:
        raise ValidationError(wrong)
    _set(
        actor,
        digest,
        "accept",
        next_step.strip(),
        owner=owner.strip()[:200],
        next_step=next_step.strip()[:500],
        due=due,
        expected_gain=expected_gain,
        declined_because="",
        review_on=None,
    )


def mend(actor: Actor, digest: str, note: str = "") -> None:
    """Work on it has begun. Raises CannotDo, Http404, PermissionDenied."""
    _set(actor, digest, "mend", note)


def decline(actor: Actor, digest: str, *, because: str, review_on: date) -> None:
    """Nobody mends it for now; it is asked again on `review_on`.

    Raises ValidationError without a reason or a day to come, CannotDo, Http404, PermissionDenied.
    """
    require(actor, WRITE_FINDINGS)
    wrong: dict[str, str] = {}
    if not because.strip():
        wrong["because"] = _("Say why it is declined: whoever reviews it needs the reason.")
    if review_on <= timezone.localdate():
        wrong["review_on"] = _("Review it on a day to come.")
    if wrong:
        raise ValidationError(wrong)
    reason = because.strip()[:500]
    _set(actor, digest, "decline", reason, declined_because=reason, review_on=review_on)


def reopen(actor: Actor, digest: str, note: str = "") -> None:
    """Nobody has it any more; it stands on the list again. Raises CannotDo, Http404, PermissionDenied."""
    _set(actor, digest, "reopen", note, owner="", due=None, declined_because="", review_on=None)


def note_new(digest: str, at: datetime) -> None:
    """A look found a trouble that was never seen before; its row is there already."""
    with writing(LOOKER, "finding.found", WRITE_FINDINGS) as write:
        row = _locked(digest)
        write.about(row, after={"state": row.state, "score": row.score})
        step = row.steps.first()
        if step is None:
            step = FindingStep.objects.create(finding=row, at=at, state=row.state, by=LOOKER.name)
        _announce(row, "", step)


def mark_looked(
    seen: Collection[str], at: datetime, measure: Measure | None = None, silent: Heard | None = None
) -> dict[str, str]:
    """What a look at the events as of `at` changes about findings; returns the new states by digest.

    `seen`: digests of what it found, whose rows are written already. `measure`: tells what is gone and
    since when somebody mended it, with ruined customer-days of the week before that and of the last week.
    `silent`: tells of what was not seen whether anything comes in there: what is silent is not gone.
    """
    changed: dict[str, str] = {}
    for row in Finding.objects.exclude(state=life.State.DECLINED, review_on__gt=_today(at)):
        was_seen = row.digest in seen
        _note_silence(row, was_seen, silent)
        change = _change_of(row, was_seen, at)
        if change is not None:
            gained = _measured(row, at, measure) if change == "gone" else None
            with suppress(_Overtaken):
                changed[row.digest] = _mark(row.digest, was_seen, change, at, gained)
    # By their steps, not by the time: a worker may have been killed between a row and the news of it.
    fresh = Finding.objects.filter(digest__in=seen, steps__isnull=True)
    for digest in fresh.values_list("digest", flat=True):
        note_new(digest, at)
        changed[digest] = life.State.OPEN
    return changed


def _note_silence(row: Finding, seen: bool, silent: Heard | None) -> None:
    since = None
    if not seen and silent is not None and row.state in life.TO_MEND:
        since = silent(msgspec.convert(row.detected, Detected, strict=False))
    if since != row.silent_since:
        row.silent_since = since
        Finding.objects.filter(pk=row.pk).update(silent_since=since)


def _today(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())


def _change_of(row: Finding, seen: bool, at: datetime) -> life.Change | None:
    return life.change_of(
        row.state,
        seen=seen,
        last_seen=row.last_seen,
        review_on=row.review_on,
        now=at,
        today=_today(at),
        silent=row.silent_since is not None,
    )


def _mark(digest: str, seen: bool, change: life.Change, at: datetime, measured: Measured | None) -> str:
    with writing(LOOKER, f"finding.{change}", WRITE_FINDINGS) as write:
        row = _locked(digest)
        before, state = _kept(row), row.state
        note = ""
        if _change_of(row, seen, at) != change:
            raise _Overtaken
        if change == "gone":
            row.state, row.measured = life.State.GONE, msgspec.to_builtins(measured)
        elif change == "back":
            row.state = life.State.BACK
        else:
            row.state, row.review_on = life.State.OPEN, None
            note = _("The day of its review has come.")
        row.save()
        write.about(row, before=before, after=_kept(row))
        _note(row, state, LOOKER, at, note)
    return row.state


def _measured(row: Finding, at: datetime, measure: Measure | None) -> Measured:
    """What mending brought: too little data where nobody took it on, or less than a week has passed since."""
    taken = row.steps.filter(state__in=life.TAKEN_ON).order_by("at").first()
    found = msgspec.convert(row.detected, Detected, strict=False)
    if taken is None or measure is None:
        return Measured(None, row.expected_gain, found.ruined_days.value, None)
    figures = measure(found, _today(taken.at))
    if figures is None:
        return Measured(None, row.expected_gain, found.ruined_days.value, None)
    before, now = figures
    return Measured(life.gain(before, now, (at - taken.at).days), row.expected_gain, before, now)


def _set(actor: Actor, digest: str, verb: life.Verb, note: str, **fields: Any) -> None:
    with writing(actor, f"finding.{verb}", WRITE_FINDINGS) as write:
        row = _locked(digest)
        if not life.may(row.state, verb):
            told = {"state": Finding.State(row.state).label}
            raise CannotDo(_("This finding is “%(state)s”: that cannot be done now.") % told)
        before, state = _kept(row), row.state
        for name, value in fields.items():
            setattr(row, name, value)
        if verb == "accept" and row.expected_gain is None:
            row.expected_gain = _expected(msgspec.convert(row.detected, Detected, strict=False))
        row.state = life.AFTER[verb]
        row.save()
        write.about(row, before=before, after=_kept(row))
        _note(row, state, actor, timezone.now(), note)


def _expected(found: Detected) -> float | None:
    """None for a risk of which nobody measured how often it happens."""
    return None if found.is_risk else found.ruined_days.value or found.beyond.value


def _note(row: Finding, before: str, actor: Actor, at: datetime, note: str) -> None:
    name = actor.name or actor.kind
    step = FindingStep.objects.create(finding=row, at=at, state=row.state, by=name[:200], note=note[:1000])
    _announce(row, before, step)


def _announce(row: Finding, before: str, step: FindingStep) -> None:
    announce(FindingChanged(digest=row.digest, before=before, state=row.state, grave=row.grave, step=step.pk))


def _locked(digest: str) -> Finding:
    row = Finding.objects.select_for_update().filter(digest=digest).first()
    if row is None:
        raise Http404(_("There is no finding %(digest)s.") % {"digest": digest})
    return row


def _kept(row: Finding) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value := getattr(row, name), date) else value for name in KEPT
    }
