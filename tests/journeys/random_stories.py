"""Random customers who come back, with many equal times; and what a plain walk over their stories finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from journey_events import JOURNEY, START, Row, event, put_in

from towpath.events.envelope import subject_key
from towpath.foundation.access.actor import OPERATOR
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.evidence import Evidence, microseconds_of
from towpath.journeys.queries.journeys import evidence_of

STEPS = ("basket", "pay", "delivered")
TYPES = (*STEPS, "basket", "declined", "complaint")
WINDOW = 10 * 24
HOUR = 3_600_000_000
AS_OF = 1_200
BEGAN = microseconds_of(START)
Story = list[Row]


def hour_of(row: Row) -> int:
    return int((row["time"] - START) / timedelta(hours=1))


def moment(hours: int) -> int:
    """UTC microseconds."""
    return BEGAN + hours * HOUR


def customers(seed: int, count: int = 250) -> dict[int, Story]:
    """Events of each customer in order, by the customer's key; times lie 30 hours apart, so that many tie."""
    chance, stories = random.Random(seed), {}
    for number in range(count):
        rows = []
        for _ in range(chance.randint(1, 12)):
            kind = chance.choice(TYPES)
            rows.append(
                event(
                    kind,
                    None,
                    30 * chance.randint(0, 25),
                    identifier=f"account:{number}",
                    channel=chance.choice(["web", "app", None]),
                    outcome=chance.choice(["ok", "fault", None]),
                    latency_ms=chance.choice([100.0, 4_500.0, None]),
                    value=chance.choice([10.0, 20.0, None]),
                    currency="EUR",
                )
            )
        stories[subject_key(f"customer:account:{number}")] = sorted(
            rows, key=lambda row: (row["time"], row["seq"])
        )
    return stories


def evidence(stories: dict[int, Story]) -> Evidence:
    """The journey `order`, following customers, over these stories; as of AS_OF."""
    rows = [row for story in stories.values() for row in story]
    put_in([*rows, event("newsletter", None, AS_OF, identifier="mail:a@shop.example")])
    followed = JOURNEY.replace("follows: case", "follows: customer")
    apply_journey(OPERATOR, followed, "order.yaml")
    return evidence_of(OPERATOR, "order")


@dataclass(frozen=True)
class Journey:
    """One journey: places of its events in the story, its end, and whether there was one before."""

    begin: int
    places: tuple[int, ...]
    end: str
    returning: bool


def journeys_of(story: Story, window: int = WINDOW) -> Iterator[Journey]:
    """Told apart by a plain walk: after the last step, an outcome or the window an entry begins a new one."""
    place, returning = 0, False
    while place < len(story):
        if story[place]["type"] != "basket":
            place += 1
            continue
        begin, waits_for, end = place, 1, "lost"
        while (
            place < len(story) and hour_of(story[place]) - hour_of(story[begin]) <= window and end == "lost"
        ):
            kind = story[place]["type"]
            if place > begin and kind == STEPS[waits_for]:
                waits_for += 1
                end = "converted" if waits_for == len(STEPS) else end
            elif kind == "declined":
                end = "finished_otherwise"
            place += 1
        yield Journey(begin, tuple(range(begin, place)), end, returning)
        returning = True


def bad(row: Row, step: str) -> bool:
    slow = step == "pay" and row["latency_ms"] is not None and row["latency_ms"] > 4_000
    return row["outcome"] == "fault" or slow


def known(row: Row, step: str) -> bool:
    return row["outcome"] is not None or (step == "pay" and row["latency_ms"] is not None)
