"""What can be typed is documented."""

from __future__ import annotations

import re

from tree import ROOT

from towpath.site.cli import gather
from towpath.site.manual import manual


def test_the_list_of_commands_is_up_to_date(db: None) -> None:
    assert (ROOT / "docs/commands.md").read_text() == manual(gather()), "run: make snapshots"


def test_what_the_readme_tells_people_to_type_exists(db: None) -> None:
    known = manual(gather())
    typed = re.findall(
        r"^\s*(?:\.venv/bin/)?(towpath(?: [a-z][a-z-]*)+)", (ROOT / "README.md").read_text(), re.M
    )
    assert typed, "the README shows commands"
    missing = [line for line in typed if f"## {' '.join(line.split()[:2])}\n" not in known]
    assert missing == []


def test_every_make_target_explains_itself_and_those_of_the_docs_exist() -> None:
    rules = re.findall(r"^([a-z]+):(.*)$", (ROOT / "Makefile").read_text(), re.M)
    targets = {name for name, _ in rules}
    docs = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", docs, re.M)) - targets == set()
    assert [name for name, rest in rules if "##" not in rest] == []
