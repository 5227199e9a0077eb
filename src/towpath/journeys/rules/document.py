"""YAML that a person wrote, read strictly and with the line of every value.

Plain words are read as in YAML 1.2's core schema (`no`, `on` and `12:30` stay text). Refused: anchors and
aliases (a few lines of them can unfold to gigabytes), tags, a key given twice, several documents.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

LARGEST = 1_000_000
DEEPEST = 20
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?[eE][-+]?[0-9]+)", re.ASCII
)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")}


class DocumentError(ValueError):
    """What is wrong with a document, where, and what to write instead. `str` gives it in one line."""

    def __init__(self, name: str, line: int, problem: str) -> None:
        super().__init__(f"{name}, line {line}: {problem}")
        self.name, self.line, self.problem = name, line, problem


@dataclass
class Document:
    """`value`: dicts, lists, text, numbers, true/false, None. `lines`: line (from 1) of the value at a
    path."""

    name: str
    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def error(self, path: Path, problem: str) -> DocumentError:
        """The error about the value at a path, or about the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return DocumentError(self.name, self.lines.get(path, 1), problem)


def read_document(text: str, name: str) -> Document:
    """Read one YAML document; `name` is the file as errors shall call it. Raises DocumentError."""
    if len(text) > LARGEST:
        raise DocumentError(name, 1, f"the document is longer than {LARGEST:,} characters")
    try:
        _refuse_tricks(text, name)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise DocumentError(name, line, f"this is not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DocumentError(name, 1, f"this is not YAML: {error}") from error
    if root is None:
        raise DocumentError(name, 1, "the document is empty")
    document = Document(name, None)
    document.value = _value(root, (), document)
    return document


def _refuse_tricks(text: str, name: str) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if documents > 1:
            raise DocumentError(name, line, "a second document begins here; keep one to a file")
        if depth > DEEPEST:
            raise DocumentError(name, line, f"the document is nested deeper than {DEEPEST} levels")
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise DocumentError(name, line, "anchors (&) and aliases (*) are not read; write the value out")


def _value(node: yaml.Node, path: Path, document: Document) -> Any:
    line = node.start_mark.line + 1
    document.lines.setdefault(path, line)
    if node.tag not in _PLAIN_TAGS:
        raise DocumentError(document.name, line, f"tags are not read; leave {node.tag} out")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), document) for place, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise DocumentError(document.name, line, "a key must be a word")
        if key.value in found:
            first = document.lines[(*path, key.value)]
            raise DocumentError(document.name, line, f"{key.value!r} is given twice (first in line {first})")
        document.lines[(*path, key.value)] = line
        found[key.value] = _value(value, (*path, key.value), document)
    return found


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text: str = node.value
    return text if getattr(node, "style", None) is not None else plain_value(text)


def plain_value(text: str) -> str | int | float | bool | None:
    """What an unquoted word means."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text
