"""YAML that a person wrote, read strictly, with the line and column of every value.

Refused: anchors and aliases (a few lines of them can unfold to gigabytes), tags, a key given twice, several
documents, control characters, and what is longer or nested deeper than such a document ever is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]
"""The keys and places (from 0) that lead from the whole document to one value."""

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?[eE][-+]?[0-9]+)", re.ASCII
)
_NOTHING = frozenset({"null", "Null", "NULL", "~", ""})
_TRUTH = {"true": True, "false": False}


class DocumentError(ValueError):
    """What is wrong with a document, where (line and column from 1), and what to do. `str` gives it in one
    line; `told` is that without the place."""

    def __init__(self, name: str, line: int, column: int, problem: str, remedy: str = "") -> None:
        self.told = f"{problem} {remedy}".rstrip()
        super().__init__(f"{name}, line {line}, column {column}: {self.told}")
        self.name, self.line, self.column = name, line, column
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True)
class Form:
    """How long (characters) and deep a kind of document may be at most, and how one begins, for remedies."""

    longest: int
    deepest: int
    begin: str


@dataclass(frozen=True)
class Place:
    """Where something begins; both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Scalar:
    """A single value: `written` is its text without quotes; `plain` says that it had none."""

    place: Place
    written: str
    plain: bool

    @property
    def value(self) -> str | int | float | bool | None:
        """What it means: quoted, it is text; for the others see `plain_value`."""
        return plain_value(self.written) if self.plain else self.written


@dataclass(frozen=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Node, ...]

    @property
    def value(self) -> list[Any]:
        return [item.value for item in self.items]


@dataclass(frozen=True)
class Pairs:
    """`key: value` pairs in the order written; `keys` tells where each key stands."""

    place: Place
    pairs: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def value(self) -> dict[str, Any]:
        return {key: node.value for key, node in self.pairs.items()}


Node: TypeAlias = Scalar | Items | Pairs


@dataclass(frozen=True)
class Document:
    """A document as it was written; `name` is what errors call it."""

    name: str
    root: Node

    @property
    def value(self) -> Any:
        """Dicts, lists, text, numbers, true and false, None (see `plain_value`)."""
        return self.root.value

    def error(self, path: Path, problem: str, remedy: str = "") -> DocumentError:
        """The error about the value at a path (at its key, if it has one), or the nearest one around it."""
        node, place = self.root, self.root.place
        for part in path:
            if isinstance(node, Pairs) and part in node.pairs:
                place, node = node.keys[str(part)], node.pairs[str(part)]
            elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
                place = node.place
            else:
                break
        return DocumentError(self.name, place.line, place.column, problem, remedy)


def read_document(text: str, name: str, form: Form) -> Document:
    """Read the one YAML document in `text`; `name` is what errors call it. Raises DocumentError."""
    if len(text) > form.longest:
        problem = f"The text has {len(text):,} characters, longer than {form.longest:,}."
        raise DocumentError(name, 1, 1, problem, "Is this the document, or the data itself?")
    try:
        return Document(name, _Reading(text, name, form).root())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = f"This is not YAML: {error.problem or error.context}."
        raise DocumentError(name, line, column, problem, "Mend the text there or just above.") from error
    except yaml.YAMLError as error:
        before = text[: getattr(error, "position", 0)].split("\n")
        problem = "This is not YAML: it holds a character that YAML does not allow."
        raise DocumentError(
            name, len(before), len(before[-1]) + 1, problem, "Save it as plain UTF-8 text."
        ) from error


def as_written(node: Node) -> Any:
    """Dicts, lists, and texts with the letters that were written (`-100`, `1.0`, `no`); None for nothing."""
    if isinstance(node, Pairs):
        return {key: as_written(value) for key, value in node.pairs.items()}
    if isinstance(node, Items):
        return [as_written(item) for item in node.items]
    return None if node.value is None and node.written != "" else node.written


def plain_value(text: str) -> str | int | float | bool | None:
    """What an unquoted word means: as in YAML 1.2's core schema, so that `no`, `on` and `12:30` stay text.

    Narrower than that where a file's values would be lost: `True` (as Python writes it), `007`, `0x1F`, a
    whole number of more than 18 digits and `.inf` stay text as well.
    """
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


class _Reading:
    """One pass over the parser's events: each is checked before anything is built from it."""

    def __init__(self, text: str, name: str, form: Form) -> None:
        self.name, self.form = name, form
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)

    def root(self) -> Node:
        found: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    raise self.error(event, "A second document begins here.", "Keep one to a file.")
                found = self.node(next(self.events), 1)
        if found is None or (isinstance(found, Scalar) and found.plain and not found.written):
            raise DocumentError(self.name, 1, 1, "The document is empty.", self.form.begin)
        return found

    def node(self, event: yaml.Event, depth: int) -> Node:
        self.refuse_tricks(event)
        place = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(place, event.value, event.style is None)
        if depth > self.form.deepest:
            problem = f"The text is nested deeper than {self.form.deepest} levels."
            raise self.error(event, problem, "Nothing that belongs here is.")
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(place, tuple(self.node(item, depth + 1) for item in self.until_end()))
        found = Pairs(place)
        for key in self.until_end():
            self.refuse_tricks(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise self.error(key, "A key is not a text.", "Write a plain name before the colon.")
            if key.value in found.keys:
                first = found.keys[key.value].line
                problem = f"`{key.value}` stands twice here (first on line {first})."
                raise self.error(key, problem, "Keep one of them.")
            found.keys[key.value] = _place(key)
            found.pairs[key.value] = self.node(next(self.events), depth + 1)
        return found

    def until_end(self) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self.events), yaml.CollectionEndEvent):
            yield event

    def refuse_tricks(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem = "Anchors and aliases (&, *) are not read."
            raise self.error(event, problem, "Write the value out.")
        if getattr(event, "tag", None) is not None:
            raise self.error(event, "Tags (!) are not read.", "Leave it out, or put the text in quotes.")

    def error(self, event: yaml.Event, problem: str, remedy: str) -> DocumentError:
        place = _place(event)
        return DocumentError(self.name, place.line, place.column, problem, remedy)


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
