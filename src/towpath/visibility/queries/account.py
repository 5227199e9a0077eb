"""The account of a week: of the figures that stand, or of a week that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.improvement.models import Finding
from towpath.visibility.models import KeptWeek
from towpath.visibility.queries.home import days_in, latest_look
from towpath.visibility.queries.known import known_findings, mended_of, paces_of, split_of
from towpath.visibility.queries.telling import sentences_of
from towpath.visibility.queries.weeks import weeks_of
from towpath.visibility.rules.week_names import iso_name, monday_of
from towpath.visibility.schemas.account import Account, WeekBody
from towpath.visibility.schemas.home import Mended, Piece
from towpath.visibility.schemas.known import Known


class NoSuchWeek(Http404):
    """No account of that week; the text names those that there are."""


def accounts(actor: Actor) -> list[str]:
    """The weeks that have an account, newest first."""
    names = set(visible(KeptWeek, actor).values_list("name", flat=True))
    body = body_now(actor)
    if body is not None:
        names.add(week_of(body))
    return sorted(names, reverse=True)


def account(actor: Actor, name: str = "") -> Account:
    """The account of the week "2026-W47", of the newest where none is named.

    Raises NoSuchWeek, and ValueError for what is no week.
    """
    if name:
        name = iso_name(monday_of(name))
    body = body_now(actor)
    if body is not None and name in ("", week_of(body)):
        return account_in(body)
    kept = visible(KeptWeek, actor).filter(**({"name": name} if name else {})).first()
    if kept is None:
        known = ", ".join(accounts(actor))
        if not known:
            raise NoSuchWeek(_("There is no account yet: no events were looked at."))
        text = _("There is no account of %(week)s. There are: %(known)s.")
        raise NoSuchWeek(text % {"week": name, "known": known})
    return account_in(msgspec.convert(kept.body, WeekBody, strict=False))


def body_now(actor: Actor) -> WeekBody | None:
    """What stands now, as it would be kept: without the customers whose days are shown as evidence.

    None as long as no day was counted. Raises PermissionDenied.
    """
    standing = latest_look(actor)
    days = days_in(standing) if standing else None
    if days is None or days.last is None:
        return None
    return WeekBody(days, tuple(_nameless(one) for one in known_findings(actor)))


def week_of(body: WeekBody) -> str:
    """The name of the ISO week that holds the body's last day."""
    return iso_name(body.days.last) if body.days.last else ""


def _nameless(known: Known) -> Known:
    replace = msgspec.structs.replace
    return replace(known, detected=replace(known.detected, moments=()))


def account_in(body: WeekBody) -> Account:
    """The account that the figures make, worded in the language that is active.

    Raises NoSuchWeek where nothing was counted.
    """
    days, last = body.days, body.days.last
    if last is None or days.as_of is None:
        raise NoSuchWeek(_("There is no account yet: no events were looked at."))
    name = iso_name(last)
    mended = mended_of(body.findings)
    gone = tuple(one for one in mended if one.state == Finding.State.GONE and one.gained is not None)
    spoiled_by = _infrastructure(split_of(days, body.findings), body.findings)
    made = Account(
        week=name,
        first=last - timedelta(days=6),
        last=last,
        as_of=days.as_of,
        zone=days.zone,
        whole=last == monday_of(name) + timedelta(days=6),
        active=days.active,
        ruined=days.ruined,
        good_rate=days.good_rate,
        good_low=days.good_low,
        good_high=days.good_high,
        before=days.before,
        spoiled=_spoiled(body),
        spoiled_by=spoiled_by,
        saved=_saved(gone),
        saved_by=gone,
        weeks=weeks_of(days.days, last),
        split=split_of(days, body.findings),
        paces=paces_of(days),
        sentences=(),
    )
    return msgspec.structs.replace(made, sentences=sentences_of(made, body.findings))


def _is_infrastructure(known: Known) -> bool:
    where = known.detected.where
    return bool(where.component or where.change)


def _infrastructure(split: Sequence[Piece], known: Sequence[Known]) -> tuple[Piece, ...]:
    ours = {one.digest for one in known if _is_infrastructure(one)}
    return tuple(piece for piece in split if piece.digest in ours)


def _spoiled(body: WeekBody) -> float:
    ours = {one.digest for one in body.findings if _is_infrastructure(one)}
    return sum(cause.days for cause in body.days.causes if cause.digest in ours)


def _saved(gone: Sequence[Mended]) -> float | None:
    return sum(one.gained or 0.0 for one in gone) if gone else None
