"""Tickets as records: import, lists and search, and what one change costs, by how many there are.

    python bench/tickets.py [--tickets 10000 1000000] [--rounds 40]

Runs on the records that TOWPATH_DATABASE_URL names, else on SQLite. Each size has a home of its own.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from installation import fresh_home, machine
from report import percentile, tell

MAPPING = """
source: bench
format: csv
events: {time: at, type: state, ticket: number, case: number, team: team, identifier: caller}
data: rest
desk:
  tiers: {patterns: {"Team 1*": 1}, otherwise: 2}
  states: {working: [Doing], waiting_customer: [Waits], resolved: [Done]}
  topic: data.topic
  title: data.title
  priority: data.priority
"""
WORDS, MORE = 5_000, 10_000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
LISTS: dict[str, dict[str, str]] = {
    "all": {},
    "open": {"which": "open"},
    "overdue": {"which": "overdue"},
    "ping-pong": {"which": "ping_pong"},
    "state": {"state": "resolved"},
    "team": {"team": "Team 17"},
    "topic and priority": {"topic": "Topic 3", "priority": "2"},
    "number": {"q": "T0000042"},
    "rare word": {"q": "word4711"},
    "two words": {"q": "word12 word3"},
    "common word": {"q": "common"},
    "customer": {"q": "crm:17"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    url = os.environ.get("TOWPATH_DATABASE_URL")
    for tickets in given.tickets:
        child = os.fork()
        if child == 0:
            measured(tickets, given.rounds, url)
            os._exit(0)
        os.waitpid(child, 0)


def measured(tickets: int, rounds: int, url: str | None) -> None:
    with fresh_home() as home:
        if url:
            os.environ["TOWPATH_DATABASE_URL"] = url
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        if url:
            call_command("flush", interactive=False, verbosity=0)
        figures = filled(home, tickets)
        figures |= listed(rounds) | changed(rounds)
        tell(f"tickets-{tickets}", machine(), figures)


def filled(home: Path, tickets: int) -> dict[str, object]:
    """The import into an empty desk, then of some more into what there is by then."""
    file, more = home / "tickets.csv", home / "more.csv"
    _written(file, range(tickets))
    _written(more, range(tickets, tickets + MORE))
    into_events, into_records = _imported(file)
    more_events, more_records = _imported(more)
    return {
        "tickets": tickets,
        "tickets a second, into events": tickets / into_events,
        "tickets a second, into records": tickets / into_records,
        "tickets a second, import": tickets / (into_events + into_records),
        f"tickets a second, import of {MORE:,} more": MORE / (more_events + more_records),
    }


def _imported(file: Path) -> tuple[float, float]:
    """Seconds until its events are in the lake, and from then until its tickets are in the records."""
    from towpath.desk.following import refresh_noted
    from towpath.events import actions
    from towpath.events.ingest import run_import
    from towpath.foundation.access.actor import OPERATOR
    from towpath.foundation.outbox.delivery import deliver

    begun = time.perf_counter()
    draft = actions.draft_import(OPERATOR, file, file.name, mapping=MAPPING)
    done = run_import(actions.confirm_import(OPERATOR, draft, MAPPING))
    if done.error:
        raise SystemExit(done.error)
    imported = time.perf_counter()
    deliver()
    refresh_noted()
    return imported - begun, time.perf_counter() - imported


def listed(rounds: int) -> dict[str, object]:
    """95th percentile of each list in ms."""
    from towpath.desk.queries.tickets import tickets
    from towpath.desk.schemas.tickets import WantedTickets
    from towpath.foundation.access.actor import OPERATOR

    def asked(given: dict[str, str]) -> Callable[[], object]:
        return lambda: tickets(OPERATOR, "bench", WantedTickets(**given))  # type: ignore[arg-type]

    return {f"{name}, p95 ms": _p95(asked(given), rounds) for name, given in LISTS.items()}


def changed(rounds: int) -> dict[str, object]:
    """One status change: an event comes in, and the ticket's record follows."""
    import pyarrow as pa

    from towpath.desk.following import refresh
    from towpath.desk.models import Desk, Ticket
    from towpath.events.envelope import EVENT_SCHEMA, case_key, subject_key
    from towpath.events.lake.log import Turn
    from towpath.events.store import lake

    desk, took = Desk.objects.get(), []
    found = Ticket.objects.filter(desk=desk).order_by("number")[: min(rounds, 20)]
    for place, (number, customer) in enumerate(list(found.values_list("number", "customer")), start=1):
        now = datetime.now(UTC)
        row = {"source": "bench", "id": f"change{place}", "seq": place, "time": now, "received": now}
        row |= {"type": "Waits", "identifier": customer, "key": subject_key(f"customer:{customer}")}
        row |= {"case": number, "ticket": number, "case_key": case_key("bench", number), "team": "Team 17"}
        with lake().writing() as tail:
            tail.append(Turn("bench", place), pa.Table.from_pylist([row], schema=EVENT_SCHEMA))
        begun = time.perf_counter()
        if refresh(desk, int(now.timestamp() * 1_000_000)) < 1:
            raise SystemExit(f"{number} did not follow")
        took.append((time.perf_counter() - begun) * 1_000)
    return {"one change, median ms": percentile(took, 0.5), "one change, p95 ms": percentile(took, 0.95)}


def _p95(ask: Callable[[], object], rounds: int) -> float:
    took = []
    for _each in range(rounds):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1_000)
    return percentile(took, 0.95)


def _written(file: Path, tickets: range) -> None:
    chance = random.Random(tickets.stop)  # noqa: S311 (no secret)
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["at", "number", "state", "team", "caller", "topic", "title", "priority"])
        for number in tickets:
            at = BEGIN + timedelta(seconds=number * 25)
            title = f"common word{chance.randrange(WORDS)} word{chance.randrange(20)}"
            plain = [f"crm:{chance.randrange(tickets.stop // 5 + 1)}", f"Topic {chance.randrange(40)}"]
            row = [*plain, title, str(chance.randrange(1, 5))]
            for state in ("Doing", "Done" if chance.random() < 0.9 else "Waits"):
                team = f"Team {chance.randrange(40)}"
                writer.writerow([at.isoformat(), f"T{number:07d}", state, team, *row])
                at += timedelta(hours=chance.randrange(1, 90))


if __name__ == "__main__":
    main()
