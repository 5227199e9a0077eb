"""The history of a desk: every movement of every ticket, out of the lake, in order and in small codes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from towpath.analytics.recognition import promote
from towpath.analytics.ticket_paths import Movements, TicketFacts, facts_of, order_of
from towpath.desk.measures.columns import (
    Coded,
    Int8,
    Int64,
    flags_of,
    joined_of,
    kinds_of,
    states_of,
    teams_of,
    tiers_of,
    times_of,
)
from towpath.desk.rules.reading import Column, Reading
from towpath.desk.rules.reading_text import digest_of
from towpath.events.lake import Snapshot, Unit, units

DAY_US = 86_400_000_000
UNIT_ROWS = 1_000_000
OF_MOVEMENTS = ("agent", "priority", "people", "effort_minutes")
"""Columns of which each movement's value is kept, beside state and team; of the others each ticket's last."""
OF_TICKETS = (
    "customer", "channel", "service", "component", "country", "impact", "urgency", "solved_by", "parent",
    "title", "text", "link", "caused_by", "solved_through", "duplicate_of", "affects",
)  # fmt: skip
SAID_TIMES = ("opened", "resolved", "closed", "first_reply")
NUMBERS = ("time", "seq")


@dataclass(frozen=True, eq=False)
class History:
    """Movements of one desk, sorted by (ticket, time, seq, source, id).

    A ticket's number is its place in `tickets` (Arrow, string, ascending); `starts` int64[t + 1] is where its
    movements begin. A value a movement: `time` int64 (UTC microseconds), `state` int8 (a place in
    `rules.states.STATES`), `tier` int8 (-1 not known, -2 nobody had it), and `moving`: raw_state, team,
    agent, priority, people, effort_minutes. A value a ticket: `of_ticket` (customer, topic, kind, channel,
    service, component, country, impact, urgency, solved_by, parent, title, text, link), `made_sla` int8 (-1
    not said), `said`: the times opened, resolved, closed and first_reply as the source says them (int64,
    NEVER where it does not).
    `as_of`: the source's watermark. `token`: changes when the events or the reading change;
    `said_token` when people say something else of what tickets are about (`measures.linking`).
    """

    source: str
    token: str
    reading: Reading
    as_of: int
    tickets: pa.StringArray
    starts: Int64
    time: Int64
    state: Int8
    tier: Int8
    moving: dict[str, Coded]
    of_ticket: dict[str, Coded]
    made_sla: Int8
    said: dict[str, Int64]
    said_token: str = ""

    @property
    def team(self) -> Coded:
        return self.moving["team"]

    @property
    def topic(self) -> Coded:
        return self.of_ticket["topic"]

    @cached_property
    def facts(self) -> TicketFacts:
        """What its movements tell of each ticket."""
        movements = Movements(self.starts, self.time, self.state, self.team.codes, self.tier)
        return facts_of(movements, self.as_of, self.reading.repeat_days * DAY_US)

    @cached_property
    def ticket_of(self) -> Int64:
        """The ticket of each movement."""
        return np.repeat(np.arange(len(self.tickets)), np.diff(self.starts))

    def number_of(self, ticket: str) -> int | None:
        """The place of a ticket in `tickets`; None where there is none of the name."""
        place = pc.index(self.tickets, ticket).as_py()
        return place if place >= 0 else None


def token_of(snapshot: Snapshot, source: str, reading: Reading) -> str:
    """Stands for the events of a source and how they are read; equal tokens, equal histories."""
    held = sorted(file.path for file in snapshot.files if source in snapshot.store.footer(file.path).sources)
    return xxhash.xxh3_128_hexdigest("\x1f".join([source, digest_of(reading), *held]).encode())


def read_history(snapshot: Snapshot, source: str, reading: Reading) -> History:
    """Read all movements of a source out of the lake."""
    columns = _columns_of(reading)
    count = 1 << max(0, (snapshot.sources().get(source, 0) // UNIT_ROWS).bit_length())
    parts = [_part(unit, source, columns) for unit in units(snapshot, count)]
    table = pa.concat_tables(parts).unify_dictionaries()
    order, starts, tickets, ties = _ordered(table)
    if ties:
        table = _by_identity(snapshot, source, columns)
        order, starts, tickets, _ties = _ordered(table)
    marks = snapshot.watermarks()
    as_of = int(marks[source].timestamp() * 1_000_000) if source in marks else 0
    return _built(
        table, order, starts, tickets, (source, token_of(snapshot, source, reading), reading, as_of)
    )


def read_some(
    snapshot: Snapshot, source: str, reading: Reading, tickets: Collection[str], keys: Sequence[int]
) -> History:
    """Read the movements of some tickets, whose events lie under `keys` (of today): as long as those are few,
    it takes as long whatever else the lake holds."""
    columns = _columns_of(reading)
    names, promoted = _names_of(columns)
    found = snapshot.read(
        [*NUMBERS, *names, "id", *(["data"] if promoted else [])], keys=keys, sources=[source]
    )
    table = _named(found, columns, ["id"])
    table = table.filter(pc.is_in(table["number"].cast(pa.string()), pa.array(sorted(tickets), pa.string())))
    table = table.take(pc.sort_indices(table, [(name, "ascending") for name in (*NUMBERS, "id")]))
    order, starts, numbers, _ties = _ordered(table)
    marks = snapshot.watermarks()
    as_of = int(marks[source].timestamp() * 1_000_000) if source in marks else 0
    return _built(table, order, starts, numbers, (source, "", reading, as_of))


def _columns_of(reading: Reading) -> list[str]:
    """Columns of the envelope, and attributes of `data`, that the reading needs."""
    fields = ("state", "team", "made_sla", *OF_MOVEMENTS, *OF_TICKETS, *SAID_TIMES)
    named = [getattr(reading, field) for field in fields] + list(reading.topics)
    if isinstance(reading.kind, Column):
        named.append(reading.kind.column)
    if reading.tiers is not None:
        named.append(reading.tiers.column)
    return list(dict.fromkeys(filter(None, named)))


def _part(unit: Unit, source: str, columns: Sequence[str], more: Sequence[str] = ()) -> pa.Table:
    """One unit's rows with the columns as dictionaries; rows that name no ticket are left out."""
    texts, promoted = _names_of(columns)
    wanted = [*NUMBERS, *texts, *more, *(["data"] if promoted else [])]
    return _named(unit.read(wanted, sources=[source], encoded=texts), columns, more)


