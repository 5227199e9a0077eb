"""YAML that others wrote, read without what lets a small file fill the memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from towpath.estate.advisories.refusing import AdvisoriesRefused

_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Texts(_SAFE):  # type: ignore[misc]
    """Dates stay the text that they are."""


_Texts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in _SAFE.yaml_implicit_resolvers.items()
}


def load_yaml(name: str, body: bytes | str, *, dates: bool = False) -> Any:
    """The document's value; `dates`: as dates, else as texts. Raises AdvisoriesRefused, also where a part
    stands for another one (an alias): neither OSV nor endoflife.date writes that, and a bomb does."""
    return _loaded(name, body, lambda: yaml.load(body, Loader=_SAFE if dates else _Texts))  # noqa: S506 (safe loaders both)


def load_yaml_documents(name: str, body: str) -> list[Any]:
    """The values of all documents of a file. Raises as `load_yaml` does."""
    found: list[Any] = _loaded(name, body, lambda: list(yaml.load_all(body, Loader=_Texts)))
    return found


def _loaded(name: str, body: bytes | str, load: Callable[[], Any]) -> Any:
    anchor, alias = (b"&", b"*") if isinstance(body, bytes) else ("&", "*")
    try:
        if anchor in body and alias in body:  # type: ignore[operator]
            for event in yaml.parse(body, Loader=_SAFE):
                if isinstance(event, yaml.AliasEvent):
                    what = "A part of it stands for another one: this can be an attack."
                    raise AdvisoriesRefused(name, what, "Take it from the mirror again.")
        return load()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, AdvisoriesRefused):
            raise
        what = f"It is no YAML: {str(error).partition(chr(10))[0]}."
        raise AdvisoriesRefused(name, what, "Take it from the mirror again.") from error
