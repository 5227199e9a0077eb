"""The loan applications of a Dutch bank: every figure against an independent computation over the log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from pytest_django import DjangoDbBlocker
from real_logs import ROOT, Case, data, edges, loans, variants

from towpath.events.importers import open_importer
from towpath.events.lake import Staging
from towpath.events.mapping_text import load_mapping
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import home
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.choosing import Choice
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries import conduct, paths
from towpath.journeys.queries.blueprints import blueprint
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.people import journey_story, people

EXAMPLE = ROOT / "examples/loan-applications"
STEPS = ("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK", "A_ACTIVATED")
OUTCOMES = ("A_DECLINED", "A_CANCELLED")
KEYS = dict(
    zip(
        STEPS + OUTCOMES,
        (
            "submitted",
            "preaccepted",
            "accepted",
            "offer_sent",
            "offer_sent_back",
            "activated",
            "declined",
            "cancelled",
        ),
        strict=True,
    )
)
WINDOW = timedelta(days=180)
ALL = Selection()


@pytest.fixture(scope="module")
def log() -> dict[str, Case]:
    return loans(data("bpic2012-loans", "bpic2012.xes.gz"))


@pytest.fixture(scope="module")
def bank(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A home whose lake holds the log."""
    path = data("bpic2012-loans", "bpic2012.xes.gz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOWPATH_HOME", str(tmp_path_factory.mktemp("bank")))
        home().prepare()
        mapping = load_mapping((EXAMPLE / "mapping.yaml").read_text(encoding="utf-8"), "mapping.yaml")
        staging = Staging(home().staging, "loans")
        for chunk in open_importer(path, mapping, resume_from=None):
            assert not chunk.refused
            staging.append(chunk.batch)
        staging.checkpoint({})
        with django_db_blocker.unblock():
            lake().absorb(staging)
        yield


@pytest.fixture
def journey(db: None, bank: None) -> str:
    text = (EXAMPLE / "journey.yaml").read_text(encoding="utf-8")
    return apply_journey(OPERATOR, text, "journey.yaml").journey


def level_of(case: Case) -> tuple[int, datetime | None]:
    """The furthest step over all entries (taking the first event of each next step), and the latest entry."""
    best, entry = 0, None
    for at, (begin, _place, kind, _phase) in enumerate(case):
        if kind == STEPS[0]:
            level = 1
            for moment, _p, later, _phase in case[at + 1 :]:
                if level < len(STEPS) and later == STEPS[level] and moment - begin <= WINDOW:
                    level += 1
            best, entry = max(best, level), begin
    return best, entry


def state_of(case: Case, level: int, entry: datetime, as_of: datetime) -> str:
    if level == len(STEPS):
        return "converted"
    begun = next(i for i, event in enumerate(case) if event[0] == entry and event[2] == STEPS[0])
    if any(event[2] in OUTCOMES and event[0] - entry <= WINDOW for event in case[begun:]):
        return "finished_otherwise"
    return "open" if as_of - entry < WINDOW else "lost"


def test_the_funnel_agrees_with_the_log(journey: str, log: dict[str, Case]) -> None:
    as_of = max(event[0] for case in log.values() for event in case)
    reached, stopped = Counter[int](), Counter[tuple[int, str]]()
    for case in log.values():
        level, entry = level_of(case)
        reached.update(range(1, level + 1))
        if entry is not None:
            stopped[level, state_of(case, level, entry, as_of)] += 1
    shown = funnel(OPERATOR, journey, ALL)
    assert (shown.as_of, shown.entered) == (as_of, 13_087)
    for place, step in enumerate(shown.steps, start=1):
        assert (step.key, step.reached) == (KEYS[STEPS[place - 1]], reached[place])
        for state in ("open", "finished_otherwise", "lost"):
            assert getattr(step, state) == stopped[place, state], (step.key, state)
            if place < len(STEPS):
                found = people(OPERATOR, journey, ALL, Choice(step=step.key, state=state), limit=1)  # type: ignore[arg-type]
                assert found.total == stopped[place, state]
    assert shown.steps[0].reached == shown.entered
    assert shown.steps[-1].reached == 2_246


def first_touches(case: Case) -> list[datetime]:
    """The first submission, and of each next step the first event after the one before, within the window."""
    found: list[datetime] = []
    for moment, _place, kind, _phase in case:
        if (
            len(found) < len(STEPS)
            and kind == STEPS[len(found)]
            and (not found or moment - found[0] <= WINDOW)
        ):
            found.append(moment)
    return found


def test_times_agree_with_the_log(journey: str, log: dict[str, Case]) -> None:
    waited: dict[int, list[float]] = {}
    for case in log.values():
        touched = first_touches(case)
        for place in range(1, len(touched)):
            waited.setdefault(place, []).append((touched[place] - touched[place - 1]).total_seconds())
    shown = funnel(OPERATOR, journey, ALL)
    assert shown.steps[0].median_seconds_from_previous is None
    for place, step in enumerate(shown.steps[1:], start=1):
        assert step.median_seconds_from_previous == pytest.approx(median(waited[place]), abs=1e-6)


