"""Large batches with few odd events: the many are read together, and everybody keeps their place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_events import BATCH, LINES, NOW, Row, envelope, event, receive

from towpath.events.envelope import subject_key, subject_keys
from towpath.events.receiving import parse_events

ODD: list[Row] = [
    {"extra": "kept"},
    {"data": "text"},
    {"data": {"towpath": {"case": "7"}}},
    {"latencyms": -1},
    {"outcome": "?"},
    {"id": None},
    {"session": []},
    {"subject": "a", "identifier": "b"},
    {"datacontenttype": "text/plain", "data": "x"},
]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 60), st.dictionaries(st.integers(0, 59), st.sampled_from(ODD), max_size=6), st.booleans()
)
def test_an_event_becomes_what_it_would_become_alone(size: int, odd: dict[int, Row], lines: bool) -> None:
    sent = [event(id=str(at), sequence=at) | odd.get(at, {}) for at in range(size)]
    together = receive(*sent, content_type=LINES if lines else BATCH)
    rows, refused = [], []
    for at, each in enumerate(sent):
        alone = receive(each, content_type=LINES if lines else BATCH)
        rows += envelope(alone)
        refused += [(at, found.reason, found.raw) for found in alone.refused]
    assert envelope(together) == rows
    if not lines:
        assert [(each.index, each.reason) for each in together.refused] == [each[:2] for each in refused]
    assert [each.raw for each in together.refused] == [each[2] for each in refused]


def test_arrival_counts_the_places_of_refused_events_too() -> None:
    seqs = [row["seq"] for row in envelope(receive(event(), 3, event(extra=1), event(latencyms=-1), event()))]
    assert [seq - seqs[0] for seq in seqs] == [0, 2, 4]


@pytest.mark.parametrize("odd", [{}, {"extra": "kept"}])
def test_a_body_larger_than_one_event_may_be_keeps_every_event(odd: Row) -> None:
    sent = [
        event(id=str(at), data={"text": "x" * 700}) | (odd if at % 400 == 0 else {}) for at in range(1600)
    ]
    body = json.dumps(sent).encode()
    assert len(body) > 1_000_000
    received = parse_events(body, BATCH, now=NOW)
    assert received.refused == ()
    assert received.events.column("id").to_pylist() == [each["id"] for each in sent]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_keys_of_many_subjects_are_those_of_each(names: list[str]) -> None:
    assert subject_keys(names).tolist() == [subject_key(name) for name in names]
