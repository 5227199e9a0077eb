"""Stories that are kept say what the files say, whatever came since, and go with whom they tell about."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from journey_events import JOURNEY, Row, event, put_in

from towpath.events.envelope import EVENT_SCHEMA, subject_key
from towpath.events.lake import Snapshot
from towpath.events.lake.log import Turn
from towpath.events.lake.moves import Moves
from towpath.events.store import lake
from towpath.foundation.operations import forgetting
from towpath.foundation.operations.home import Home
from towpath.journeys.measures import telling
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.joining import Joined, joined
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.rules.reading import read_journey

BY_CUSTOMER = JOURNEY.replace("follows: case", "follows: customer")
OF_THE_SHOP = BY_CUSTOMER.replace("follows", "sources: [shop]\nfollows")
COLUMNS = ("outcome", "latency_ms", "type")
Told = list[tuple[object, ...]]


@pytest.fixture(autouse=True)
def _all_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "KEPT_FROM", 0)


def rows_of(seed: int, hours: tuple[int, ...] = (0, 1, 1, 1, 700, 1500)) -> list[Row]:
    """Customers and some who name nobody, two sources, many equal times and places, three months."""
    chance = random.Random(seed)
    return [
        event(
            chance.choice(["basket", "pay", "delivered", "letter"]),
            None,
            chance.choice(hours),
            seq=chance.choice([1, 2]),
            identifier=chance.choice(["a", "b", "c", "d", None]),
            service=chance.choice(["web", None]),
            source=chance.choice(["shop", "app"]),
            outcome=chance.choice(["ok", "fault", None]),
            latency_ms=chance.choice([100.0, None]),
        )
        for _number in range(90)
    ]


def add_late(rows: list[Row]) -> None:
    with lake().writing() as tail:
        tail.append(Turn("inbox", lake().turns("inbox") + 1), pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))


def evidence(snapshot: Snapshot, text: str = BY_CUSTOMER) -> Evidence:
    return Evidence(plan_of(read_journey(text, "order.yaml"), 1), snapshot)


def shown(found: Joined) -> Told:
    """Event by event; what a plan does not recognise may have any code."""
    entity = np.repeat(found.entities, np.diff(found.starts)).tolist()
    columns = [found.columns[name].to_pylist() for name in COLUMNS]
    masks = found.masks[found.code].tolist()
    return list(zip(entity, found.time.tolist(), masks, found.tie.tolist(), *columns, strict=True))


def both(snapshot: Snapshot, text: str, most: int | None = 20) -> tuple[Told, Told]:
    """As kept stories tell it, and as the files do."""
    found = evidence(snapshot, text)
    kept, read = [], []
    for unit in found._units():
        kept += [
            row for part in telling.told(unit, found.plan, found._codes, COLUMNS, most) for row in shown(part)
        ]
        read += [row for part in joined(unit, found.plan, found._codes, COLUMNS) for row in shown(part)]
    return kept, read


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("text", [BY_CUSTOMER, OF_THE_SHOP])
def test_kept_stories_say_what_the_files_say(tmp_home: Home, seed: int, text: str) -> None:
    rows = rows_of(seed)
    put_in(rows[:60], "first")
    put_in(rows[60:], "second")
    for _again in range(2):
        kept, read = both(lake().snapshot(), text)
        assert kept == read
        assert any(row[3] for row in kept)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("hours", [(0, 1, 1, 700), (2, 3, 1_501, 1_501)])
def test_what_came_since_is_told_in_its_place(tmp_home: Home, seed: int, hours: tuple[int, ...]) -> None:
    put_in(rows_of(seed))
    both(lake().snapshot(), OF_THE_SHOP)
    late = rows_of(seed + 10, hours)
    add_late(late[:40])
    add_late([*late[40:], event("basket", None, 5, identifier="somebody new")])
    for text in (BY_CUSTOMER, OF_THE_SHOP):
        kept, read = both(lake().snapshot(), text)
        assert kept == read


@pytest.mark.parametrize("seed", range(3))
def test_those_who_turned_out_to_be_one_have_one_story(tmp_home: Home, seed: int) -> None:
    put_in(rows_of(seed))
    add_late(rows_of(seed + 10, (3, 4, 1_501)))
    own, other = (subject_key(f"customer:{name}") for name in "ab")
    moved = replace(lake().snapshot(), moves=Moves.of({own: other}, []))
    kept, read = both(moved, BY_CUSTOMER)
    assert kept == read
    assert own not in {row[0] for row in kept}


def test_a_lake_whose_events_name_nobody_has_no_stories(tmp_home: Home) -> None:
    put_in([event("basket", None, 1, service="web")])
    assert both(lake().snapshot(), BY_CUSTOMER) == ([], [])


def test_spoilt_stories_are_made_again_and_old_ones_go(tmp_home: Home) -> None:
    put_in(rows_of(1))
    before, _read = both(lake().snapshot(), BY_CUSTOMER)
    for kept in [each for each in (tmp_home.root / "stories").rglob("*") if each.is_file()]:
        kept.write_bytes(b"\x93NUMPY")
        assert both(lake().snapshot(), BY_CUSTOMER)[0] == before
    put_in([event("pay", None, 2, identifier="a")], "second")
    both(lake().snapshot(), BY_CUSTOMER)
    assert (
        len([*(tmp_home.root / "stories").glob("*/*")]) == len([*(tmp_home.root / "stories").glob("*")]) == 1
    )


def test_figures_come_without_a_place_to_keep_stories(tmp_home: Home) -> None:
    put_in(rows_of(1))
    (tmp_home.root / "stories").write_text("in the way")
    kept, read = both(lake().snapshot(), BY_CUSTOMER)
    assert kept == read


def test_who_is_forgotten_is_in_no_story(db: None, tmp_home: Home) -> None:
    put_in(rows_of(1))
    both(lake().snapshot(), BY_CUSTOMER)
    own = subject_key("customer:a")
    assert _keys_in(tmp_home.root / "stories") >= {own}
    person = forgetting.Person(("a",), frozenset({own}), datetime(2100, 1, 1, tzinfo=UTC))
    forgetting.erase_everywhere(person)
    assert not (tmp_home.root / "stories").exists() or own not in _keys_in(tmp_home.root / "stories")


def _keys_in(folder: Path) -> set[int]:
    return {int(key) for file in folder.rglob("entities.npy") for key in np.load(file)}