def test_conversion_is_aalen_johansen_with_the_other_outcomes_competing(
    journey: str, log: dict[str, Case]
) -> None:
    as_of = max(event[0] for case in log.values() for event in case)
    followed: list[tuple[timedelta, int]] = []
    for case in log.values():
        touched = first_touches(case)
        ends = [event[0] for event in case if event[2] in OUTCOMES and event[0] - touched[0] <= WINDOW]
        if len(touched) == len(STEPS) and not (ends and ends[0] < touched[-1]):
            followed.append((touched[-1] - touched[0], 1))
        elif ends:
            followed.append((ends[0] - touched[0], 2))
        else:
            followed.append((min(as_of - touched[0], WINDOW), 0))
    staying, share, at_risk = 1.0, 0.0, len(followed)
    by_time: dict[timedelta, Counter[int]] = {}
    for duration, status in followed:
        by_time.setdefault(duration, Counter())[status] += 1
    for duration in sorted(by_time):
        here = by_time[duration]
        share += staying * here[1] / at_risk
        staying *= 1 - (here[1] + here[2]) / at_risk
        at_risk -= here.total()
    shown = funnel(OPERATOR, journey, ALL).conversion
    assert shown.estimate == pytest.approx(share, abs=1e-12)
    assert shown.low is not None
    assert shown.high is not None
    assert shown.low < share < shown.high
    assert shown.estimate > 2_246 / 13_087


@pytest.mark.parametrize("over", ["steps", "types"])
def test_edges_and_variants_agree_with_the_log(journey: str, log: dict[str, Case], over: paths.Over) -> None:
    types = STEPS + OUTCOMES if over == "steps" else None
    names = KEYS if over == "steps" else {}
    wanted = {
        (names.get(a, a), names.get(b, b)): figures for (a, b), figures in edges(log.values(), types).items()
    }
    shown = paths.flow(OPERATOR, journey, ALL, over)
    assert {(edge.from_, edge.to): edge.count for edge in shown.edges} == {
        pair: count for pair, (count, _seconds) in wanted.items()
    }
    for edge in shown.edges:
        assert edge.median_seconds is not None
        assert math.isclose(edge.median_seconds, wanted[edge.from_, edge.to][1], abs_tol=1e-5)
    spelt = variants(log.values(), types)
    found = paths.variants(OPERATOR, journey, ALL, top=50, over=over)
    assert (found.cases, found.distinct) == (13_087, len(spelt))
    translated = {tuple(names.get(kind, kind) for kind in each): count for each, count in spelt.items()}
    assert [each.count for each in found.variants] == sorted(translated.values(), reverse=True)[:50]
    assert all(translated[each.steps] == each.count for each in found.variants)


WORK = {
    "W_Afhandelen leads": "sales",
    "W_Completeren aanvraag": "sales",
    "W_Valideren aanvraag": "assessment",
    "W_Beoordelen fraude": "fraud",
    "W_Wijzigen contractgegevens": "contracts",
}


def turn_after(kind: str, phase: str) -> str | None:
    """Whose turn it is after an event, as the example's journey means it."""
    if kind in ("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED"):
        return "sales"
    if kind in WORK:
        return WORK[kind] if phase in ("SCHEDULE", "START") else None
    if kind == "W_Nabellen offertes":
        return {"START": "sales", "COMPLETE": "customer"}.get(phase)
    if kind == "W_Nabellen incomplete dossiers":
        return "customer" if phase == "COMPLETE" else "assessment"
    return {"O_SENT": "customer", "O_SENT_BACK": "assessment"}.get(kind)


def test_whose_turn_it_was_agrees_with_the_log(journey: str, log: dict[str, Case]) -> None:
    as_of = max(event[0] for case in log.values() for event in case)
    spent: Counter[str] = Counter()
    for case in log.values():
        party, since = "", None
        for moment, _place, kind, phase in case:
            if since is not None:
                spent[party] += round((moment - since).total_seconds() * 1e6)
            if kind == STEPS[0] or since is not None:
                party, since = turn_after(kind, phase) or party, moment
            if kind == STEPS[-1] or kind in OUTCOMES:
                since = None
        if since is not None:
            spent[party] += round((as_of - since).total_seconds() * 1e6)
    shown = conduct.turns(OPERATOR, journey, ALL)
    assert {t.party: round(t.seconds * 1e6) for t in shown.turns if t.seconds} == dict(spent)
    assert max(shown.turns, key=lambda turn: turn.seconds).party == "customer"


def test_the_blueprint_recognises_every_event_and_shows_the_work_below(
    journey: str, log: dict[str, Case]
) -> None:
    shown = blueprint(OPERATOR, journey, ALL)
    counts = Counter(event[2] for case in log.values() for event in case)
    assert (shown.fit.fits, shown.fit.recognised) == (True, counts.total())
    items = {item.key: item.events for lane in shown.lanes for item in lane.items}
    assert items["validating"] == counts["W_Valideren aanvraag"]
    assert items["contract_change"] == 12
    assert [lane.lane for lane in shown.lanes] == ["front_stage", *["back_stage"] * 4]


def test_one_application_can_be_followed_event_by_event(journey: str, log: dict[str, Case]) -> None:
    (someone,) = people(OPERATOR, journey, ALL, Choice(variant=("submitted", "declined")), limit=1).travellers
    told = journey_story(OPERATOR, journey, int(someone.entity))
    assert [(e.event.time, e.event.type) for e in told.events] == [(e[0], e[2]) for e in log[someone.name]]
    assert (told.state, told.furthest) == ("finished_otherwise", "submitted")
    assert told.events[0].activities == ("submitted",)
    assert told.entered_at == log[someone.name][0][0].astimezone(UTC)
