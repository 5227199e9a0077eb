"""Findings as home and the account know them, and what both say about them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.improvement.models import Finding
from towpath.improvement.rules.life import TAKEN_ON, TO_MEND, State
from towpath.improvement.rules.wording import sentence_of
from towpath.improvement.schemas.days import Days
from towpath.improvement.schemas.findings import Detected
from towpath.visibility.measures import pace_of
from towpath.visibility.queries.listing import mended
from towpath.visibility.schemas.home import Mended, Move, Pace, Piece
from towpath.visibility.schemas.known import Known

MOST_GONE, LONG_AGO = 500, 1_000_000
"""What went long ago explains nothing of these weeks."""
NAMED = 5
"""Causes with a name and a colour of their own in the bar; what is smaller joins the rest."""
LEAST_MOVE, MOVES = 0.003, 2
"""Causes that moved the rate by fewer than 0.3 points are not named, nor more than two."""
LOOKED_BACK = 12
"""Findings that are gone or being mended, gone ones first."""
WORKED_ON = TAKEN_ON | {State.GONE}


def known_findings(actor: Actor) -> tuple[Known, ...]:
    """All that stand, and the latest that are gone; not those that were declined. By rank.

    Raises PermissionDenied.
    """
    rows = visible(Finding, actor).exclude(state=State.DECLINED)
    long_gone = rows.filter(state=State.GONE).order_by("-last_seen", "pk").values("pk")[MOST_GONE:LONG_AGO]
    return tuple(_known(row) for row in rows.exclude(pk__in=long_gone))


def _known(row: Finding) -> Known:
    return Known(
        digest=row.digest,
        state=row.state,
        seen=row.seen,
        owner=row.owner,
        due=row.due,
        grave=row.grave,
        expected_gain=row.expected_gain,
        measured=row.measured,
        detected=msgspec.convert(row.detected, Detected, strict=False),
        silent_since=row.silent_since,
    )


def to_mend(known: Iterable[Known]) -> list[Known]:
    """Those that the latest look saw, or could not see in silence, and nobody has declined, in the order in
    which to mend them."""
    found = (one for one in known if (one.seen or one.silent_since) and one.state in TO_MEND)
    return sorted(found, key=lambda one: one.detected.rank)


def split_of(days: Days, known: Iterable[Known]) -> tuple[Piece, ...]:
    """The largest causes that have a name, largest first, then what is left of the week's ruined days."""
    if not days.ruined:
        return ()
    by_digest = {one.digest: one.detected for one in known}
    named = [cause for cause in days.causes if cause.digest in by_digest and cause.days > 0]
    named = sorted(named, key=lambda cause: -cause.days)[:NAMED]
    pieces = [
        Piece(cause.digest, sentence_of(by_digest[cause.digest]), cause.days, cause.days / days.ruined)
        for cause in named
    ]
    rest = max(0.0, days.ruined - sum(cause.days for cause in named))
    return (*pieces, Piece("", "", rest, rest / days.ruined)) if rest else tuple(pieces)


def moves_of(days: Days, known: Iterable[Known]) -> tuple[Move, ...]:
    """What moved the rate most, largest first."""
    sentences = {one.digest: sentence_of(one.detected) for one in known}
    moves = [Move(each.digest, sentences.get(each.digest, ""), -each.days / 100) for each in days.moved_by]
    moves = [move for move in moves if abs(move.change) >= LEAST_MOVE]
    return tuple(sorted(moves, key=lambda move: -abs(move.change))[:MOVES])


def mended_of(known: Iterable[Known]) -> tuple[Mended, ...]:
    """What became of those that somebody took on: gone ones first."""
    worked_on = sorted(
        (one for one in known if one.state in WORKED_ON), key=lambda one: one.state != State.GONE
    )
    return tuple(mended(one) for one in worked_on[:LOOKED_BACK])


def paces_of(days: Days) -> tuple[Pace, ...]:
    """Journeys by what is certain of their change, most improved first."""
    found = [pace for journey in days.journeys if (pace := pace_of(journey)) is not None]
    return tuple(sorted(found, key=lambda pace: (-pace.low, pace.name)))
