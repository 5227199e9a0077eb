"""A document's values as a typed record; what does not fit is told with its line and column."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from towpath.foundation.operations.documents import Document, DocumentError, Path, as_written

_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`", re.DOTALL)
_WORDS = {"`str`": "text", "`int`": "a whole number", "`float`": "a number", "`bool`": "true or false",
          "`array`": "a list", "`object`": "key: value pairs", "`null`": "nothing"}  # fmt: skip
_STEP = re.compile(r"\.(?P<name>[A-Za-z_]+)|\[(?P<index>[0-9]+)\]")
Record = TypeVar("Record")


def shaped(document: Document, wanted: type[Record], *, written: bool = False) -> Record:
    """The document's values as a `wanted` (a msgspec Struct). Raises DocumentError about the first value that
    does not fit.

    `written`: what the record holds as text keeps the letters that were written (`-100`, `1.0`, `no`).
    """
    try:
        value = as_written(document.root) if written else document.value
        return msgspec.convert(value, wanted, strict=not written)
    except msgspec.ValidationError as error:
        raise _located(document, str(error)) from error


def in_words(path: Path, problem: str) -> str:
    """The problem with the place in words: "steps, number 2, match: ...\""""
    words = [f"number {part + 1}" if isinstance(part, int) else part for part in path]
    return f"{', '.join(words)}: {problem}" if words else problem


def _located(document: Document, message: str) -> DocumentError:
    found = _PLACE.fullmatch(message)
    problem, place = (found["problem"], found["place"] or "$") if found else (message, "$")
    path = _path(place)
    if unknown := _UNKNOWN.fullmatch(problem):
        field = unknown["field"]
        return document.error((*path, field), in_words(path, f"the field {field!r} is not known here"))
    for technical, plain in _WORDS.items():
        problem = problem.replace(technical, plain)
    return document.error(path, in_words(path, problem[:1].lower() + problem[1:]))


def _path(place: str) -> Path:
    return tuple(
        int(found["index"]) if found["index"] is not None else found["name"]
        for found in _STEP.finditer(place)
    )
