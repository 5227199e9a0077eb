"""Who asks for help about what, and what becomes of it between the three tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.site.demo.company.draws import Bool, Draws, Float, Int, Purpose
from towpath.site.demo.company.intents import Intents
from towpath.site.demo.company.landscape import CHANNELS, TEAMS, TOPIC_AT, TOPICS, TROUBLE
from towpath.site.demo.company.people import People
from towpath.site.demo.company.plan import DAY, GAP, HOUR, LOOKALIKE, LOOP, LOUD, OUTAGE, SECOND, Cause, Plan
from towpath.site.demo.company.walking import Walked
from towpath.site.demo.company.weather import Weather

A_WEEK = 0.030
"""Everyday contacts for each customer and week."""
WEEK = 7 * DAY
OPENED, ASSIGNED, SOLVED = range(3)
TICKET_TYPES = ("contact.opened", "ticket.assigned", "ticket.solved")
TIER_TWO_SOLVES = 0.82
BOUNCES = 4
USUAL_WAYS, MANY_WAYS = 3, 60
"""In how many ways tickets of a topic are solved: usually, and where they only look alike."""
ONE_WAY = {"password reset": 1}
"""What has one answer, whoever gives it."""
_EVERYDAY, _LOUD, _ALIKE, _DOUBLE = 9_000_000, 8_000_000, 7_000_000, 6_000_000


Doubled = tuple[Int, Int, Int]


@dataclass(frozen=True)
class Contacts:
    """Arrays by contact. `number`: together with the person, what it is addressed by."""

    person: Int
    at: Int
    channel: Int
    topic: Int
    number: Int

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Lived:
    """How the intents went. `doubled`: intents whose bill was paid twice, when (UTC microseconds), and
    on which channel."""

    intents: Intents
    walked: Walked
    doubled: Doubled


@dataclass(frozen=True)
class TicketSteps:
    """Arrays by event of a ticket. `contact`: row in `Contacts`; `nth`: place in the ticket's story; `way`:
    how it was solved, -1 before."""

    contact: Int
    at: Int
    type: Int
    team: Int
    tier: Int
    nth: Int
    way: Int


def contacts_of(plan: Plan, people: People, lived: Lived, weather: Weather, draws: Draws) -> Contacts:
    """Everyday contacts, those of people who are stuck or paid twice, and what is planted."""
    intents = lived.intents
    parts = [_everyday(plan, people, weather, draws), _stuck(intents, lived.walked, draws)]
    parts.append(_paid_twice(intents, lived.doubled, draws))
    for cause in plan.causes:
        if cause.kind == LOUD:
            parts.append(_loud(cause, people, draws))
        if cause.kind == LOOKALIKE:
            parts.append(_alike(cause, people, draws))
    columns = [np.concatenate(each) for each in zip(*(vars(part).values() for part in parts), strict=True)]
    kept = (columns[1] < plan.until) & (columns[1] >= plan.start)
    for cause in plan.causes:
        if cause.kind == OUTAGE and cause.target == "channels":
            kept &= (columns[1] < cause.begin) | (columns[1] >= cause.until)
    return Contacts(*(column[kept] for column in columns))


def _everyday(plan: Plan, people: People, weather: Weather, draws: Draws) -> Contacts:
    weeks = -(-plan.days // 7)
    person = np.repeat(np.arange(people.customers, dtype=np.int64), weeks)
    week = np.tile(np.arange(weeks, dtype=np.int64), people.customers)
    u = draws.uniform(Purpose.CONTACT, person, week)
    some = u[0] < A_WEEK
    person, week, u = person[some], week[some], u[:, some]
    first = np.minimum(week * 7, plan.days - 1).astype(np.float64)
    day = weather.days_from(first, np.minimum(first + 7, plan.days), u[1])
    topic = np.searchsorted(np.cumsum([topic.share for topic in TOPICS])[:-1], u[2], side="right")
    at = plan.start + day * DAY + _office_time(u[3])
    return Contacts(person, at, _by_phone(u[3] * 7 % 1), topic.astype(np.int64), _EVERYDAY + week)


def _stuck(intents: Intents, walked: Walked, draws: Draws) -> Contacts:
    i, at, visit = walked.help
    person, number = intents.person[i], intents.number[i] * 8 + visit
    u = draws.uniform(Purpose.CONTACT, person, number, 1)
    return Contacts(person, at, _by_phone(u[0]), TROUBLE[intents.journey[i]], number)


def _paid_twice(intents: Intents, doubled: Doubled, draws: Draws) -> Contacts:
    i, at, _channel = doubled
    person, number = intents.person[i], _DOUBLE + intents.nth[i]
    u = draws.uniform(Purpose.CONTACT, person, number, 2)
    asks = u[0] < 0.8
    later = at + (u[1] * 36 * HOUR).astype(np.int64)
    topic = np.full(len(i), TOPIC_AT["double payment"], np.int64)
    return Contacts(person[asks], later[asks], _by_phone(u[2])[asks], topic[asks], number[asks])


def _loud(cause: Cause, people: People, draws: Draws) -> Contacts:
    """The same few, week after week; nothing has happened to them."""
    count = min(round(cause.people * cause.size), people.customers)
    every = draws.uniform(Purpose.LOUD, np.arange(people.customers))[0]
    return _regular(cause, np.argsort(every, kind="stable")[:count].astype(np.int64), _LOUD, draws)


def _alike(cause: Cause, people: People, draws: Draws) -> Contacts:
    """Always somebody else, always something else."""
    weeks = max((cause.end - cause.begin) / WEEK, 0.0)
    count = round(cause.per_week * cause.size * weeks)
    u = draws.uniform(Purpose.LOUD, np.arange(count), 1)
    person = (u[0] * people.customers).astype(np.int64)
    at = cause.begin + (u[1] * (cause.end - cause.begin)).astype(np.int64) // DAY * DAY + _office_time(u[2])
    topic = np.full(count, TOPIC_AT[cause.target], np.int64)
    return Contacts(person, at, _by_phone(u[3]), topic, _ALIKE + np.arange(count, dtype=np.int64))


def _regular(cause: Cause, group: Int, first: int, draws: Draws) -> Contacts:
    rounds = int(max((cause.end - cause.begin) / WEEK, 0.0) * cause.per_week)
    person = np.repeat(group, rounds)
    nth = np.tile(np.arange(rounds, dtype=np.int64), len(group))
    u = draws.uniform(Purpose.CONTACT, person, nth, 3)
    gap = WEEK / cause.per_week if cause.per_week else 0.0
    at = cause.begin + ((nth + u[0]) * gap).astype(np.int64) // DAY * DAY + _office_time(u[1])
    topic = np.full(len(person), TOPIC_AT[cause.target], np.int64)
    return Contacts(person, at, _by_phone(u[2]), topic, first + nth)


def _office_time(u: Float) -> Int:
    """Between seven and nine in the evening, evenly."""
    return (7 * HOUR + u * 14 * HOUR).astype(np.int64)


def _by_phone(u: Float) -> Int:
    """Two of three call, the others write in the chat."""
    return np.where(u < 0.67, CHANNELS.index("phone"), CHANNELS.index("chat")).astype(np.int64)


def tickets_of(plan: Plan, contacts: Contacts, draws: Draws) -> TicketSteps:
    """The stories of the contacts' tickets, as far as they had come at the end of the run."""
    u = draws.uniform(Purpose.TICKET, contacts.person, contacts.number)
    waits = -np.log(draws.uniform(Purpose.TICKET_TIMES, contacts.person, contacts.number))
    rows = np.arange(len(contacts), dtype=np.int64)
    story = _Story(contacts, _ways(plan, contacts, u[3]))
    story.add(rows, contacts.at, OPENED, 0, 1)
    first = u[0] < _first_level(plan, contacts)
    quick = contacts.at + (waits[0] * 25 * 60 * SECOND).astype(np.int64) + 3 * 60 * SECOND
    story.add(rows[first], quick[first], SOLVED, 0, 1)
    up = rows[~first]
    teams = np.array([TEAMS.index(topic.team) for topic in TOPICS])[contacts.topic]
    at = contacts.at + (waits[1] * 2 * HOUR).astype(np.int64) + 5 * 60 * SECOND
    story.add(up, at[up], ASSIGNED, teams[up], 2)
    for cause in plan.causes:
        if cause.kind == LOOP:
            _bounce(cause, story, up, at, u[2])
    second = u[1] < TIER_TWO_SOLVES
    done = at + (waits[2] * 16 * HOUR).astype(np.int64)
    story.add(up[second[up]], done[up[second[up]]], SOLVED, teams[up[second[up]]], 2)
    third = up[~second[up]]
    platform = len(TEAMS) - 1
    story.add(third, done[third], ASSIGNED, platform, 3)
    last = done + (waits[3] * 50 * HOUR).astype(np.int64)
    story.add(third, last[third], SOLVED, platform, 3)
    return story.told(plan.until)


