"""Flow and candidates of a large desk, and what home makes of it; beside the flow in DuckDB's SQL.

    python bench/desk.py [--tickets 1000000] [--rounds 3]

Ten movements a ticket. The tickets lie in a lake of their own, as an import leaves them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from installation import fresh_home, machine
from report import tell

READING = """
states: {new: [opened], queued: [assigned], working: [taken], waiting_customer: [asked], resolved: [solved]}
tiers: {column: tier}
topic: data.topic
solved_by: outcome
"""
SOURCE, BEGIN_US, DAY_US, HOUR_US = "bench", 1_704_067_200_000_000, 86_400_000_000, 3_600_000_000
MOVES, DAYS, TEAMS, TOPICS, WAYS = 10, 364, 60, 80, 12
STATES = ("opened", "assigned", "taken", "asked", "solved")
AT_ONCE = 100_000
"""Tickets made at once."""
FLOW = """
with moves as (
  select ticket, team, tier, type, time,
    lag(team) over w as team_before, lag(tier) over w as tier_before, lead(time) over w as next_time
  from read_parquet($file) window w as (partition by ticket order by time, seq)
),
each as (
  select ticket, arg_min(tier, time) as first_tier, max(tier) as highest,
    count(*) filter (where team <> team_before) as hand_overs,
    arg_max(tier, time) filter (where type = 'solved') as resolved_tier
  from moves group by ticket
),
spent as (
  select tier, sum(epoch_us(next_time) - epoch_us(time)) as elapsed,
    sum(epoch_us(next_time) - epoch_us(time)) filter (where type = 'taken') as handling,
    count(*) filter (where tier_before is distinct from tier) as stays
  from moves where type <> 'solved' group by tier
)
select (select count(*) from each where highest > first_tier) as escalated,
  (select sum(hand_overs) from each) as hand_overs,
  (select list(row(tier, elapsed, handling, stays) order by tier) from spent) as tiers
"""
"""A part of what the flow holds: ping-pong, costs, repeats and reopenings are left out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with fresh_home() as home:
        import django

        django.setup()
        figures = filled(given.tickets) | measured(given.rounds) | peer(home / "peer.parquet", given.tickets)
        tell("desk", machine(), figures)


def filled(tickets: int) -> dict[str, object]:
    from towpath.desk.actions.desks import make_desk
    from towpath.events.lake import Staging
    from towpath.events.store import lake
    from towpath.foundation.access.actor import OPERATOR
    from towpath.foundation.operations.home import home

    begun = time.perf_counter()
    staging = Staging(home().staging, SOURCE)
    for table in tables(tickets):
        for batch in table.to_batches():
            staging.append(batch)
    lake().absorb(staging)
    make_desk(OPERATOR, SOURCE, READING, "desk.yaml")
    took = time.perf_counter() - begun
    return {
        "tickets": tickets,
        "movements": tickets * MOVES,
        "movements a second, put in": tickets * MOVES / took,
    }


def measured(rounds: int) -> dict[str, object]:
    """Seconds of each: the first time in a process, then again with the history at hand."""
    from towpath.desk.measures.keeping import history_of
    from towpath.desk.queries.flow import flow
    from towpath.desk.queries.insights import insights
    from towpath.desk.queries.shift import candidates
    from towpath.desk.rules.reading_text import read_reading
    from towpath.foundation.access.actor import OPERATOR
    from towpath.improvement.queries.desks import troubles_at_desks

    reading = read_reading(READING, SOURCE)
    asked: dict[str, Callable[[], object]] = {
        "history": lambda: history_of(SOURCE, reading),
        "flow": lambda: flow(OPERATOR, SOURCE),
        "candidates": lambda: candidates(OPERATOR, SOURCE),
        "insights": lambda: insights(OPERATOR, SOURCE),
        "findings of the desk": troubles_at_desks,
    }
    found: dict[str, object] = {}
    for name, ask in asked.items():
        found[f"{name}, first, s"] = _took(ask)
        found[f"{name}, again, s"] = min(_took(ask) for _round in range(rounds))
    return found | started_anew(asked)


