"""A history as rows of tickets, as `models.Ticket` keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import xxhash

from towpath.analytics.sla_clocks import CANCELLED, NEVER, OVER, PAUSED, RUNNING
from towpath.analytics.ticket_paths import repeats_of
from towpath.desk.measures.agreed import NONE, Agreed, agreed_of, priorities_of
from towpath.desk.measures.columns import Coded, Int64
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.rules.agreements import InForce
from towpath.desk.rules.states import STATES, WAITING
from towpath.desk.rules.words import words_of

COLUMNS = (
    "number", "kind", "title", "customer", "subjects", "opened", "moved", "resolved", "closed", "state",
    "raw_state", "is_open", "priority", "team", "tier", "topic", "service", "agent", "hand_overs", "reopened",
    "ping_pong", "disordered", "repeat_of", "made_sla", "solving", "due", "answering", "answer_due", "link",
    "words", "digest",
)  # fmt: skip
"""Of a row, in order."""
LONGEST = {
    "title": 500, "customer": 500, "raw_state": 200, "priority": 100, "team": 200, "topic": 300,
    "service": 200, "agent": 200, "link": 500,
}  # fmt: skip
CLOCKS = {NONE: "", RUNNING: "running", PAUSED: "paused", OVER: "met", CANCELLED: "cancelled"}
Value = str | int | bool | None
Row = tuple[Value, ...]


def rows_of(
    columns: Mapping[str, Sequence[Value]],
    subjects: Mapping[str, Collection[int]],
    repeats: Mapping[str, str],
) -> Iterator[Row]:
    """One row a ticket, by number, of what `columns_of` found. `subjects`: the keys of whom its events belong
    to. `repeats`: number of the ticket that each repeats, where it does."""
    numbers = [str(number) for number in columns["number"]]
    more = {
        **columns,
        "subjects": [" ".join(map(str, sorted(subjects[number]))) for number in numbers],
        "repeat_of": [repeats.get(number, "") for number in numbers],
        "words": [
            words_of(number, str(title)) for number, title in zip(numbers, columns["title"], strict=True)
        ],
    }
    for row in zip(*(more[name] for name in COLUMNS[:-1]), strict=True):
        yield (*row, digest_of(row))


def digest_of(row: Row) -> int:
    """A signed 64-bit number that stands for the row's values."""
    return xxhash.xxh3_64_intdigest(repr(row).encode()) - (1 << 63)


def columns_of(history: History, terms: InForce, desk: str) -> dict[str, list[Value]]:
    """Values a ticket, by number, of the columns that its movements alone decide."""
    facts, said = history.facts, history.said
    last = history.starts[1:] - 1
    priority = priorities_of(history, terms)
    opened = np.where(said["opened"] != NEVER, said["opened"], facts.opened)
    resolved = _ended(facts.resolved, said["resolved"])
    closed = _ended(facts.closed, said["closed"])
    ends = (resolved, closed)
    disordered = np.any([(each != NEVER) & (each < opened) for each in ends], axis=0)
    state = history.state[last]
    plain = ("title", "customer", "topic", "service", "kind", "link")
    texts = {
        **{name: history.of_ticket[name] for name in plain},
        "priority": priority,
        "team": Coded(facts.last_team, history.team.names),
        "agent": history.moving["agent"].last_of(history.starts),
        "raw_state": Coded(history.moving["raw_state"].codes[last], history.moving["raw_state"].names),
    }
    found: dict[str, list[Value]] = {name: _texts(name, column) for name, column in texts.items()}
    found |= {
        "number": history.tickets.to_pylist(),
        "opened": opened.tolist(),
        "moved": history.time[last].tolist(),
        "resolved": _times(resolved),
        "closed": _times(closed),
        "state": [STATES[code] for code in state.tolist()],
        "is_open": (state <= WAITING).tolist(),
        "tier": [tier if tier >= 0 else None for tier in facts.last_tier.tolist()],
        "hand_overs": facts.hand_overs.tolist(),
        "reopened": facts.reopened.tolist(),
        "ping_pong": facts.ping_pong.tolist(),
        "disordered": disordered.tolist(),
        "made_sla": [None if flag < 0 else flag == 1 for flag in history.made_sla.tolist()],
    }
    solving = agreed_of(history, terms, desk, "resolution", priority)
    answering = agreed_of(history, terms, desk, "first_response", priority)
    found |= _clock(solving, disordered, "solving", "due")
    found |= _clock(answering, disordered, "answering", "answer_due")
    return found


def _ended(moved: Int64, said: Int64) -> Int64:
    """When it ended: by the source's word where its movements say too that it did."""
    return np.where((moved != NEVER) & (said != NEVER), said, moved)


def _clock(agreed: Agreed, disordered: Int64, name: str, due: str) -> dict[str, list[Value]]:
    state = np.where(disordered, NONE, agreed.state)
    words = [CLOCKS[code] for code in state.tolist()]
    missed = (agreed.missed & (state == OVER)).tolist()
    until = np.where(agreed.missed_at != NEVER, agreed.missed_at, agreed.due)
    until = np.where((state == NONE) | (state == CANCELLED), NEVER, until)
    return {
        name: ["missed" if late else word for word, late in zip(words, missed, strict=True)],
        due: _times(until),
    }


def _texts(name: str, column: Coded) -> list[Value]:
    longest = LONGEST.get(name)
    names = [text.replace("\x00", "")[:longest] for text in column.texts()]
    if name == "link":
        names = [text if text.startswith(("https://", "http://")) else "" for text in names]
    names.append("")
    return [names[code] for code in column.codes.tolist()]


def _times(times: Int64) -> list[Value]:
    return [None if time == NEVER else time for time in times.tolist()]


def repeats_in(columns: Mapping[str, Sequence[Value]], history: History) -> dict[str, str]:
    """Number -> number of the ticket that it repeats, where the history is whole and tells it itself."""
    pairs = zip(columns["customer"], columns["topic"], strict=True)
    keys = [(str(customer), str(topic)) for customer, topic in pairs]
    numbers = list(map(str, columns["number"]))
    within = history.reading.repeat_days * DAY_US
    return repeats_by(numbers, keys, columns["opened"], columns["resolved"], within)


def repeats_by(
    numbers: Sequence[str],
    keys: Sequence[tuple[str, str]],
    opened: Sequence[Value],
    resolved: Sequence[Value],
    within: int,
) -> dict[str, str]:
    """Which ticket each repeats: of the same customer and topic (`keys`, empty: not known) the last that was
    resolved before it was opened, within so many microseconds."""
    customers, topics = ({"": -1}, {"": -1})
    codes = np.array(
        [
            (
                customers.setdefault(customer, len(customers) - 1),
                topics.setdefault(topic, len(topics) - 1),
            )
            for customer, topic in keys
        ],
        np.int32,
    ).reshape(-1, 2)
    ended = np.array([NEVER if time is None else time for time in resolved], np.int64)
    found = repeats_of(codes[:, 0], codes[:, 1], np.array(opened, np.int64), ended, within).of.tolist()
    return {number: numbers[of] for number, of in zip(numbers, found, strict=True) if of >= 0}
