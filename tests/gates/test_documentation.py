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


def test_what_the_life_of_an_event_names_exists() -> None:
    """A file by the end of its path; a function, class or method that it calls by name."""
    text = (ROOT / "docs/life-of-an-event.md").read_text()
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.py")]
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", text))
    assert len(named) > 20, "the document names files"
    assert [name for name in sorted(named) if not any(file.endswith(f"/{name}") for file in files)] == []
    folders = re.findall(r"`((?:[a-z_]+/)+)`", text)
    assert [name for name in folders if not any(f"/{name}" in file for file in files)] == []
    code = "\n".join((ROOT / file).read_text() for file in files)
    called = set(re.findall(r"`(?:[A-Za-z_]+\.)?([A-Z][A-Za-z]+|[a-z]+_[a-z_]+|accept|append)`", text))
    fields = set(re.findall(r"^\| `([a-z_]+)`", text, re.M))
    assert len(called - fields) > 8, "the document names functions"
    defined = set(re.findall(r"^\s*(?:def|class) (\w+)", code, re.M))
    assert called - fields - defined - {"TOWPATH_HOME", "case_key"} == set()
