"""Rules of the house that a reader of the syntax can check."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/towpath"
DOORS = ("pages", "api", "jobs", "handlers", "commands")


EXEMPT = {
    "events/jobs.py": "reads its own import by the id that the job was given",
    "foundation/jobs/jobs.py": "sweeps its own tables, as nobody",
    "events/actions.py": "unfinished_import is a read that the same area's jobs share",
}
"""May only shrink: a test notices an exemption that is not needed any more."""


def modules(*names: str) -> list[Path]:
    """Files of that name, and all files in folders of that name, inside an area."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        inside = parts[2:] if parts[0] == "foundation" else parts[1:]
        if any(part in names for part in inside):
            found.append(path)
    return found


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def raw_reads(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            yield node.lineno


def called_names(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def unframed(tree: ast.Module, imported: set[str]) -> list[str]:
    """Public functions that neither open `writing(...)` nor hand on to one of this or another actions
    module."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    framed = {"writing"} | imported
    while True:
        more = {name for name, node in functions.items() if called_names(node) & framed} | framed
        if more == framed:
            break
        framed = more
    reads = ("_", "state_of", "note_")
    return [name for name in functions if name not in framed and not name.startswith(reads)]


def broken(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    return bool(list(raw_reads(tree)) if path in modules(*DOORS) else unframed(tree, imported_actions(tree)))


def imported_actions(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and ".actions" in (node.module or "")
        for alias in node.names
    }


def kept(*names: str) -> list[Path]:
    return [path for path in modules(*names) if named(path) not in EXEMPT]


def test_no_exemption_outlives_its_reason() -> None:
    assert [name for name in EXEMPT if not broken(SOURCE / name)] == []


@pytest.mark.parametrize("path", kept(*DOORS), ids=named)
def test_doors_get_records_through_the_gate_alone(path: Path) -> None:
    assert list(raw_reads(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize("path", kept("actions"), ids=named)
def test_every_action_is_framed_by_writing(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert unframed(tree, imported_actions(tree)) == []


def test_the_rules_see_what_breaks_them() -> None:
    assert list(raw_reads(ast.parse("def page(r):\n    return Person.objects.get(pk=1)"))) == [2]
    assert unframed(ast.parse("def close(actor):\n    person.delete()"), set()) == ["close"]
    framed = "def close(actor):\n    with writing(actor, 'x', Y) as write:\n        pass"
    assert unframed(ast.parse(framed), set()) == []
