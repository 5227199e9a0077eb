"""Events come in whole entities and in order, whatever lies in the lake; rules run once per set of files."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from journey_events import JOURNEY, START, Row, event, put_in

from towpath.events.envelope import EVENT_SCHEMA, case_key, subject_key
from towpath.events.lake.log import Turn
from towpath.events.nameless import nameless_events
from towpath.events.store import lake
from towpath.foundation.operations.home import Home
from towpath.journeys.measures import codes
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.rules.reading import read_journey

BY_CUSTOMER = JOURNEY.replace("follows: case", "follows: customer")


def evidence(text: str = JOURNEY) -> Evidence:
    return Evidence(plan_of(read_journey(text, "order.yaml"), 1), lake().snapshot())


def told(found: Evidence) -> list[tuple[int, int, str]]:
    """Entity, time and type of every event, entities sorted, their events as the batches give them."""
    rows: list[tuple[int, int, str]] = []
    for batch in found.batches(["type"]):
        types = batch.columns["type"].to_pylist()
        rows += zip(batch.sequences.entity.tolist(), batch.sequences.time.tolist(), types, strict=True)
    return sorted(rows, key=lambda row: row[0])


def random_rows(seed: int) -> list[Row]:
    """Cases that span customers, customers with several cases, many equal times and places, three months."""
    chance = random.Random(seed)
    return [
        event(
            f"t{number}",
            chance.choice(["c1", "c2", "c3", None]),
            chance.choice([0, 1, 1, 1, 700, 1500]),
            seq=chance.choice([1, 2]),
            identifier=chance.choice(["a", "b", None]),
            source=chance.choice(["shop", "app"]),
            id=f"{chance.random()}",
        )
        for number in range(60)
    ]


def expected(rows: list[Row], entity: str) -> list[tuple[int, int, str]]:
    ordered = sorted(rows, key=lambda row: (row["time"], row["seq"], row["source"], row["id"]))
    kept = [row for row in ordered if row[entity] is not None and (row["identifier"] or row["case"])]
    found = [(row[entity], int(row["time"].timestamp()) * 1_000_000, row["type"]) for row in kept]
    return sorted(found, key=lambda row: row[0])


@pytest.mark.parametrize("seed", range(5))
def test_each_entity_is_whole_and_in_the_order_of_events(tmp_home: Home, seed: int) -> None:
    rows = random_rows(seed)
    put_in(rows[:30], "first")
    put_in(rows[30:], "second")
    assert told(evidence()) == expected(rows, "case_key")
    assert told(evidence(BY_CUSTOMER)) == expected(rows, "key")


def test_only_the_sources_that_the_journey_names_count(tmp_home: Home) -> None:
    rows = random_rows(0)
    put_in(rows)
    shop = evidence(JOURNEY.replace("follows", "sources: [shop]\nfollows"))
    assert told(shop) == expected([row for row in rows if row["source"] == "shop"], "case_key")
    assert shop.as_of == max(row["time"] for row in rows if row["source"] == "shop")


def test_cases_without_customers_lie_under_their_own_key(tmp_home: Home) -> None:
    put_in([event("basket", "c1", 1), event("basket", None, 2, identifier="a")])
    assert told(evidence()) == [(case_key("shop", "c1"), told(evidence())[0][1], "basket")]
    assert {row[0] for row in told(evidence(BY_CUSTOMER))} == {
        case_key("shop", "c1"),
        subject_key("customer:a"),
    }


def test_rules_run_once_until_the_files_or_the_rules_change(
    shop: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    recognise = codes.recognise

    def counting(*given: Any) -> Any:
        ran.append(1)
        return recognise(*given)

    monkeypatch.setattr(codes, "recognise", counting)
    first = [batch.sequences.masks[batch.sequences.code] for batch in evidence().batches()]
    again = [batch.sequences.masks[batch.sequences.code] for batch in evidence().batches()]
    assert (len(ran), all(map(np.array_equal, first, again))) == (1, True)
    list(evidence(JOURNEY.replace("name: Pay,", "name: Pay up,")).batches())
    assert len(ran) == 1
    list(evidence(JOURNEY.replace("type: pay}", "type: paid}")).batches())
    assert len(ran) == 2
    put_in([event("pay", "o5", 4)], "second")
    list(evidence().batches())
    assert len(ran) == 3


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04 not an archive", b"\x93NUMPY"])
def test_codes_that_were_removed_or_spoilt_are_made_again(shop: Home, harm: bytes) -> None:
    before = told(evidence())
    (kept,) = Path(shop.root / "codes").rglob("*.npz")
    kept.write_bytes(harm)
    assert told(evidence()) == before
    kept.unlink()
    assert told(evidence()) == before
    assert kept.exists()


def test_as_of_is_that_of_the_sources_in_which_the_rules_recognise_something(tmp_home: Home) -> None:
    put_in(
        [
            event("basket", "c1", 1),
            event("pay", "c1", 5),
            event("reset password", "t1", 900, source="helpdesk"),
            event("basket", "c2", 20, source="app"),
        ]
    )
    found = evidence()
    assert found.as_of == START + timedelta(hours=20)
    named = evidence(JOURNEY.replace("window:", "sources: [shop]\nwindow:"))
    assert named.as_of == START + timedelta(hours=5)
    assert evidence(JOURNEY.replace("type: ", "type: no ")).as_of is None


def test_events_that_name_nobody_are_no_customer(tmp_home: Home) -> None:
    put_in(
        [
            event("basket", None, 1, identifier="anna", service="web"),
            event("basket", None, 2, service="web"),
            event("pay", None, 3, service="web"),
            event("basket", None, 4),
        ]
    )
    assert {entity for entity, _time, _type in told(evidence(BY_CUSTOMER))} == {subject_key("customer:anna")}


@pytest.mark.parametrize("seed", range(3))
def test_events_that_name_nobody_are_counted_in_body_and_tail(tmp_home: Home, seed: int) -> None:
    rows = random_rows(seed)
    rows += [row | {"id": f"blank {row['id']}", "identifier": "", "case": ""} for row in rows[:5]]
    put_in(rows[::2])
    with lake().writing() as tail:
        tail.append(Turn("inbox", 1), pa.Table.from_pylist(rows[1::2], schema=EVENT_SCHEMA))
    snapshot = lake().snapshot()
    assert {file.in_tail for file in snapshot.files} == {False, True}
    counted = snapshot.query(
        """select source, count(*) as events from events
        where coalesce(identifier, '') = '' and coalesce("case", '') = '' group by source"""
    )
    assert nameless_events(snapshot) == {each["source"]: each["events"] for each in counted.to_pylist()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("text", [JOURNEY, BY_CUSTOMER])
def test_it_does_not_matter_whether_events_came_in_files_or_over_http(
    tmp_home: Home, seed: int, text: str
) -> None:
    chance = random.Random(seed)
    types = ["basket", "pay", "pick_up", "delivered", "letter"]
    rows = [row | {"type": chance.choice(types)} for row in random_rows(seed)]
    put_in(rows[::2])
    recognised(evidence(text))  # so that codes of the body are kept
    for number, late in enumerate((rows[1::4], rows[3::4]), start=1):
        with lake().writing() as tail:
            tail.append(Turn("inbox", number), pa.Table.from_pylist(late, schema=EVENT_SCHEMA))
    assert told(evidence(text)) == expected(rows, "case_key" if text == JOURNEY else "key")
    mixed = recognised(evidence(text))
    assert {mask for kind, mask in mixed if kind == "letter"} <= {0}
    assert {mask for kind, mask in mixed if kind == "basket"} <= {1}
    lake().compact(force=True)
    assert not any(file.in_tail for file in lake().snapshot().files)
    assert recognised(evidence(text)) == mixed


def recognised(found: Evidence) -> list[tuple[str, int]]:
    """Type and mask of every event."""
    return sorted(
        (kind, int(batch.sequences.masks[code]))
        for batch in found.batches(["type"])
        for kind, code in zip(batch.columns["type"].to_pylist(), batch.sequences.code, strict=True)
    )
