"""The invented company: the same each time, changed by a cause alone, and ignorant of what looks at it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from towpath.site.demo import company
from towpath.site.demo.company.draws import Draws, Purpose, philox
from towpath.site.demo.company.landscape import COMPONENTS, LANGUAGES, SERVICES, STEPS
from towpath.site.demo.company.plan import DAY, HOUR, KINDS, Cause, Plan, Segment
from towpath.site.demo.company.running import Run, run_company
from towpath.site.demo.company.tables import COLUMNS, account, events_of
from towpath.site.demo.truth import touched

UNTIL = 20_780 * DAY
START = UNTIL - 28 * DAY


def plan(*causes: Cause, seed: int = 3, customers: int = 600) -> Plan:
    return Plan(seed=seed, days=28, customers=customers, until=UNTIL, causes=causes)


def cause(kind: str, target: str, **words: object) -> Cause:
    figures = {"begin": START + 7 * DAY, "end": UNTIL, **KINDS[kind].figures, **words}
    return Cause(kind=kind, target=target, **figures)  # type: ignore[arg-type]


CAUSES = [
    cause("slow_dependency", "meter-registry", hours=(0, 24)),
    cause("bad_release", "mobile-app"),
    cause("bad_release", "payment-hub"),
    cause("lossy_step", "join.identify", segment=Segment(channel="phone")),
    cause("total_outage", "channels", begin=START + 9 * DAY + 18 * HOUR, end=START + 9 * DAY + 23 * HOUR),
    cause("rare_grave", "pay.confirm", per_week=10.0),
    cause("loud_group", "bill layout"),
    cause("confounded_evening", "join"),
    cause("regression_to_the_mean", "identity-check", factor=60.0),
    cause("knowledge_gap", "password reset"),
    cause("lookalike_topic", "contract question"),
    cause("handover_loop", "meter reading"),
]


def named(each: Cause) -> str:
    return f"{each.kind} {each.target}"


@pytest.fixture(scope="module")
def quiet() -> Run:
    return run_company(plan())


def of_people(run: Run, people: np.ndarray, *, others: bool) -> pa.Table:
    """Events of these people, or of all others (releases among them)."""
    numbers = people.tolist()
    names = [account(who) for who in numbers] + [f"phone:+467{who:08d}" for who in numbers]
    names += [f"device:{kind}{who:07x}" for who in numbers for kind in "dm"]
    events = events_of(run)
    inside = pc.fill_null(pc.is_in(events["identifier"], pa.array(names, pa.string())), False)
    return events.filter(pc.invert(inside) if others else inside)


def test_random_numbers_are_those_that_the_authors_of_philox_publish() -> None:
    def words(*hexadecimal: str) -> list[np.ndarray]:
        return [np.array([int(each, 16)], np.uint64) for each in hexadecimal]

    pi = words("243f6a88", "85a308d3", "13198a2e", "03707344")
    found = philox((pi[0], pi[1], pi[2], pi[3]), (0xA4093822, 0x299F31D0))
    assert [f"{int(word[0]):08x}" for word in found] == ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"]
    nothing = words("0", "0", "0", "0")
    found = philox((nothing[0], nothing[1], nothing[2], nothing[3]), (0, 0))
    assert [f"{int(word[0]):08x}" for word in found] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]


def test_random_numbers_have_the_distribution_that_they_name() -> None:
    draws = Draws(5)
    u, z = draws.uniform(Purpose.WHO, np.arange(50_000)), draws.normal(Purpose.WHO, np.arange(50_000))
    assert abs(u.mean() - 0.5) < 0.003
    assert 0 < u.min() < u.max() < 1
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1) < 0.01
    assert abs(np.corrcoef(u)[np.triu_indices(4, 1)]).max() < 0.02


def test_the_same_seed_gives_the_same_events_and_another_seed_others(quiet: Run) -> None:
    first, again = events_of(quiet), events_of(run_company(plan()))
    assert first.equals(again)
    assert not first.equals(events_of(run_company(plan(seed=4))))


@pytest.mark.parametrize("planted", CAUSES, ids=named)
def test_people_whom_a_cause_did_not_touch_have_the_same_events_to_the_byte(planted: Cause) -> None:
    # Few come with any one topic: the loop needs more people to meet somebody.
    both = plan(planted, customers=4_000 if planted.kind == "handover_loop" else 600)
    with_it, without = run_company(both), run_company(both.without(0))
    people = touched(with_it, without)
    assert 0 < len(people) < len(with_it.people)
    assert of_people(with_it, people, others=True).equals(of_people(without, people, others=True))
    assert not of_people(with_it, people, others=False).equals(of_people(without, people, others=False))


def test_people_whom_a_cause_met_lived_as_without_it_until_it_began() -> None:
    both = plan(CAUSES[0], CAUSES[3])
    tables = [events_of(run_company(each)) for each in (both, both.without(0), both.without(1))]
    before = [table.filter(pc.less(table["time"].cast(pa.int64()), START + 7 * DAY)) for table in tables]
    assert before[0].equals(before[1])
    assert before[0].equals(before[2])
    assert before[0].num_rows > 500


def test_no_step_is_without_outcome_channel_and_somebody(quiet: Run) -> None:
    events = events_of(quiet)
    steps = events.filter(pc.is_in(events["type"], pa.array([step.type for step in STEPS])))
    for column in ("outcome", "channel", "identifier", "service", "session", "latency_ms", "trace", "data"):
        assert steps[column].null_count == 0, column
    assert set(steps["outcome"].unique().to_pylist()) == {"ok", "fault", "refused", "mistake", "abandoned"}
    assert events.schema.equals(COLUMNS)


def test_an_event_has_one_identity_and_lies_within_the_run(quiet: Run) -> None:
    events = events_of(quiet)
    assert len(events.group_by(["source", "id"]).aggregate([])) == events.num_rows
    times = events["time"].cast(pa.int64()).to_numpy()
    assert START <= times.min() < times.max() < UNTIL
    assert (np.diff(times) >= 0).all()


def test_a_service_that_is_gone_leaves_no_event_behind() -> None:
    gone = CAUSES[4]
    events = events_of(run_company(plan(gone)))
    times = events["time"].cast(pa.int64())
    inside = pc.and_(pc.greater_equal(times, gone.begin), pc.less(times, gone.end))
    during = events.filter(inside)
    assert during.filter(pc.is_in(during["type"], pa.array([step.type for step in STEPS]))).num_rows == 0
    assert during.filter(pc.equal(during["type"], "contact.opened")).num_rows == 0


def test_a_company_that_is_closed_all_the_time_has_its_releases_alone() -> None:
    closed = run_company(plan(cause("total_outage", "channels", begin=START)))
    assert events_of(closed)["type"].unique().to_pylist() == ["deployment"]
    assert closed.walked.missed.all()


def test_a_bad_release_hurts_those_alone_who_have_it_on_their_phone() -> None:
    broken = cause("bad_release", "mobile-app", version="4.12.0", rate=0.9)
    both = plan(broken)
    runs = [events_of(run_company(each)) for each in (both, both.without(0))]
    faults = [table.filter(pc.equal(table["outcome"], "fault")) for table in runs]
    more = faults[0].num_rows - faults[1].num_rows
    hit = faults[0].filter(pc.equal(faults[0]["version"], "4.12.0"))
    assert more > 10
    assert hit.num_rows >= more
    made = runs[0].filter(pc.equal(runs[0]["type"], "deployment"))
    assert pc.sum(pc.equal(made["version"], "4.12.0")).as_py() == 1


def test_a_slow_evening_that_nobody_minds_moves_nobody() -> None:
    evening = cause("confounded_evening", "join", rate=0.0, factor=5.0)
    both = plan(evening)
    with_it, without = run_company(both), run_company(both.without(0))
    assert np.array_equal(with_it.walked.converted, without.walked.converted)
    assert with_it.walked.attempts.latency.sum() > without.walked.attempts.latency.sum()


def test_noise_makes_days_differ_more() -> None:
    def spread(noise: float) -> float:
        loud = Plan(seed=2, days=84, customers=2_000, until=UNTIL, noise=noise)
        days = (run_company(loud).intents.start - loud.start) // DAY
        return float(np.bincount(days)[:84].std())

    calm, usual, wild = (spread(noise) for noise in (0.0, 1.0, 3.0))
    assert calm < usual < wild


def test_the_company_has_what_it_says(quiet: Run) -> None:
    assert (len(SERVICES), len(COMPONENTS), len(STEPS)) == (6, 25, 12)
    events = events_of(quiet)
    texts = events["data"].drop_null().to_pylist()
    assert all(any(f'"language":"{word}"' in text for text in texts) for word in LANGUAGES)
    assert set(events["tier"].drop_null().unique().to_pylist()) == {"1", "2", "3"}


def test_the_company_imports_nothing_else_of_towpath() -> None:
    own = "towpath.site.demo.company"
    for file in Path(company.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                allowed = ("numpy", "pyarrow", "msgspec", own)
                outside = name.split(".")[0] in ("towpath", "django", "ninja", "duckdb", "scipy", "numba")
                assert not outside or name.startswith(allowed), f"{file.name}: {name}"
