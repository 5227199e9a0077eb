"""Names that say nothing, and places that only this machine has, do not get into the tree."""

from __future__ import annotations

import re

import pytest
from tree import files, named

SAY_NOTHING = {"utils", "util", "common", "helpers", "misc", "extras"}

HOSTS = [
    ".".join(parts)
    for parts in [
        ("registry", "npmjs", "org"),
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("yarnpkg", "com"),
        ("debian", "org"),
        ("ubuntu", "com"),
    ]
]
FOLDERS = ["/".join(["", name, ""]) for name in ("work", "root")]


def test_no_module_is_named_after_nothing() -> None:
    parts = {(part.removesuffix(".py"), named(path)) for path in files() for part in path.parts}
    assert [where for part, where in parts if part in SAY_NOTHING and "towpath" in where] == []


@pytest.mark.parametrize("place", HOSTS + FOLDERS)
def test_no_file_names_a_registry_or_a_folder_of_one_machine(place: str) -> None:
    pattern = re.compile(r"(?<![\w.~])" + re.escape(place))
    found = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if pattern.search(text):
            found.append(named(path))
    assert found == []
