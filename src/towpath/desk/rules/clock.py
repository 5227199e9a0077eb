"""The SLA clock: how much time of an agreement has counted, until when it is due, and why.

A clock follows moments in their order. It counts only while it runs, and only inside the calendar. A pause is
measured in working time too. Another agreement, or another calendar, is counted over the same moments, so
that pauses are kept and what is open is counted anew. How long a clock is paused nobody knows, so a paused
clock has no due time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from towpath.desk.rules.calendars import Calendar

Act = Literal["start", "pause", "resume", "stop", "cancel", "reset"]
Reopening = Literal["continue", "restart", "new"]
"""What starts when a stopped ticket is opened again: the same clock where it stood, the same clock from zero,
or a clock of its own beside the first, whose verdict stays."""
State = Literal["running", "paused", "stopped", "cancelled"]
Why = Literal["running", "closed", "holiday", "paused", "stopped", "reset"]


@dataclass(frozen=True)
class Moment:
    """What happens to a clock at an instant (UTC microseconds). `because`: the state or answer.

    What makes no sense in a clock's state (a pause of a stopped one) changes nothing.
    """

    at: int
    act: Act
    because: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer to the customer; `human` says that a person wrote it, not a machine."""

    at: int
    human: bool


@dataclass(frozen=True)
class Agreed:
    """Within `target` microseconds of working time. `pauses` is what the moments say, not this."""

    target: int
    calendar: Calendar
    reopened: Reopening = "continue"


@dataclass(frozen=True)
class Interval:
    """A part of a clock's life: whether it counted, and why or why not. `reset`: it had counted, until the
    clock was set to zero. `because`: the state that paused or stopped it."""

    begin: int
    end: int
    why: Why
    because: str = ""

    @property
    def counted(self) -> bool:
        return self.why == "running"


@dataclass(frozen=True)
class Clock:
    """One clock as of an instant, all times in UTC microseconds.

    `counted`, `paused`: working time. `due`: while it runs, when the target will be reached, also where that
    has gone by; once it stopped, when it was to be reached; None while it is paused, or was cancelled.
    `missed_at`: when the target was passed, None where it was not.
    """

    started: int
    state: State
    counted: int
    paused: int
    due: int | None
    missed_at: int | None
    ended: int | None
    intervals: tuple[Interval, ...] = field(repr=False)

    @property
    def missed(self) -> bool:
        return self.missed_at is not None


def run(moments: Sequence[Moment], agreed: Agreed, as_of: int) -> tuple[Clock, ...]:
    """The clocks that the moments (ascending) make up to `as_of`, the oldest first; none where nothing
    starts. Only the policy `new` makes more than one."""
    found: list[Clock] = []
    clock: _Running | None = None
    for moment in moments:
        if moment.at > as_of:
            break
        if moment.act == "start" and (clock is None or (clock.over and agreed.reopened == "new")):
            found += [clock.as_of(moment.at)] if clock is not None else []
            clock = _Running(agreed, moment.at)
        elif clock is not None:
            clock.follow(moment)
    return (*found, clock.as_of(as_of)) if clock is not None else ()


def first_response(opened: int, replies: Iterable[Reply], ended: Sequence[Moment] = ()) -> tuple[Moment, ...]:
    """Moments of the clock until somebody answers: a human's reply stops it, an update or an automatic answer
    does not. `ended`: the ticket's own moments; where it ends without an answer, there is nothing left to
    answer and the clock is cancelled."""
    answers = [reply.at for reply in replies if reply.human and reply.at >= opened]
    last = [moment for moment in ended if moment.act in ("stop", "cancel") and moment.at >= opened]
    stop = [Moment(min(answers), "stop", "reply")] if answers else []
    cancel = [Moment(last[-1].at, "cancel", last[-1].because)] if last and not answers else []
    return (Moment(opened, "start"), *stop, *cancel)


