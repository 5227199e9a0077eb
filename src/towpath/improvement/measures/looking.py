"""One look: from the lake to findings and the figures of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from towpath.analytics.days import DaysPartial
from towpath.analytics.normal import Z90
from towpath.events.lake import Snapshot
from towpath.improvement.measures.causes import Cause, Watched, causes_of, usual_share
from towpath.improvement.measures.consequences import carried_through, with_consequences
from towpath.improvement.measures.days import partial_of, ruined_by
from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.detectors.contacts import asked_of, trouble_of
from towpath.improvement.measures.detectors.graves import graves_of
from towpath.improvement.measures.detectors.shares import Span
from towpath.improvement.measures.detectors.waits import broken
from towpath.improvement.measures.detectors.watched import watched_of
from towpath.improvement.measures.frame import Frame, frame_of
from towpath.improvement.measures.lateness import felt
from towpath.improvement.measures.local_time import date_of, day_number
from towpath.improvement.measures.merging import Known, merged, with_known_keys
from towpath.improvement.measures.missing import WEEKS, Hole, Missing, holes_of, missing_of
from towpath.improvement.measures.moments import moments_of
from towpath.improvement.measures.onsets import onsets_of, release_of, with_release
from towpath.improvement.measures.silence import Silence, silence_of
from towpath.improvement.measures.standing import no_days, standing_days
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.measures.weighing import Other, told, weigh
from towpath.improvement.rules.causes import SILENCE, Family
from towpath.improvement.rules.harm import Harm
from towpath.improvement.rules.pricing import Prices
from towpath.improvement.schemas.days import Days
from towpath.improvement.schemas.findings import Detected, Estimate, Onset, Signal, Together
from towpath.journeys.measures.plan import Plan

MOST_SIGNALS = 6
BLAMED = 0.8


@dataclass(frozen=True)
class Look:
    """What a look gives; findings by rank. `frame`: what it looked at; None where there was nothing."""

    days: Days
    findings: tuple[Detected, ...]
    frame: Frame | None = None


def look(
    snapshot: Snapshot,
    plans: Sequence[Plan],
    now: datetime,
    *,
    zone: ZoneInfo,
    harm: Harm,
    prices: Prices,
    known: Sequence[Known] = (),
) -> Look:
    """What the lake says about these customers, as of its watermark. `known`: seen before, under that key."""
    frame = frame_of(snapshot, plans, now, zone, harm)
    if frame is None:
        return Look(no_days(zone.key), ())
    span, watched, silence = Span.of(frame), watched_of(frame, harm), silence_of(frame, plans, now)
    holes = _apart_from(silence, holes_of(frame), frame)
    asked = asked_of(frame, span, harm.least_customers) if frame.journeys else []
    beside = [*(hole.p for hole in holes), *(each.p for each in asked)]
    causes, limits = causes_of(watched, span, harm.least_customers, beside)
    certain = [hole for hole in holes if hole.certain or hole.p <= limits.week]
    troubles = [
        *_troubles(frame, causes, span),
        *(_of_hole(frame, hole) for hole in certain),
        *_of_silence(frame, silence),
        *(trouble_of(frame, each) for each in asked if each.p <= limits.week),
        *graves_of(frame),
    ]
    troubles = with_known_keys(merged(troubles), known)
    promises = [broken(each.days) for each in watched if each.days.family is Family.WAIT]
    facts = ruined_by(frame, troubles, promises, harm.contact_within_hours)
    troubles = with_consequences(frame, troubles, facts, prices)
    partial = partial_of(frame, facts.ruined)
    weighed = weigh(frame, troubles, partial, facts.ruined, _others(watched, causes, span))
    findings = [
        told(frame, each, figures, prices, shown)
        for each, figures, shown in zip(troubles, weighed, moments_of(frame, troubles, partial), strict=True)
    ]
    findings.sort(key=lambda found: (not found.grave, -found.score, found.journey, found.step))
    arrived = missing_of(frame, certain, silence.hole)
    return Look(_week(frame, partial, troubles, arrived, silence), tuple(findings), frame)


def _week(
    frame: Frame, partial: DaysPartial, troubles: Sequence[Trouble], arrived: Missing, silence: Silence
) -> Days:
    days = standing_days(frame, partial, [each.key.digest for each in troubles], arrived)
    return msgspec.structs.replace(days, silent=silence.sources, nobody_until=silence.until)


def _troubles(frame: Frame, causes: Sequence[Cause], span: Span) -> list[Trouble]:
    dated = felt(causes, onsets_of(causes, span), span)
    return [_trouble(frame, cause, onset, span) for cause, onset in dated]


def _trouble(frame: Frame, cause: Cause, onset: Onset | None, span: Span) -> Trouble:
    days = cause.days
    excess, error = _excess(frame, cause, span, onset)
    bad = np.flatnonzero(cause.bad)
    inside = bad[(days.day[bad] >= frame.week[0]) & (days.day[bad] <= frame.week[1])]
    blamed = _most_named(cause, inside, "component")
    release = release_of(cause, cause.description.get("component") or blamed, onset, frame)
    onset = with_release(onset, release, bound=bool(cause.description.get("version")))
    return Trouble(
        journey=days.journey,
        step=days.step,
        family=days.family,
        description=cause.description,
        bad=Bad(days.customer[bad], days.day[bad], days.journey.time[days.attempt[bad]]),
        excess=excess,
        error=error,
        signals=_signals(cause),
        kinds=(days.family.value,),
        onset=onset,
        release=release,
        together=(Together("release", release.name, release.at),) if release else (),
        service=_most_named(cause, inside, "service"),
        blamed=blamed,
        certain=cause.certain,
    )


def _most_named(cause: Cause, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]], name: str) -> str:
    """The value that most of these customer-days name; "" where none does."""
    column = cause.days.dimensions.get(name)
    if column is None:
        return ""
    codes = column.codes[rows]
    known = codes[codes >= 0]
    if len(known) < 0.5 * len(codes) or not len(known):
        return ""
    counts = np.bincount(known)
    most = int(counts.argmax())
    return column.words[most] if counts[most] >= BLAMED * len(known) else ""


def _excess(frame: Frame, cause: Cause, span: Span, onset: Onset | None) -> tuple[float, float]:
    """Bad customer-days of the week beyond the usual ones, with standard error."""
    days = cause.days
    week = (days.day >= frame.week[0]) & (days.day <= frame.week[1])
    bad, size = float((week & cause.bad).sum()), float((week & cause.rows).sum())
    share, known = usual_share(cause, span, None if onset is None else day_number(onset.low))
    usual = size * share
    error = np.sqrt(
        max(bad, 1.0) + (size**2 * share * (1 - share) / known if np.isfinite(known) and known else 0)
    )
    if days.family is Family.LOSS:
        through = carried_through(frame, cause)
        return (bad - usual) * through, float(error) * through
    return bad - usual, float(error)


def _signals(cause: Cause) -> tuple[Signal, ...]:
    found = []
    for candidate, q in cause.signals[:MOST_SIGNALS]:
        beyond, half = candidate.bad - candidate.usual, Z90 * float(np.sqrt(max(candidate.bad, 1.0)))
        excess = Estimate(beyond, beyond - half, beyond + half)
        found.append(Signal(candidate.detector, excess, q, _words(candidate.description)))
    return tuple(found)


def _words(description: Description) -> str:
    parts = [f"{name}={word}" for name, word in description.values]
    if description.hours:
        parts.append(f"hours={description.hours[0]:02d}-{description.hours[1]:02d}")
    return " ".join(parts)


def _of_hole(frame: Frame, hole: Hole) -> Trouble:
    """A hole of an earlier week counts for what it comes to a week."""
    part = 1.0 if hole.day >= frame.week[0] else 1 / WEEKS
    day = date_of(hole.day)
    value, error = hole.missing * part, hole.error * part
    excess = Estimate(value, value - Z90 * error, value + Z90 * error)
    return Trouble(
        journey=hole.journey,
        step=hole.step,
        family=Family.MISSING,
        description=Description((), hole.hours),
        bad=Bad.none(),
        excess=value,
        error=error,
        signals=(Signal("fewer_than_expected", excess, hole.p, str(day)),),
        kinds=(Family.MISSING.value,),
        onset=Onset(day, day, day),
        certain=hole.certain,
    )


def _apart_from(silence: Silence, holes: Sequence[Hole], frame: Frame) -> list[Hole]:
    """The holes but those that the silence is, to count nobody twice."""
    if silence.hole is None:
        return [*holes]
    hour = frame.as_of.astimezone(frame.zone).hour
    return [hole for hole in holes if hole.day < frame.last_day or hole.hours[1] <= hour + 1]


def _of_silence(frame: Frame, silence: Silence) -> list[Trouble]:
    """However long it lasts, it is one trouble."""
    if silence.hole is None:
        return []
    trouble = _of_hole(frame, silence.hole)
    return [replace(trouble, description=Description(), kept_culprit=SILENCE)]


def _others(watched: Sequence[Watched], causes: Sequence[Cause], span: Span) -> list[Other]:
    """What is no trouble, to shrink among."""
    at = {id(cause.harm or cause.days) for cause in causes}
    found = []
    for each in watched:
        if id(each.days) in at or each.harm is not None:
            continue
        place = each.days.day - span.first_day
        now = (place >= span.start) & (place < span.stop)
        past = (place >= span.before.start) & (place < span.before.stop)
        bad, size = float(each.days.bad[now].sum()), float(now.sum())
        share = float(each.days.bad[past].mean()) if past.any() else 0.0
        found.append(Other(each.days.family, bad - size * share, float(np.sqrt(max(bad, 1.0)))))
    return found
