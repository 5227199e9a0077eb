"""Planted causes against what is found, over scenarios, effect sizes, noise and seeds. See docs/truth.md.

python truth/run.py [--scenarios FOLDER] [--seeds 3] [--seed 1] [--quick] [--processes 2] [--json FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from figures import Case, Told, table

if TYPE_CHECKING:
    from towpath.improvement.schemas.findings import Detected
    from towpath.site.demo.company.running import Run

OWN = Path(__file__).parent / "scenarios"
UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
SIZES, NOISES = (0.5, 1.0, 1.5, 2.0), (0.5, 1.0, 2.0)
DAYS, CUSTOMERS = 70, 3_000
MORE_HARMLESS = 3


class Job(msgspec.Struct, frozen=True):
    """One run to make."""

    file: str
    seed: int
    size: float
    noise: float
    customers: int


def run(job: Job) -> Case:
    """Invent, absorb, look, and hold it against the truth."""
    from matching import ON_THE_LIST, holds, matches, names_trap

    from towpath.site.demo.company.running import run_company
    from towpath.site.demo.definitions import definitions
    from towpath.site.demo.scenario import Size, read_scenario
    from towpath.site.demo.truth import truth_of

    begun = time.monotonic()
    file = Path(job.file)
    size = Size(
        seed=job.seed, days=DAYS, customers=job.customers, until=UNTIL, size=job.size, noise=job.noise
    )
    scenario = read_scenario(file.read_text(encoding="utf-8"), file.name, size)
    company = run_company(scenario.plan)
    truth = truth_of(scenario, definitions(), company)
    found = _look(company)
    told = []
    for cause in truth.causes:
        if cause.trap or cause.symptom not in ON_THE_LIST:
            continue
        mine = [place for place, each in enumerate(found, 1) if matches(each, cause)]
        held = holds([found[place - 1] for place in mine], cause)
        told.append(Told(f"{cause.kind} {cause.target}", mine[0] if mine else None, held, cause.effect))
    traps = [cause for cause in truth.causes if cause.trap]
    return Case(
        scenario=file.stem, seed=job.seed, size=job.size, noise=job.noise, causes=tuple(told),
        planted=len(truth.causes), traps=len(traps),
        trapped=any(names_trap(each, trap) for each in found for trap in traps),
        findings=tuple(_line(each) for each in found), took_s=round(time.monotonic() - begun, 2),
    )  # fmt: skip


def _look(company: Run) -> tuple[Detected, ...]:
    from towpath.events.lake import Lake, Staging
    from towpath.improvement.measures.looking import look
    from towpath.improvement.rules.harm import Harm
    from towpath.improvement.rules.pricing import Prices
    from towpath.journeys.measures.plan import plan_of
    from towpath.site.demo.company.tables import events_of
    from towpath.site.demo.definitions import definitions
    from towpath.site.demo.filling import enveloped

    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        lake.create()
        staging = Staging(Path(folder) / "staging", "company")
        for batch in enveloped(events_of(company), joined=True).to_batches(max_chunksize=200_000):
            staging.append(batch)
        lake.absorb(staging)
        plans = [plan_of(each, 1) for each in definitions().values()]
        now = UNTIL + timedelta(minutes=5)
        seen = look(lake.snapshot(), plans, now, zone=ZoneInfo("UTC"), harm=Harm(), prices=Prices())
        return seen.findings


def _line(found: Detected) -> str:
    since = found.since.day if found.since else "no onset"
    days = found.ruined_days
    return (
        f"{found.journey}.{found.step} {found.family} [{found.culprit}] since {since}, "
        f"ruined {days.value:.0f} ({days.low:.0f} to {days.high:.0f}), beyond {found.beyond.value:.0f} "
        f"({found.beyond.low:.0f} to {found.beyond.high:.0f})"
    )


def jobs(folder: Path, seeds: int, first: int = 1, *, quick: bool = False) -> Iterator[Job]:
    """What to run: seeds first, so that what is stopped early has seen all scenarios."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise SystemExit(f"There is no scenario in {folder}. Write one: docs/scenarios.md says how.")
    if quick:
        yield from (Job(str(file), 1, 2.0, 1.0, 600) for file in files)
        return
    number = first - 1
    for _seed in range(seeds):
        for file in files:
            # Every run has random numbers of its own: the intervals take them for independent.
            sizes = (1.0,) * MORE_HARMLESS if _harmless(file) else SIZES
            for size, noise in product(sizes, NOISES):
                number += 1
                yield Job(str(file), number, size, noise, CUSTOMERS)


def _harmless(file: Path) -> bool:
    from towpath.site.demo.company.plan import TRAPS
    from towpath.site.demo.scenario import Size, read_scenario

    size = Size(seed=1, days=DAYS, customers=100, until=UNTIL)
    causes = read_scenario(file.read_text(encoding="utf-8"), file.name, size).plan.causes
    return all(cause.kind in TRAPS for cause in causes)


def _begin(home: str) -> None:
    os.environ["TOWPATH_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
    import django

    django.setup()


def main() -> None:
    """Run all of them, and print the table."""
    parser = argparse.ArgumentParser(description="How right the findings are.")
    parser.add_argument("--scenarios", type=Path, default=OWN)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1, help="the first run's; others follow")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="one small run of each: does it work?")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as home:
        _begin(home)
        todo = list(jobs(given.scenarios, given.seeds, given.seed, quick=given.quick))
        spawning = get_context("spawn")
        with ProcessPoolExecutor(given.processes, spawning, initializer=_begin, initargs=(home,)) as pool:
            for done in as_completed([pool.submit(run, job) for job in todo]):
                cases.append(done.result())
                if given.json:
                    given.json.write_bytes(msgspec.json.format(msgspec.json.encode(cases), indent=1) + b"\n")
    sys.stdout.write(table(cases) + "\n")


if __name__ == "__main__":
    main()
