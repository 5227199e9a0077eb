"""Half a year of a service desk whose troubles are planted, ready to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from made_weeks import UNTIL, Row, event, put_in

from towpath.desk.actions.desks import make_desk
from towpath.foundation.access.actor import OPERATOR

READING = """
kind: incident
states: {new: [opened], working: [taken], resolved: [solved]}
tiers: {column: tier}
topic: data.topic
solved_by: data.way
"""
WEEKS = 26
MONDAY = UNTIL - timedelta(weeks=WEEKS)


@dataclass
class Tickets:
    """`rows`: their events so far."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        topic: str,
        at: datetime,
        path: tuple[tuple[str, int], ...],
        way: str = "W",
        who: str = "",
        **given: str,
    ) -> None:
        """One ticket that goes through teams at tiers, an hour each, and is solved by the last."""
        self.count += 1
        number = f"T{self.count}"
        moves = [("opened", *path[0]), *(("taken", *each) for each in path), ("solved", *path[-1])]
        for seq, (kind, team, tier) in enumerate(moves):
            said = {"topic": topic, **({"way": way} if kind == "solved" else {})}
            self.rows.append(
                event(
                    kind,
                    at + seq * timedelta(hours=1),
                    source="help",
                    id=f"{number}.{seq}",
                    seq=seq,
                    identifier=who or f"account:{number}",
                    ticket=number,
                    team=team,
                    tier=str(tier),
                    data=msgspec.json.encode(said).decode(),
                    **given,
                )
            )


def weekly(times: int) -> Iterator[tuple[int, datetime]]:
    """So many moments in each week, with their number."""
    for nth in range(times * WEEKS):
        yield nth, MONDAY + timedelta(weeks=nth // times, hours=8 + 11 * (nth % times))


def planted() -> list[Row]:
    """Resets that tier 2 solves all one way; printers that come back; a loop; a loud dozen; what is new."""
    made = Tickets()
    front, second = ("front", 1), ("second", 2)
    for _nth, at in weekly(6):
        made.add("reset", at, (front, second))
    for nth, at in weekly(10):
        made.add("question", at, (front,), way=f"W{nth % 40}")
    for nth, at in weekly(5):
        made.add("printer", at, (front,), way=f"W{nth % 9}", who=f"account:p{nth}")
        if nth % 2:
            made.add("printer", at + timedelta(days=3), (front,), way=f"W{nth % 7}", who=f"account:p{nth}")
    for nth, at in weekly(4):
        path = (("billing", 2), ("meters", 2), ("billing", 2), ("meters", 2)) if nth % 2 else (("meters", 2),)
        made.add("reading", at, (front, *path), way=f"W{nth % 20}")
    for nth, at in weekly(12):
        made.add("layout", at, (front,), way=f"W{nth % 20}", who=f"account:loud{nth % 12}")
    for nth in range(30):
        at = UNTIL - timedelta(days=6, hours=-2 * nth)
        made.add("gateway down", at, (front,), way=f"W{nth % 20}", component="gateway")
    # The week is over when something comes after it.
    made.add("question", UNTIL, (front,))
    return made.rows


def fill_desk(rows: list[Row] | None = None) -> None:
    """The tickets in the lake of the present home, and the desk that reads them."""
    put_in(planted() if rows is None else rows, "tickets")
    make_desk(OPERATOR, "help", READING, "help.yaml")
