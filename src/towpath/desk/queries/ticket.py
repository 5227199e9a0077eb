"""One ticket's whole way: who had it, how long, waiting for whom, and what its clocks counted and why."""

from __future__ import annotations

from collections.abc import Iterator

from towpath.analytics.sla_clocks import NEVER
from towpath.customers.queries.story import note_look
from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.following import keys_today
from towpath.desk.measures.agreed import BY, priorities_of
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History, read_some
from towpath.desk.measures.naming import NAMED_BY, numbers_in
from towpath.desk.models import Desk, Ticket, TicketLink
from towpath.desk.queries.agreements import in_force
from towpath.desk.queries.desks import meant
from towpath.desk.queries.tickets import looked_at, moment, row_of
from towpath.desk.rules.agreements import METRICS, InForce, Metric
from towpath.desk.rules.clock import Clock, Reply, first_response, moments_of, run
from towpath.desk.rules.reading_text import read_reading
from towpath.desk.rules.states import RESOLVED, STATES
from towpath.desk.schemas.tickets import ClockPart, Stay, TicketClock, TicketLinkShown, TicketShown
from towpath.events.envelope import subject_key
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch

MOST_PARTS = 200
MOST_LINKS = 50
SECOND = 1_000_000


def ticket(actor: Actor, name: str, number: str) -> TicketShown:
    """A ticket of a desk. Where it belongs to a customer, the look is audited. Raises Http404."""
    desk = meant(actor, name)
    row = fetch(Ticket, actor, desk=desk, number=number)
    own = list(map(int, row.subjects.split()))
    theirs = _confirmed_customer(desk, row) or own
    personal = bool(row.customer) and actor.may(READ_CUSTOMERS)
    if personal:
        note_look(actor, theirs)
    now = looked_at(desk)
    reading = read_reading(desk.reading, desk.name)
    history = read_some(lake().snapshot(), desk.source, reading, [number], keys_today(own))
    told = len(history.tickets) > 0
    return TicketShown(
        desk=desk.name,
        ticket=row_of(row, now),
        customer=row.customer if personal else "",
        customer_key=str(theirs[0]) if personal else "",
        resolved=None if row.resolved is None else moment(row.resolved),
        closed=None if row.closed is None else moment(row.closed),
        disordered=row.disordered,
        link=row.link,
        stays=tuple(_stays(history, now)) if told else (),
        clocks=tuple(_clocks(history, desk, now)) if told and not row.disordered else (),
        links=tuple(_links(desk, row, history)),
    )


def _confirmed_customer(desk: Desk, row: Ticket) -> list[int]:
    """The key of a customer whom a person named, where its own events name none."""
    said = TicketLink.objects.filter(desk=desk, number=row.number, about="customer", confirmed=True).first()
    return [subject_key(f"customer:{row.customer}")] if said and said.value == row.customer else []


def _stays(history: History, now: int) -> Iterator[Stay]:
    """Movements that change neither state nor team nor person make one stay."""
    rows = len(history.time)
    marks = [_mark(history, place) for place in range(rows)]
    begins = [place for place in range(rows) if not place or marks[place] != marks[place - 1]]
    for begin, following in zip(begins, [*begins[1:], rows], strict=True):
        ends = following < rows
        over = not ends and history.state[begin] >= RESOLVED and history.state[begin] < len(STATES) - 1
        low = int(history.time[begin])
        high = int(history.time[following]) if ends else low if over else max(now, low)
        team, written, agent = marks[begin][1:]
        tier = int(history.tier[begin])
        yield Stay(
            begin=moment(low),
            until=moment(high) if ends or over else None,
            team=team,
            tier=tier if tier >= 0 else None,
            state=STATES[history.state[begin]],
            written_state=written,
            agent=agent,
            seconds=(high - low) / SECOND,
        )


def _mark(history: History, place: int) -> tuple[int, str, str, str]:
    moving = history.moving
    texts = (_text(moving[name], place) for name in ("team", "raw_state", "agent"))
    return (int(history.state[place]), *texts)  # type: ignore[return-value]


def _text(column: Coded, place: int) -> str:
    code = int(column.codes[place])
    return column.names[code].as_py() if code >= 0 else ""


def _clocks(history: History, desk: Desk, now: int) -> Iterator[TicketClock]:
    terms = in_force()
    values = {name: _text(history.of_ticket[name], 0) for name in BY}
    values["team"] = _text(Coded(history.facts.last_team, history.team.names), 0)
    values["priority"] = _text(priorities_of(history, terms), 0)
    values["desk"] = desk.name
    for metric in METRICS:
        yield from _of_metric(history, terms, metric, values, now)


def _of_metric(
    history: History, terms: InForce, metric: Metric, values: dict[str, str], now: int
) -> Iterator[TicketClock]:
    place = terms.place(metric, values)
    if place is None:
        return
    agreed, agreement = terms.agreed(place, values["priority"]), terms.agreements[place]
    states = [STATES[code] for code in history.state]
    moments = moments_of(history.time.tolist(), states, frozenset(agreement.pauses))
    if metric == "first_response":
        reply = int(history.said["first_reply"][0])
        replies = [] if reply == NEVER else [Reply(reply, human=True)]
        moments = first_response(int(history.facts.opened[0]), replies, moments)
    for clock in run(moments, agreed, max(now, history.as_of)):
        yield _shown(clock, agreement.name, metric, agreed.target)


def _shown(clock: Clock, name: str, metric: str, target: int) -> TicketClock:
    parts = clock.intervals[-MOST_PARTS:]
    return TicketClock(
        agreement=name,
        metric=metric,
        state=clock.state,
        target=target / SECOND,
        counted=clock.counted / SECOND,
        paused=clock.paused / SECOND,
        due=None if clock.due is None else moment(clock.due),
        missed_at=None if clock.missed_at is None else moment(clock.missed_at),
        left_out=len(clock.intervals) - len(parts),
        parts=tuple(
            ClockPart(moment(each.begin), moment(each.end), each.counted, each.why, each.because)
            for each in parts
        ),
    )


def _links(desk: Desk, row: Ticket, history: History) -> Iterator[TicketLinkShown]:
    named = [*_named(history)]
    wanted = [number for _kind, number in named]
    known = Ticket.objects.filter(number__in=wanted).values_list("number", "desk__name")
    # A number that several desks use is this one's own.
    desks = dict(sorted(known, key=lambda each: each[1] == desk.name))
    yield from (TicketLinkShown(kind, number, desks.get(number, "")) for kind, number in named)
    if row.repeat_of:
        yield TicketLinkShown("repeats", row.repeat_of, desk.name)
    if row.customer and row.topic:
        same = Ticket.objects.filter(desk=desk, customer=row.customer, topic=row.topic)
        later = same.filter(repeat_of=row.number).order_by("opened").values_list("number", flat=True)
        yield from (TicketLinkShown("repeated_by", number, desk.name) for number in later[:MOST_LINKS])


def _named(history: History) -> Iterator[tuple[str, str]]:
    """Kind and number of the tickets that the source names, each once."""
    if not len(history.tickets):
        return
    for kind, column in NAMED_BY.items():
        numbers = list(numbers_in(_text(history.of_ticket[column], 0)))
        yield from ((kind, number) for number in numbers[:MOST_LINKS])
