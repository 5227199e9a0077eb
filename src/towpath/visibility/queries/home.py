"""What home shows, put together from the records that the latest look at the events left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.improvement.models import StandingDays
from towpath.improvement.rules.causes import OF_DESKS, OF_ESTATE
from towpath.improvement.schemas.days import Days
from towpath.visibility.queries.known import known_findings, mended_of, moves_of, paces_of, split_of, to_mend
from towpath.visibility.queries.lacks import lacks
from towpath.visibility.queries.listing import ranked
from towpath.visibility.queries.weeks import weeks_of
from towpath.visibility.schemas.home import Home, Ranked, Release
from towpath.visibility.schemas.known import Known

SHOWN = 12
"""Findings on home; the others are one click away."""
NOTHING_YET = Home(
    days=None,
    looked_at=None,
    weeks=(),
    split=(),
    moves=(),
    releases=(),
    findings=(),
    more=0,
    mended=(),
    paces=(),
    lacking=(),
)


def home(actor: Actor) -> Home:
    """The figures that stand: two reads of records, whatever the lake's size. Raises PermissionDenied."""
    standing = latest_look(actor)
    if standing is None:
        return NOTHING_YET
    days = days_in(standing)
    known = known_findings(actor)
    listed = to_mend(known)
    if days is None or days.last is None:
        return _without_journeys(listed, standing.made_at)
    return Home(
        days=days,
        looked_at=standing.made_at,
        weeks=weeks_of(days.days, days.last),
        split=split_of(days, known),
        moves=moves_of(days, known),
        releases=_releases(listed),
        findings=_first(listed),
        more=max(0, len(listed) - SHOWN),
        mended=mended_of(known),
        paces=paces_of(days),
        lacking=lacks(days),
    )


def _without_journeys(listed: Iterable[Known], looked_at: datetime) -> Home:
    """What desks and the estate tell stands without the figures of a journey."""
    told = [one for one in listed if one.detected.family in OF_DESKS | OF_ESTATE]
    more = max(0, len(told) - SHOWN)
    return msgspec.structs.replace(NOTHING_YET, looked_at=looked_at, findings=_first(told), more=more)


def _first(listed: Sequence[Known]) -> tuple[Ranked, ...]:
    return tuple(ranked(place, one) for place, one in enumerate(listed[:SHOWN], start=1))


def latest_look(actor: Actor) -> StandingDays | None:
    """The newest figures' record. Raises PermissionDenied."""
    return visible(StandingDays, actor).order_by("-made_at").first()


def days_in(standing: StandingDays) -> Days | None:
    """The look's figures; None where another version of Towpath wrote them in another shape: the next look
    writes them anew."""
    try:
        return msgspec.convert(standing.body, Days, strict=False)
    except msgspec.ValidationError:
        return None


def _releases(listed: Iterable[Known]) -> tuple[Release, ...]:
    """Those that findings name as "together with", oldest first."""
    found = {
        (one.name, one.at): Release(one.name, one.at)
        for known in listed
        for one in known.detected.together
        if one.kind == "release" and one.at is not None
    }
    return tuple(sorted(found.values(), key=lambda release: release.at))
