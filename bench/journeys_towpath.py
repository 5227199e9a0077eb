"""The questions of `journeys.py`, asked of Towpath, from the lake's files to the figures.

    python bench/journeys_towpath.py QUESTION HOME [--runs 3]

Like `journeys_peers.py`: one process for one question; prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from journey_events import COMPONENT_OF, COMPONENTS, STEPS
from journeys_peers import Answer, Ask, edges, measured, reached, told_hourly, touched, varied

from towpath.analytics import first_touch, flow, funnel, variants
from towpath.events.lake import Lake
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.funnel import measure_funnel
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import funnel_spec, touch_spec_of
from towpath.journeys.rules.reading import read_journey

NEAR = "[web, app, phone, chat]"
HEAD = "key: purchase\nname: Purchase\nfollows: customer\nwindow: 7d\nsteps:\n"
PLAIN = HEAD + "".join(
    f"  - {{key: s{at}, name: Step {at}, match: {{type: {name}}}}}\n" for at, name in enumerate(STEPS)
)
RULED = HEAD + "".join(
    f"  - {{key: s{at}, name: Step {at}, match: {{type: {name}, channel: {NEAR}, "
    f"component: {COMPONENTS[COMPONENT_OF[at]]}}}}}\n"
    for at, name in enumerate(STEPS)
)
HOURLY = """
    select epoch_us(time) // 3600000000 as hour, type, quantile_cont(latency_ms, 0.5) as p50,
        quantile_cont(latency_ms, 0.95) as p95
    from events group by all
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("question")
    parser.add_argument("home", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    os.environ["TOWPATH_HOME"] = str(given.home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    import django

    django.setup()
    from towpath.analytics.warm import warm

    warm()  # as a server does when it starts
    sys.stdout.write(json.dumps(measured(questions(given.home)[given.question], given.runs)))


class Asked:
    """The questions to the lake of a home."""

    def __init__(self, home: Path) -> None:
        self._home, self.lake = home, Lake(home / "lake")
        self._plans = {text: plan_of(read_journey(text, "purchase.yaml"), 1) for text in (PLAIN, RULED)}
        self._spec, self._touch_spec = (
            of(self._plans[PLAIN], Selection()) for of in (funnel_spec, touch_spec_of)
        )

    def evidence(self, text: str = PLAIN) -> Evidence:
        return Evidence(self._plans[text], self.lake.snapshot())

    def along(self, text: str = PLAIN) -> Answer:
        found = self.evidence(text)
        as_of = found.as_of_us
        parts = found.each(lambda batch: funnel.finish(funnel.partial(batch.sequences, self._spec), as_of))
        return {"reached": [step.reached for step in funnel.total(parts).steps]}

    def ruled(self) -> Answer:
        """With nothing recognised yet."""
        shutil.rmtree(self._home / "codes" / self._plans[RULED].digest(), ignore_errors=True)
        return self.along(RULED)

    def touch(self) -> Answer:
        parts = self.evidence().each(
            lambda batch: first_touch.apart(first_touch.partial(batch.sequences, self._touch_spec))
        )
        steps = first_touch.finish(first_touch.merge_apart(parts), ()).steps
        return touched([(step.from_previous.count, step.from_previous.median_seconds) for step in steps])

    def follows(self) -> Answer:
        parts = self.evidence().each(lambda batch: flow.partial(batch.sequences))
        found = flow.finish(flow.merge(parts), ()).edges
        return edges(
            [(int(e.source[1:]), int(e.target[1:]), e.count, e.duration.median_seconds or 0.0) for e in found]
        )

    def ways(self) -> Answer:
        found = variants.merge(self.evidence().each(lambda batch: variants.partial(batch.sequences)))
        return varied(found.counts.tolist())

    def page(self) -> Answer:
        """All that the page of the funnel shows: also open, lost, completed, times, conversion."""
        figures = measure_funnel(self.evidence(), Selection()).figures()
        return {"reached": [step.reached for step in figures.steps]}


def questions(home: Path) -> dict[str, Ask]:
    asked = Asked(home)
    return {
        "scan": lambda: _scan(asked.evidence()),
        "funnel": asked.along,
        "ruled": asked.ruled,
        "ruled again": lambda: asked.along(RULED),
        "touch": asked.touch,
        "flow": asked.follows,
        "variants": asked.ways,
        "hourly": lambda: _hourly(asked.lake),
        "page": asked.page,
    }


def _scan(evidence: Any) -> Answer:
    """The three columns as Arrow reads them, all processors, the type by dictionary."""
    from towpath.analytics.kernels.blocks import in_threads

    def one(unit: Any) -> int:
        rows = 0
        for each in unit.slices(["key", "time", "type"], ["type"]):
            rows += len(each.table)
        return rows

    return {"rows": int(np.sum(in_threads(one, evidence._units())))}


def _hourly(lake: Any) -> Answer:
    table = lake.snapshot().query(HOURLY)
    rows = zip(table["hour"].to_pylist(), table["p50"].to_pylist(), table["p95"].to_pylist(), strict=True)
    return told_hourly(list(rows))


__all__ = ["main", "reached"]

if __name__ == "__main__":
    main()