def _first_level(plan: Plan, contacts: Contacts) -> Float:
    share = np.array([topic.first_level for topic in TOPICS])[contacts.topic]
    for cause in plan.causes:
        if cause.kind == GAP:
            met = _meets(cause, contacts)
            share = np.where(met, share * (1.0 - cause.share), share)
    return share


def _ways(plan: Plan, contacts: Contacts, u: Float) -> Int:
    many = np.zeros(len(contacts), np.bool_)
    for cause in plan.causes:
        if cause.kind == LOOKALIKE and cause.size > 0:
            many |= _meets(cause, contacts)
    usual = np.array([ONE_WAY.get(topic.key, USUAL_WAYS) for topic in TOPICS])[contacts.topic]
    return (u * np.where(many, MANY_WAYS, usual)).astype(np.int64)


def _bounce(cause: Cause, story: _Story, up: Int, at: Int, u: Float) -> None:
    """From one team to the other and back, each sure that it is the other's; later work waits for the end."""
    met = up[_meets(cause, story.contacts)[up] & (u[up] < cause.share)]
    for nth in range(BOUNCES):
        at[met] += 5 * HOUR
        story.add(met, at[met], ASSIGNED, TEAMS.index(cause.teams[(nth + 1) % len(cause.teams)]), 2)


def _meets(cause: Cause, contacts: Contacts) -> Bool:
    inside = (contacts.at >= cause.begin) & (contacts.at < cause.end)
    met: Bool = inside & (contacts.topic == TOPIC_AT[cause.target])
    return met


class _Story:
    """Gathers the events of tickets; a ticket's are added in their order."""

    def __init__(self, contacts: Contacts, ways: Int) -> None:
        self.contacts, self._ways = contacts, ways
        self._next = np.zeros(len(contacts), np.int64)
        self._parts: list[tuple[Int, ...]] = []

    def add(self, rows: Int, at: Int, kind: int, team: Int | int, tier: int) -> None:
        way = self._ways[rows] if kind == SOLVED else np.full(len(rows), -1, np.int64)
        spread = (np.broadcast_to(np.asarray(each, np.int64), rows.shape) for each in (kind, team, tier))
        self._parts.append((rows, at.copy(), *spread, self._next[rows], way))
        self._next[rows] += 1

    def told(self, until: int) -> TicketSteps:
        columns = [np.concatenate(each) for each in zip(*self._parts, strict=True)]
        kept = columns[1] < until
        return TicketSteps(*(column[kept] for column in columns))
