"""Files and functions stay small enough to be read at once (docs: CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from pathlib import Path

from tree import files, named

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40
COUNTED = {".py", ".html", ".css", ".js"}
EXEMPT: dict[str, int] = {}
"""Path, or path and function ("a.py::f"), to its present size. An entry may only shrink."""


def counted() -> list[Path]:
    return [path for path in files() if path.suffix in COUNTED and "migrations" not in path.parts]


def too_long(lines: int, name: str, most: int) -> bool:
    return lines > max(most, EXEMPT.get(name, 0))


def test_no_file_has_more_than_400_lines() -> None:
    sizes = {named(path): len(path.read_text().splitlines()) for path in counted()}
    assert {name: n for name, n in sizes.items() if too_long(n, name, MOST_LINES_OF_A_FILE)} == {}


def test_no_function_has_more_than_40_lines() -> None:
    found = {}
    for path in counted():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines, name = (node.end_lineno or 0) - node.lineno + 1, f"{named(path)}::{node.name}"
                if too_long(lines, name, MOST_LINES_OF_A_FUNCTION):
                    found[name] = lines
    assert found == {}


def test_no_exemption_is_left_that_is_not_needed() -> None:
    stale = [name for name in EXEMPT if not Path(name.split("::")[0]).exists()]
    assert stale == []
