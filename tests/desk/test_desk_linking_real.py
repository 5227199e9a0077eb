"""Two real desks, part of their answers hidden: proposals are right as often as they say, by plain count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from desk_homes import data, put_in

from towpath.analytics.intervals import wilson
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.measures.linking import Proposals, proposed
from towpath.desk.models import Desk
from towpath.desk.queries.flow import history

pytestmark = pytest.mark.django_db
HIDDEN = 0.3
TOLERATED = 0.04
"""Beside the interval of what was counted: what is said is itself counted on a fifth of some thousands."""


def hiding(found: History, answers: Coded, **other: Coded) -> tuple[History, list[str]]:
    """A history whose component is the answer, hidden at three of ten tickets drawn at random, and what was
    hidden. Texts of one letter stand for what is unknown at all."""
    hidden = (np.random.default_rng(5).random(len(answers.codes)) < HIDDEN) & (answers.codes >= 0)
    told = Coded(np.where(hidden, -1, answers.codes), answers.names)
    names = [*answers.texts(), ""]
    truth = [names[code] if at else "" for code, at in zip(answers.codes, hidden, strict=True)]
    columns = {**found.of_ticket, "component": told, **other}
    return replace(found, token=f"{found.token}.hidden", of_ticket=columns), truth


def counted(found: Proposals, truth: list[str]) -> list[tuple[float, int, int]]:
    """By tenth of the confidence: what was said on average, tickets, and how many were right."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for code, share, answer in zip(found.value.codes.tolist(), found.share.tolist(), truth, strict=True):
        if answer and code >= 0:
            tenth = min(int(share * 10), 9)
            bins.setdefault(tenth, []).append((share, found.value.names[code].as_py() == answer))
    return [
        (sum(share for share, _right in each) / len(each), len(each), sum(right for _share, right in each))
        for _tenth, each in sorted(bins.items())
    ]


def assert_right_as_often_as_said(found: Proposals, truth: list[str]) -> int:
    tickets = 0
    for said, size, right in counted(found, truth):
        tickets += size
        low, high = wilson(right, size, 0.99)
        assert low - TOLERATED <= said <= high + TOLERATED, (said, right, size)
    return tickets


def test_servicenow_categories(tmp_home: object) -> None:
    put_in(data("uci-servicenow-incidents", "incident_event_log.csv.gz"), "servicenow-incidents/mapping.yaml")
    found = history(Desk.objects.get())
    parts = [text.split(" › ")[0] for text in found.topic.texts()]
    answers = found.topic.renamed([part if part.startswith("Category") else "" for part in parts])
    none = Coded.nothing(len(found.tickets))
    seen, truth = hiding(found, answers, topic=none)
    guessed = proposed(seen, "component", ())
    covered = assert_right_as_often_as_said(guessed, truth)
    assert covered > 0.2 * sum(map(bool, truth))


def test_volvos_products(tmp_home: object) -> None:
    put_in(data("bpic2013-volvo", "incidents.csv.gz"), "volvo-incidents/mapping-csv.yaml")
    found = history(Desk.objects.get())
    seen, truth = hiding(found, found.topic, topic=Coded.nothing(len(found.tickets)))
    guessed = proposed(seen, "component", ())
    covered = assert_right_as_often_as_said(guessed, truth)
    assert covered > 0.1 * sum(map(bool, truth))
    assert {each.rows for each in guessed.guessed.reliability}
    assert isinstance(guessed.value.names, pa.StringArray)
