"""Events as senders write them, for the tests of receiving: any envelope that one may send, in any form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from towpath.events.envelope import Outcome, case_key, subject, subject_key
from towpath.events.receiving import Received, parse_events

NOW = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)
ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PLAIN = "application/json"
LINES = "application/x-ndjson"
Row = dict[str, Any]

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.integers(662_688_000_000_000, 1_795_305_600_000_000)  # 1991 until the day before NOW, in us
times = st.builds(
    lambda at, zone: (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone),
    instants,
    zones,
)
numbers = st.floats(0, 1e12) | st.integers(0, 2**53).map(float)
leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | words
values = st.recursive(leaves.filter(lambda leaf: leaf not in (float("inf"), float("-inf"))),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
                      max_leaves=6)  # fmt: skip
OPTIONAL_TEXTS = (
    "identifier", "session", "case", "channel", "service", "component", "environment", "version", "currency",
    "team", "tier", "ticket", "change", "trace",
)  # fmt: skip
rows = st.fixed_dictionaries(
    {"source": words, "id": words, "type": words, "time": times},
    optional={
        **dict.fromkeys(OPTIONAL_TEXTS, words),
        "identifiers": st.lists(words, min_size=1, max_size=3, unique=True),
        "outcome": st.sampled_from([str(each) for each in Outcome]),
        "latency_ms": numbers,
        "value": st.floats(-1e9, 1e9),
        "seq": st.integers(-(2**63) + 1, 2**63 - 1),
        "data": st.dictionaries(words, values, max_size=4),
    },
)
"""What a sender means, by the names of the envelope."""


def written(row: Row, **given: Any) -> Row:
    """The row as a CloudEvent, its extension attributes in lower case; `given` is added as it is."""
    names = {"identifier": "subject", "latency_ms": "latencyms", "seq": "sequence"}
    event: Row = {"specversion": "1.0"}
    event |= {names.get(name, name): value for name, value in row.items()}
    if "time" in row:
        event["time"] = row["time"].isoformat()
    return event | given


def plain(row: Row, **given: Any) -> Row:
    """The row as plain JSON."""
    return row | ({"time": row["time"].isoformat()} if "time" in row else {}) | given


def event(**given: Any) -> Row:
    """A good CloudEvent, with what the test wants to see."""
    return {"specversion": "1.0", "id": "e1", "source": "shop", "type": "paid"} | given


def receive(*events: object, content_type: str = BATCH) -> Received:
    """What becomes of these events, sent as one array or (where the content type says so) as lines."""
    if content_type == LINES:
        body = "\n".join(json.dumps(each, ensure_ascii=False) for each in events)
    else:
        body = json.dumps(events[0] if content_type == ONE else events)
    return parse_events(body.encode(), content_type, now=NOW)


def envelope(received: Received) -> list[Row]:
    """The rows without what is empty, `data` and `identifiers` as what they mean."""
    found = []
    for row in received.events.to_pylist():
        some = {name: value for name, value in row.items() if value is not None}
        some |= {name: json.loads(some[name]) for name in ("data", "identifiers") if name in some}
        found.append(some)
    return found


def expected(row: Row, place: int = 0) -> Row:
    """The envelope that a row must give, written down a second time and more slowly."""
    arrival = (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000 + min(place, 999)
    whole = {"seq": arrival, "received": NOW} | row
    whole["time"] = row["time"].astimezone(UTC)
    owner = subject(row.get("identifier"), row.get("case"), row["source"], row.get("service"))
    whole["key"] = subject_key(owner)
    if "case" in row:
        whole["case_key"] = case_key(row["source"], row["case"])
    return whole
