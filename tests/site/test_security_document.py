"""What `docs/security.md` names as proof is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text()
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
FILES = sorted(set(re.findall(r"`((?:src|deploy|docs|tests)/[^`:]*)`", TEXT)))


@pytest.mark.parametrize(("path", "name"), PROOFS, ids=lambda part: part.rpartition("/")[2])
def test_a_proof_is_a_test(path: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M)


def test_every_file_and_setting_that_it_names_exists() -> None:
    assert len(PROOFS) > 30
    assert [name for name in FILES if not (ROOT / name).exists()] == []
    code = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert [name for name in re.findall(r"TOWPATH_[A-Z_]*[A-Z]", TEXT) if name not in code] == []
