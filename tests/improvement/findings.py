"""Believable findings as a look leaves them, and a lake in which one customer's day was ruined."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

sys.path.append(str(Path(__file__).parents[1] / "journeys"))

from journey_events import Row, event, put_in

from towpath.events.envelope import subject_key
from towpath.foundation.access.actor import OPERATOR
from towpath.improvement.models import Finding, FindingStep
from towpath.improvement.rules.causes import CauseKey, Family
from towpath.improvement.schemas.findings import (
    Cost,
    Detected,
    Estimate,
    Moment,
    Onset,
    Signal,
    Together,
    Where,
)
from towpath.journeys.actions import apply_journey

DAY = date(2024, 3, 13)
SIX = datetime(2024, 3, 13, 18, 4, tzinfo=UTC)
"""When Anna's payment failed."""
ANNA = "mail:anna@shop.example"
ANNA_KEY = subject_key("customer:" + ANNA)
RELEASED = datetime(2024, 3, 13, 9, 40, tzinfo=UTC)
JOURNEY = """\
key: pay-a-bill
name: Pay a bill
follows: customer
window: 10d
steps:
  - {key: open, name: Open the bill, match: {type: bill.opened}}
  - {key: card, name: Pay by card, match: {type: bill.paid}, target: 1s}
"""


SIGNALS = (
    Signal("more_than_before", Estimate(2_050.0, 1_900.0, 2_200.0), 0.0001, "version=4.12.0"),
    Signal("more_than_elsewhere", Estimate(1_990.0, 1_800.0, 2_150.0), 0.002, ""),
)


def key_of(culprit: str = "change=app 4.12.0", family: Family = Family.FAULT) -> CauseKey:
    return CauseKey("pay-a-bill", "card", culprit, family)


def detected(culprit: str = "change=app 4.12.0", family: Family = Family.FAULT, **changed: Any) -> Detected:
    """What the detectors found at paying by card."""
    kind, _, name = culprit.partition("=")
    where = Where(
        journey="pay-a-bill",
        journey_name="Pay a bill",
        step="card",
        step_name="Pay by card",
        service="payments",
        component=name if kind == "component" else "",
        change=name if kind == "change" else "",
        segment={kind: name} if kind in {"channel", "device"} else {},
        hours=(18, 22) if kind == "hours" else None,
    )
    record = Detected(
        journey="pay-a-bill",
        step="card",
        culprit=culprit,
        family=family.value,
        kinds=(family.value,),
        where=where,
        last_day=DAY,
        met=2_310,
        beyond=Estimate(1_980.0, 1_820.0, 2_140.0),
        touched=2_400.0,
        share=2_350.0,
        alone=2_300.0,
        ruined_days=Estimate(2_050.0, 1_900.0, 2_200.0),
        cost=Cost(31_000.0, 10_200.0, None, "EUR"),
        since=Onset(DAY, date(2024, 3, 12), DAY),
        cause=None,
        level="remove_cause",
        first_step="roll_back" if kind == "change" else "mend_component",
        score=3_080.0,
        weeks=(*[40.0] * 11, 2_350.0),
        together=(Together("release", "app 4.12.0", RELEASED),),
        moments=(Moment(str(ANNA_KEY), DAY, SIX, "shop", "failed"),),
        signals=SIGNALS,
    )
    return msgspec.structs.replace(record, **changed)


def put(culprit: str = "change=app 4.12.0", family: Family = Family.FAULT, **row: Any) -> Finding:
    """A row as the engine writes it. `found`: what is other about the evidence."""
    found = detected(culprit, family, **row.pop("found", {}))
    key = key_of(culprit, family)
    usual = {"score": found.score, "grave": found.grave, "first_seen": RELEASED, "last_seen": SIX}
    made = Finding.objects.create(
        digest=key.digest, key=key.text, detected=msgspec.to_builtins(found), **(usual | row)
    )
    FindingStep.objects.create(finding=made, at=made.first_seen, state="open", by="towpath")
    return made


def _paid(hours: float, who: str, version: str, outcome: str, **given: Any) -> Row:
    more = {"service": "payments", "component": "app", "version": version, "channel": "app", **given}
    return event("bill.paid", None, hours, identifier=who, outcome=outcome, **more)


def put_ruined_day() -> None:
    """Anna's payment fails twice in the evening and she writes next morning; others in that hour fare well in
    all versions but hers, as they did the week before."""
    start = datetime(2024, 3, 1, 8, tzinfo=UTC)
    six = (SIX - start) / timedelta(hours=1)
    rows = [
        event("deployment", None, (RELEASED - start) / timedelta(hours=1), component="app", version="4.12.0"),
        event("bill.opened", None, six - 0.03, identifier=ANNA, channel="app"),
        _paid(six, ANNA, "4.12.0", "fault", id="failed"),
        _paid(six + 0.03, ANNA, "4.12.0", "fault"),
        event("contact.chat", None, six + 14.5, identifier=ANNA, channel="chat", team="desk"),
        event("bill.opened", None, six + 60, identifier=ANNA, channel="web"),
    ]
    for day in range(8):
        rows += [
            _paid(six - 24 * day + 0.001 * i, f"account:{day}-{i}", "4.11.0", "ok" if i else "fault")
            for i in range(60)
        ]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "pay-a-bill.yaml")
