"""Further identifiers of a customer: all columns that have a value count, each value once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from file_reading import read, write

from towpath.events.mapping import CLOUDEVENTS, Mapping

MAPPING = """
source: lines
format: jsonl
events:
  time: at
  type: what
  identifier: {column: account, prefix: "account:"}
  identifiers: [{column: mail, prefix: "mail:"}, {column: phone, prefix: "phone:"}, also]
"""


def identifiers(folder: Path, mapping: Mapping | str = MAPPING, **row: object) -> object:
    row = {"at": "2026-05-01T10:00:00Z", "what": "pay", **row}
    (event,) = read(write(folder, json.dumps(row) + "\n", "data.jsonl"), mapping).events
    return event["identifiers"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"mail": "a@b.example", "phone": 31201}, ["mail:a@b.example", "phone:31201"]),
        ({"mail": "", "phone": "1"}, ["phone:1"]),
        ({"mail": ["a@b.example", "c@d.example", "a@b.example"]}, ["mail:a@b.example", "mail:c@d.example"]),
        ({"mail": '["a@b.example", "c@d.example"]'}, ["mail:a@b.example", "mail:c@d.example"]),
        ({"mail": "[not a list"}, ["mail:[not a list"]),
        ({"account": 7, "also": ["account:7", "device:x"]}, ["device:x"]),
    ],
)
def test_each_value_counts_once_and_never_the_one_that_was_served(
    tmp_path: Path, row: dict[str, object], expected: list[str]
) -> None:
    found = identifiers(tmp_path, **row)
    assert isinstance(found, str)
    assert json.loads(found) == expected


@pytest.mark.parametrize(
    "row", [{}, {"mail": None, "phone": ""}, {"also": []}, {"account": 7, "also": "account:7"}]
)
def test_without_any_there_is_no_value(tmp_path: Path, row: dict[str, object]) -> None:
    assert identifiers(tmp_path, **row) is None


def test_a_cloudevent_brings_its_own(tmp_path: Path) -> None:
    row = {
        "specversion": "1.0", "id": "1", "source": "till", "type": "pay", "time": "2026-05-01T10:00:00Z",
        "subject": "account:7", "identifiers": ["mail:a@b.example", "account:7"],
    }  # fmt: skip
    assert identifiers(tmp_path, CLOUDEVENTS, **row) == '["mail:a@b.example"]'
