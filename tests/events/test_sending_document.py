"""docs/events.md says what the door does."""

from __future__ import annotations

import re
from pathlib import Path

from towpath.events.envelope import Outcome
from towpath.events.importers.chunks import MAX_RAW_BYTES
from towpath.events.receiving import MAX_BODY_BYTES
from towpath.events.receiving.attributes import NAMES
from towpath.events.receiving.parse import FORMS, MAX_EVENTS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def first_cells(heading: str) -> set[str]:
    """What stands in code in the first column of a section's table."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {
        name for row in re.findall(r"^\|([^|]*)\|", section, re.M) for name in re.findall(r"`([^`]+)`", row)
    }


def test_it_names_every_attribute_that_fills_a_column_and_no_other() -> None:
    assert first_cells("An event") == set(NAMES) - {"specversion", "datacontenttype"}
    assert all(f"`{outcome}`" in DOCUMENT for outcome in Outcome)


def test_it_names_only_content_types_that_are_taken_and_one_of_each_form() -> None:
    named = {name for name in first_cells("Forms") if "/" in name}
    assert named <= set(FORMS)
    assert {FORMS[name] for name in named} == set(FORMS.values())


def test_its_limits_are_those_of_the_code() -> None:
    limits = f"{MAX_BODY_BYTES // 1024**2} MB once unpacked and {MAX_EVENTS:,} events"
    assert limits in " ".join(DOCUMENT.split())
    assert f"an event {MAX_RAW_BYTES:,} bytes" in " ".join(DOCUMENT.split())
