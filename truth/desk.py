"""Planted desk troubles against what a desk's analysis says, and the traps that it must refuse. See
docs/truth.md.

python truth/desk.py [--seeds 5]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from towpath.desk.measures.history import History

Seen = tuple[bool, bool, bool, bool, bool]
SCENARIO = Path(__file__).parents[1] / "examples/scenarios/desk.yaml"
UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
DAYS, CUSTOMERS = 84, 4_000
RESETS, LOOKALIKE = "password reset", "contract question"
LOOP = {"billing specialists", "metering specialists"}
BEFORE, LED, AFTER, TOPICS, DESKS = 40, 6, 16, 40, 200
"""Weeks, and topics, of desks of which the worst topic is chosen though nothing is done; and how many."""


def looked(seed: int, size: float) -> Seen:
    """Of one company: resets go to a lower level; the lookalike stays for its many ways; the loop is
    named; both are findings; and so is anything else."""
    from towpath.analytics.shifting import Assumed
    from towpath.desk.measures.candidates import candidates_of, desked
    from towpath.desk.measures.history import read_history
    from towpath.desk.measures.insights import Looking
    from towpath.desk.rules.reading_text import read_reading
    from towpath.events.lake import Lake, Staging
    from towpath.site.demo.company.landscape import DESK
    from towpath.site.demo.company.running import run_company
    from towpath.site.demo.company.tables import events_of
    from towpath.site.demo.filling import DESK_READING, enveloped
    from towpath.site.demo.scenario import Size, read_scenario

    asked = Size(seed=seed, days=DAYS, customers=CUSTOMERS, until=UNTIL, size=size)
    scenario = read_scenario(SCENARIO.read_text(encoding="utf-8"), SCENARIO.name, asked)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        lake.create()
        staging = Staging(Path(folder) / "staging", "desk")
        staging.append(enveloped(events_of(run_company(scenario.plan))).to_batches()[0])
        lake.absorb(staging)
        history = read_history(lake.snapshot(), DESK, read_reading(DESK_READING, "desk.yaml"))
    found = {each.topic: each.choice for each in candidates_of(desked(history, ()), Assumed())}
    loops = Looking(history).loops()
    parts = loops.parts if loops else ()
    most = max((part.tickets for part in parts), default=0)
    named = any(set(part.name.split(" ⇄ ")) == LOOP and part.tickets == most for part in parts)
    refused = found[LOOKALIKE].level == "stay" and "many_ways" in found[LOOKALIKE].why
    moved = found[RESETS].level in ("tier_1", "self_service")
    told = findings_of(history)
    meant = {f"topic={RESETS}", f"teams={' ⇄ '.join(sorted(LOOP))}"}
    return moved, refused, named, meant <= told, bool(told - meant)


def findings_of(history: History) -> set[str]:
    """What home would tell of this desk, by what each is about."""
    from zoneinfo import ZoneInfo

    from towpath.desk.measures.candidates import desked
    from towpath.desk.measures.costs import paths_of
    from towpath.desk.rules.rates import DEFAULT as RATES
    from towpath.improvement.measures.desks.choosing import desk_troubles
    from towpath.improvement.measures.desks.seen import DeskSeen
    from towpath.improvement.rules.harm import DEFAULT as HARM

    seen = DeskSeen("desk", desked(history, ()), paths_of(history, RATES), RATES, ZoneInfo("UTC"))
    return {trouble.culprit for trouble in desk_troubles([seen], HARM)}


def luck(seed: int) -> bool:
    """Whether an improvement is claimed of the topic that was worst just before, though nothing was done."""
    from towpath.analytics.placebo import When, measure

    draws = np.random.default_rng(seed)
    shape = (TOPICS, BEFORE + LED + AFTER)
    mean = np.exp(draws.uniform(2, 4, TOPICS))[:, None] * draws.gamma(3.0, 1 / 3.0, shape)
    counts = draws.poisson(mean)
    recent = counts[:, BEFORE : BEFORE + LED].mean(axis=1) / counts[:, :BEFORE].mean(axis=1)
    return measure(counts, 1, int(np.argmax(recent)), When(BEFORE, BEFORE + LED)).verdict == "fewer"


def table(planted: Sequence[Seen], quiet: Sequence[Seen], lucky: Sequence[bool]) -> str:
    """All figures."""
    from figures import share

    rows: tuple[tuple[str, Iterable[bool], str], ...] = (
        ("resets for want of knowledge: a lower level is recommended", (each[0] for each in planted), "95 %"),
        ("a topic that only looks repetitive is refused", (each[1] for each in planted), "95 %"),
        ("the loop is named, and no pair of teams has more of it", (each[2] for each in planted), "95 %"),
        ("both are findings", (each[3] for each in planted), "95 %"),
        ("anything else of the desk is a finding", (each[4] for each in planted), "under 5 %"),
        ("resets move though nothing is planted", (each[0] for each in quiet), "under 5 %"),
        ("with nothing planted, anything is a finding", (each[3] or each[4] for each in quiet), "under 5 %"),
        ("regression to the mean is taken for an effect", lucky, "under 5 %"),
    )
    lines = ["| the desk's troubles | measured | aim |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {share(outcomes)} | {aim} |" for name, outcomes, aim in rows)])


def main() -> None:
    """Invent, look, print the table."""
    parser = argparse.ArgumentParser(description="How right the desk's analysis is.")
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as home:
        os.environ["TOWPATH_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
        import django

        django.setup()
        planted = [looked(seed, 1.0) for seed in range(1, seeds + 1)]
        quiet = [looked(seed, 0.0) for seed in range(1, seeds + 1)]
        lucky = [luck(seed) for seed in range(DESKS)]
    sys.stdout.write(table(planted, quiet, lucky) + "\n")


if __name__ == "__main__":
    main()
