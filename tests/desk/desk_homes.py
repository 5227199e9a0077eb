"""Real exports, imported by the mappings under examples/ into a home for a test."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from towpath.events import actions
from towpath.events.ingest import run_import
from towpath.foundation.access.actor import OPERATOR

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared/data"


def data(folder: str, name: str) -> Path:
    """A file of the real data; the test is skipped where the folder is not there."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is missing")
    return DATA / folder / name


def put_in(path: Path, mapping: str) -> None:
    """Import the file as `towpath import` does; `mapping` is a path below examples/."""
    text = (ROOT / "examples" / mapping).read_text(encoding="utf-8")
    draft = actions.draft_import(OPERATOR, path, path.name, mapping=text)
    done = run_import(actions.confirm_import(OPERATOR, draft, text))
    assert (done.error, done.refused) == ("", 0)


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def microseconds(moment: datetime) -> int:
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