def started_anew(asked: dict[str, Callable[[], object]]) -> dict[str, object]:
    """Flow and candidates in a process that holds nothing, the history kept beside the lake."""
    from towpath.desk.measures import keeping, topics

    keeping._held.clear()
    topics._held.clear()
    return {
        f"{name}, kept, in a new process, s": _took(asked[name]) for name in ("history", "flow", "candidates")
    }


def peer(file: Path, tickets: int) -> dict[str, object]:
    """The same movements in one Parquet file, and a part of the flow in SQL."""
    import duckdb
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, next(tables(min(tickets, AT_ONCE))).schema) as target:
        for table in tables(tickets):
            target.write_table(table)
    with duckdb.connect() as database:
        return {
            "a part of the flow in DuckDB, s": _took(
                lambda: database.execute(FLOW, {"file": str(file)}).fetchall()
            )
        }


def _took(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def tables(tickets: int) -> Iterator[pa.Table]:
    """Movements in the envelope, ticket after ticket."""
    for first in range(0, tickets, AT_ONCE):
        yield _table(first, min(AT_ONCE, tickets - first))


def _table(first: int, count: int) -> pa.Table:
    from towpath.events.envelope import EVENT_SCHEMA

    chance = np.random.default_rng([first, 7])
    number = np.repeat(np.arange(first, first + count), MOVES)
    place = np.tile(np.arange(MOVES), count)
    opened = BEGIN_US + chance.integers(0, DAYS * DAY_US, count)
    gaps = chance.exponential(4 * HOUR_US, (count, MOVES)).astype(np.int64)
    time_us = np.repeat(opened, MOVES) + gaps.cumsum(axis=1).reshape(-1)
    inner = chance.integers(1, 4, len(number))
    state = np.where(place == 0, 0, np.where(place == MOVES - 1, 4, inner))
    climbs = np.repeat(chance.random(count) < 0.4, MOVES) & (place > 3)
    tier = np.where(climbs, 2, 1)
    team = np.where(
        climbs, 20 + chance.integers(0, 40, len(number)), np.repeat(chance.integers(0, 20, count), MOVES)
    )
    topic = np.repeat(np.minimum(chance.geometric(0.06, count) - 1, TOPICS - 1), MOVES)
    way = np.where(chance.random(count) < 0.8, 0, chance.integers(0, WAYS, count))
    columns = _columns(number, place, (state, team, tier, topic, np.repeat(way, MOVES)), time_us, chance)
    rows = len(number)
    made = [columns.get(field.name, pa.nulls(rows, field.type)) for field in EVENT_SCHEMA]
    return pa.table(made, schema=EVENT_SCHEMA)


Codes = tuple[np.ndarray, ...]


def _columns(
    number: np.ndarray, place: np.ndarray, codes: Codes, time_us: np.ndarray, chance: np.random.Generator
) -> dict[str, pa.Array]:
    from towpath.events.envelope import subject_key

    state, team, tier, topic, way = codes
    people = max(len(number) // MOVES // 5, 1)
    who = np.repeat(chance.integers(0, people, len(number) // MOVES), MOVES)
    keys = np.array([subject_key(f"customer:crm:{each}") for each in range(people)], np.int64)
    moment = pa.array(time_us, pa.timestamp("us", tz="UTC"))
    named = pa.array([f"T{each:08d}" for each in number[::MOVES]]).take(
        pa.array(np.arange(len(number)) // MOVES)
    )
    seq = pa.array(number * MOVES + place)
    return {
        "source": pa.array([SOURCE]).take(pa.array(np.zeros(len(number), np.int8))),
        "id": seq.cast(pa.string()),
        "seq": seq,
        "time": moment,
        "received": moment,
        "type": pa.array(STATES).take(pa.array(state)),
        "identifier": pa.array([f"crm:{each}" for each in range(people)]).take(pa.array(who)),
        "key": pa.array(keys[who]),
        "ticket": named,
        "team": pa.array([f"Team {each}" for each in range(TEAMS)]).take(pa.array(team)),
        "tier": pa.array(["0", "1", "2"]).take(pa.array(tier)),
        "outcome": pa.array([f"way {each}" for each in range(WAYS)]).take(pa.array(way)),
        "data": pa.array([f'{{"topic":"Topic {each}"}}' for each in range(TOPICS)]).take(pa.array(topic)),
    }


if __name__ == "__main__":
    main()
