"""The loan applications of a Dutch bank (BPI Challenge 2012), read without our importers and counted by hand.

van Dongen, 4TU, doi:10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f. 13,087 applications, 262,200 events.
"""

from __future__ import annotations

import gzip
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from lxml import etree

from towpath.analytics import first_touch, flow, funnel, variants
from towpath.analytics.first_touch import FirstTouchSpec
from towpath.analytics.funnel import FunnelSpec
from towpath.analytics.sequences import Sequences

LOG = Path(__file__).parents[3] / "shared" / "data" / "bpic2012-loans" / "bpic2012.xes.gz"
STAGES = ("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK", "A_ACTIVATED")
OUTCOMES = ("A_DECLINED", "A_CANCELLED")
WINDOW = 180 * 86_400_000_000
XES = "{http://www.xes-standard.org/}"
Case = list[tuple[int, str]]


def read_cases() -> Iterator[Case]:
    """(microseconds, activity) of each case, in document order."""
    with gzip.open(LOG) as document:
        for _, trace in etree.iterparse(document, tag=f"{XES}trace"):
            case = []
            for event in trace.iterfind(f"{XES}event"):
                said = {child.get("key"): child.get("value") for child in event}
                time = datetime.fromisoformat(said["time:timestamp"])
                case.append((round(time.timestamp() * 1000) * 1000, said["concept:name"]))
            yield case
            trace.clear()


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    if not LOG.parent.parent.is_dir():
        pytest.skip("../shared/data is missing")
    return [sorted(case, key=lambda event: event[0]) for case in read_cases()]


@pytest.fixture(scope="module")
def sequences(cases: list[Case]) -> Sequences:
    named = {name for case in cases for _, name in case}
    activities = (*STAGES, *OUTCOMES, *sorted(named - {*STAGES, *OUTCOMES}))
    code_of = {name: code for code, name in enumerate(activities)}
    return Sequences(
        entity=np.repeat(np.arange(len(cases)), [len(case) for case in cases]),
        time=np.asarray([time for case in cases for time, _ in case]),
        code=np.asarray([code_of[name] for case in cases for _, name in case], np.uint16),
        masks=np.asarray([1 << bit for bit in range(len(activities))], np.uint64),
        tie=None,
        activities=activities,
    )


def level_by_hand(case: Case) -> int:
    """From every submission on: the earliest place of each next stage."""
    places = [[i for i, (_, name) in enumerate(case) if name == stage] for stage in STAGES]
    best = 0
    for start in places[0]:
        at, level = start, 1
        for later in places[1:]:
            following = bisect_right(later, at)
            if following == len(later) or case[later[following]][0] - case[start][0] > WINDOW:
                break
            at, level = later[following], level + 1
        best = max(best, level)
    return best


def test_stages_of_the_loan_journey(cases: list[Case], sequences: Sequences) -> None:
    as_of = max(time for case in cases for time, _ in case)
    found = funnel.partial(sequences, FunnelSpec(len(STAGES), WINDOW, terminals=0b11 << len(STAGES)))
    levels = [level_by_hand(case) for case in cases]
    assert found.entities.level.tolist() == levels
    result = funnel.finish(found, as_of)
    assert [step.reached for step in result.steps] == [
        sum(level > step for level in levels) for step in range(len(STAGES))
    ]
    assert [step.reached for step in result.steps[:2]] == [13_087, 7_367]
    ended = [{name for _, name in case} & set(OUTCOMES) for case in cases]
    for step in range(len(STAGES) - 1):
        here = [bool(end) for end, level in zip(ended, levels, strict=True) if level == step + 1]
        assert result.steps[step].finished_otherwise == sum(here)
        assert result.steps[step].open + result.steps[step].lost == len(here) - sum(here)


def test_times_of_the_loan_journey(cases: list[Case], sequences: Sequences) -> None:
    apart: list[list[int]] = [[] for _ in STAGES]
    for case in cases:
        at, waits_for, entry = 0, 0, None
        for time, name in case:
            if waits_for < len(STAGES) and name == STAGES[waits_for] and time - (entry or time) <= WINDOW:
                entry = entry or time
                apart[waits_for].append(time - at if waits_for else 0)
                at, waits_for = time, waits_for + 1
    result = first_touch.finish(first_touch.partial(sequences, FirstTouchSpec(len(STAGES), WINDOW)))
    assert [step.from_previous.median_seconds for step in result.steps] == [
        pytest.approx(median(times) / 1e6) for times in apart
    ]


def test_flow_of_the_loan_log(cases: list[Case], sequences: Sequences) -> None:
    apart = defaultdict(list)
    for case in cases:
        for (before, source), (after, target) in pairwise(case):
            apart[source, target].append(after - before)
    result = flow.finish(flow.partial(sequences))
    assert {(e.source, e.target): (e.count, e.duration.median_seconds) for e in result.edges} == {
        pair: (len(times), pytest.approx(median(times) / 1e6)) for pair, times in apart.items()
    }
    assert sum(edge.count for edge in result.edges) == 262_200 - 13_087
    assert result.begins == {"A_SUBMITTED": 13_087}


def test_variants_of_the_loan_log(cases: list[Case], sequences: Sequences) -> None:
    counted = Counter(tuple(name for _, name in case) for case in cases)
    result = variants.finish(variants.partial(sequences), top=len(cases))
    assert {variant.steps: variant.count for variant in result.variants} == dict(counted)
    assert (result.cases, result.distinct) == (13_087, len(counted))
    assert result.variants[0].steps == ("A_SUBMITTED", "A_PARTLYSUBMITTED", "A_DECLINED")
    assert result.variants[0].count == 3_429