def _names_of(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Texts of the envelope to read, and attributes of `data` to promote."""
    plain = [name for name in columns if not name.startswith("data.")]
    return list(dict.fromkeys(["ticket", "case", *plain])), [name for name in columns if name not in plain]


def _named(table: pa.Table, columns: Sequence[str], more: Sequence[str] = ()) -> pa.Table:
    """The rows that name a ticket, with the columns as dictionaries."""
    _texts, promoted = _names_of(columns)
    named = pc.coalesce(table["ticket"].cast(pa.string()), table["case"].cast(pa.string()))
    table = promote(table, promoted) if promoted else table
    kept: dict[str, pa.ChunkedArray] = {name: table[name] for name in (*NUMBERS, *more)}
    kept["number"] = pc.dictionary_encode(named)
    for name in columns:
        found = table[name]
        kept[name] = found if pa.types.is_dictionary(found.type) else pc.dictionary_encode(found)
    return pa.table(kept).filter(pc.is_valid(named))


def _ordered(table: pa.Table) -> tuple[Int64, Int64, pa.StringArray, int]:
    """Order of the rows, where each ticket begins in it, the tickets' names ascending, and ties."""
    raw = Coded.of(table["number"])
    rank = np.asarray(pc.sort_indices(raw.names))
    place = np.empty(len(rank), np.int32)
    place[rank] = np.arange(len(rank), dtype=np.int32)
    numbers = [np.asarray(table[name].cast(pa.int64())) for name in NUMBERS]
    order, starts, ties = order_of(place[raw.codes], numbers[0], numbers[1], len(rank))
    used = np.flatnonzero(np.diff(starts))
    tickets = raw.names.take(pa.array(rank[used]))
    return order, np.append(starts[used], len(order)), tickets, ties


def _by_identity(snapshot: Snapshot, source: str, columns: Sequence[str]) -> pa.Table:
    """Where time and place leave an order open the identity decides: rows by (time, seq, id)."""
    (everything,) = units(snapshot, 1)
    table = _part(everything, source, columns, ["id"])
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in (*NUMBERS, "id")]))


def _built(
    table: pa.Table,
    order: Int64,
    starts: Int64,
    tickets: pa.StringArray,
    about: tuple[str, str, Reading, int],
) -> History:
    source, token, reading, as_of = about
    rows = len(order)

    def coded(column: str) -> Coded:
        return Coded.of(table[column]).ordered(order) if column else Coded.nothing(rows)

    raw, team = coded(reading.state), teams_of(coded(reading.team), reading)
    written = coded(reading.tiers.column) if reading.tiers and reading.tiers.column else None
    moving = {
        "raw_state": raw,
        "team": team,
        **{name: coded(getattr(reading, name)) for name in OF_MOVEMENTS},
    }
    of_ticket = {name: coded(getattr(reading, name)).last_of(starts) for name in OF_TICKETS}
    topics = [coded(column).last_of(starts) for column in reading.topics]
    of_ticket["topic"] = joined_of(topics) if topics else Coded.nothing(len(tickets))
    of_ticket["kind"] = _kinds(reading, coded, starts)
    said = {name: times_of(coded(getattr(reading, name)).last_of(starts), reading) for name in SAID_TIMES}
    return History(
        source=source,
        token=token,
        reading=reading,
        as_of=as_of,
        tickets=tickets,
        starts=starts,
        time=np.asarray(table["time"].cast(pa.int64()))[order],
        state=states_of(raw, reading),
        tier=tiers_of(team, written, reading),
        moving=moving,
        of_ticket=of_ticket,
        made_sla=flags_of(coded(reading.made_sla).last_of(starts)),
        said=said,
    )


def _kinds(reading: Reading, coded: Callable[[str], Coded], starts: Int64) -> Coded:
    if isinstance(reading.kind, Column):
        return kinds_of(coded(reading.kind.column).last_of(starts), reading.kind)
    every = np.zeros(len(starts) - 1, np.int32)
    return Coded(every, pa.array([reading.kind], pa.string()))
