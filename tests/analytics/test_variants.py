"""Variants against counting in Python and pm4py, and with hashes that all collide."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from event_logs import Story, halves, logs, random_log, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import variants
from towpath.analytics.kernels import blocks
from towpath.analytics.kernels.interning import intern
from towpath.analytics.variants import VariantsSpec


def bits_of(story: Story, spec: VariantsSpec) -> tuple[int, ...]:
    masks = [event.mask & spec.of for event in story]
    bits = [(mask & -mask).bit_length() - 1 for mask in masks if mask]
    return tuple(bit for bit, _ in groupby(bits)) if spec.collapse else tuple(bits)


def specs() -> st.SearchStrategy[VariantsSpec]:
    return st.builds(VariantsSpec, st.integers(0, 63), st.booleans())


@settings(max_examples=100, deadline=None)
@given(logs(most_entities=12, most_events=4), specs(), st.integers(0, 14))
def test_it_counts_the_sequences_of_cases(log: list[Story], spec: VariantsSpec, top: int) -> None:
    counted = Counter(bits for story in log if (bits := bits_of(story, spec)))
    found = variants.partial(sequences_of(log), spec)
    result = variants.finish(found, top)
    expected = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:top]
    assert [(variant.bits, variant.count) for variant in result.variants] == expected
    assert (result.cases, result.distinct) == (counted.total(), len(counted))
    for bits in counted:
        entities = [100 - i for i, story in enumerate(log) if bits_of(story, spec) == bits]
        assert variants.entities_of_variant(found, bits).tolist() == entities


@settings(max_examples=60, deadline=None)
@given(logs(most_entities=12, most_events=4), specs(), st.data())
def test_parts_merged_are_the_whole(log: list[Story], spec: VariantsSpec, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    whole = variants.partial(sequences_of(log), spec)
    merged = variants.merge([variants.partial(part, spec) for part in halves(log, cut)])
    assert variants.finish(whole) == variants.finish(merged)
    assert np.array_equal(whole.entity, merged.entity)
    assert np.array_equal(whole.variant, merged.variant)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), max_size=4), max_size=30))
def test_sequences_with_equal_hashes_stay_apart(sequences: list[list[int]]) -> None:
    symbols = np.asarray([symbol for sequence in sequences for symbol in sequence], np.uint8)
    offsets = np.cumsum([0, *map(len, sequences)])
    number_of, hashes = np.empty(len(sequences), np.int32), np.zeros(len(sequences), np.uint64)
    used = intern(symbols, hashes, offsets[:-1], np.diff(offsets), number_of)
    order = list(dict.fromkeys(tuple(sequence) for sequence in sequences if sequence))
    assert number_of.tolist() == [order.index(tuple(s)) if s else -1 for s in sequences]
    assert used == len(order)


@pytest.mark.filterwarnings("ignore")
def test_variants_agree_with_pm4py(monkeypatch: pytest.MonkeyPatch) -> None:
    import pm4py

    monkeypatch.setattr(blocks, "SMALLEST_BLOCK", 64)
    monkeypatch.setattr(blocks.os, "cpu_count", lambda: 5)
    log = [[event for event in story if event.mask][:4] for story in random_log(31, 4000)]
    log = [story for story in log if story]
    rows = [
        (str(i), "abcdef"[bit], event.time)
        for i, story in enumerate(log)
        for bit, event in zip(bits_of(story, VariantsSpec()), story, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], unit="us", utc=True)
    expected = dict(pm4py.get_variants(frame))
    result = variants.finish(variants.partial(sequences_of(log)), top=10_000)
    assert {variant.steps: variant.count for variant in result.variants} == expected
    assert result.distinct == len(expected) > 1024
