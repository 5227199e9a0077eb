"""The directly-follows graph against plain SQL and pm4py."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import pytest
from event_logs import Event, Story, halves, logs, random_log, sequences_of, table_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import flow
from towpath.analytics.flow import FlowSpec
from towpath.analytics.kernels import blocks

LOWEST_BIT = "list_position([mask >> i & 1 for i in range(6)], 1) - 1"


def edges_by_sql(log: list[Story]) -> list[tuple[int, int, int, int, float, float]]:
    events = table_of(log)
    with duckdb.connect() as connection:
        connection.register("events", events)
        return connection.execute(f"""
            with named as (select entity, pos, t, {LOWEST_BIT} as a from events where mask > 0),
            pairs as (
                select entity, lag(a) over w as source, a as target, t - lag(t) over w as apart from named
                window w as (partition by entity order by pos))
            select source, target, count(*), count(distinct entity),
                quantile_cont(apart, 0.5) / 1e6, quantile_cont(apart, 0.9) / 1e6
            from pairs where source is not null group by all order by all""").fetchall()


@pytest.mark.parametrize("threads", [1, 5])
def test_edges_agree_with_plain_sql(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SMALLEST_BLOCK", 64)
    monkeypatch.setattr(blocks.os, "cpu_count", lambda: threads)
    log = random_log(21)
    result = flow.finish(flow.partial(sequences_of(log)), shares=(0.9,))
    edges = sorted(
        (
            "abcdef".index(edge.source),
            "abcdef".index(edge.target),
            edge.count,
            edge.entities,
            pytest.approx(edge.duration.median_seconds),
            pytest.approx(edge.duration.quantiles[0][1]),
        )
        for edge in result.edges
    )
    assert edges == edges_by_sql(log)
    assert [edge.count for edge in result.edges] == sorted(
        (edge.count for edge in result.edges), reverse=True
    )


@pytest.mark.filterwarnings("ignore")
def test_edges_agree_with_pm4py() -> None:
    import pm4py

    log = [[event for event in story if event.mask] for story in random_log(22, 300)]
    log = [story for story in log if story]
    rows = [
        (str(i), "abcdef"[(event.mask & -event.mask).bit_length() - 1], event.time)
        for i, story in enumerate(log)
        for event in story
    ]
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], unit="us", utc=True)
    edges, begins, ends = pm4py.discover_dfg(frame)
    result = flow.finish(flow.partial(sequences_of(log)))
    assert {(edge.source, edge.target): edge.count for edge in result.edges} == edges
    assert (result.begins, result.ends, result.cases) == (begins, ends, len(log))


@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(0, 63), st.data())
def test_parts_merged_are_the_whole(log: list[Story], of: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    whole = flow.partial(sequences_of(log), FlowSpec(of))
    merged = flow.merge([flow.partial(part, FlowSpec(of)) for part in halves(log, cut)])
    assert flow.finish(whole) == flow.finish(merged)


@settings(max_examples=60, deadline=None)
@given(logs())
def test_each_edge_opens_to_its_entities(log: list[Story]) -> None:
    sequences = sequences_of(log)
    for edge in flow.finish(flow.partial(sequences)).edges:
        found = flow.entities_of_edge(sequences, "abcdef".index(edge.source), "abcdef".index(edge.target))
        names = [
            ["abcdef"[(e.mask & -e.mask).bit_length() - 1] for e in log[100 - entity] if e.mask]
            for entity in found
        ]
        pairs = [Counter(pairwise(story))[edge.source, edge.target] for story in names]
        assert (len(pairs), sum(pairs), all(pairs)) == (edge.entities, edge.count, True)


def test_activities_left_out_are_passed_over() -> None:
    log = sequences_of([[Event(0, 1, True), Event(2, 2, True), Event(5, 4, True)]])
    (edge,) = flow.finish(flow.partial(log, FlowSpec(of=0b101))).edges
    assert (edge.source, edge.target, edge.duration.median_seconds) == ("a", "c", 5e-6)


def test_it_says_how_many_orders_rest_on_ties() -> None:
    log = sequences_of([[Event(0, 1, True), Event(0, 2, True)], [Event(0, 1, True), Event(0, 3, True)]])
    tie = np.asarray([False, True, False, True])
    assert flow.finish(flow.partial(replace(log, tie=tie))).ties == 1
    assert flow.finish(flow.partial(log)).ties is None