def moments_of(times: Sequence[int], states: Sequence[str], pauses: frozenset[str]) -> tuple[Moment, ...]:
    """What a ticket's movements (ascending) mean to a clock until it is resolved. `states`: classes of states
    (`rules.states.STATES`); an unknown one changes nothing. `pauses`: the classes in which it is paused."""
    found: list[Moment] = []
    over = False
    for at, state in zip(times, states, strict=True):
        ends = _ENDS.get(state)
        if not found or (over and ends is None and state != "unknown"):
            found.append(Moment(at, "start", state))
        if state != "unknown":
            found.append(Moment(at, ends or ("pause" if state in pauses else "resume"), state))
            over = ends is not None
    return tuple(found)


_ENDS: dict[str, Act] = {"resolved": "stop", "closed": "stop", "cancelled": "cancel"}


class _Running:
    """A clock on its way through the moments."""

    def __init__(self, agreed: Agreed, at: int) -> None:
        self.agreed, self.started = agreed, at
        self.state: State = "running"
        self.because = ""
        self.since = at
        self.counted = self.paused = 0
        self.missed_at: int | None = None
        self.due: int | None = None
        self.ended: int | None = None
        self.intervals: list[Interval] = []

    @property
    def over(self) -> bool:
        return self.state in ("stopped", "cancelled")

    def follow(self, moment: Moment) -> None:
        if moment.act == "reset":
            self._reset(moment.at)
            return
        after = _AFTER.get((self.state, moment.act))
        if after is None:
            return
        self._pass(moment.at)
        if self.over and after == "running" and self.agreed.reopened == "restart":
            self._zero()
        self.state, self.because = after, moment.because
        self.ended = moment.at if after in ("stopped", "cancelled") else None

    def as_of(self, at: int) -> Clock:
        """The clock as it stands then; nothing of it changes later."""
        ended = self.ended is not None
        if not ended:
            self._pass(at)
        return Clock(
            started=self.started,
            state=self.state,
            counted=self.counted,
            paused=self.paused,
            due=self._due(),
            missed_at=None if self.state == "cancelled" else self.missed_at,
            ended=self.ended,
            intervals=tuple(self.intervals),
        )

    def _due(self) -> int | None:
        if self.state in ("paused", "cancelled"):
            return None
        left = self.agreed.target - self.counted
        if self.missed_at is not None:
            return self.missed_at
        at = self.since if self.ended is None else self.ended
        return self.agreed.calendar.due(at, left)

    def _pass(self, until: int) -> None:
        """Let time go by in the present state."""
        calendar, begin = self.agreed.calendar, self.since
        if self.state == "running":
            self._count(begin, until)
        elif self.state == "paused":
            self.paused += calendar.counted(begin, until)
        if self.state != "running" and until > begin:
            why: Why = "paused" if self.state == "paused" else "stopped"
            self.intervals.append(Interval(begin, until, why, self.because))
        self.since = until

    def _count(self, begin: int, until: int) -> None:
        calendar, target = self.agreed.calendar, self.agreed.target
        counted = calendar.counted(begin, until)
        if self.missed_at is None and self.counted + counted > target:
            self.missed_at = calendar.due(begin, target - self.counted)
        self.counted += counted
        self.intervals += _explained(calendar, begin, until)

    def _reset(self, at: int) -> None:
        if self.over:
            return
        self._pass(at)
        self._zero()

    def _zero(self) -> None:
        self.counted, self.missed_at = 0, None
        self.intervals = [
            Interval(each.begin, each.end, "reset", each.because) if each.counted else each
            for each in self.intervals
        ]


_AFTER: dict[tuple[State, Act], State] = {
    ("running", "pause"): "paused",
    ("running", "stop"): "stopped",
    ("running", "cancel"): "cancelled",
    ("paused", "pause"): "paused",
    ("paused", "resume"): "running",
    ("paused", "stop"): "stopped",
    ("paused", "cancel"): "cancelled",
    ("stopped", "start"): "running",
    ("stopped", "cancel"): "cancelled",
    ("cancelled", "start"): "running",
}


def _explained(calendar: Calendar, begin: int, end: int) -> Iterator[Interval]:
    """Counted and not, in order."""
    counted = [Interval(low, high, "running") for low, high in calendar.spans(begin, end)]
    rests = [Interval(low, high, why) for low, high, why in calendar.rests(begin, end)]
    return iter(sorted(counted + rests, key=lambda each: each.begin))
