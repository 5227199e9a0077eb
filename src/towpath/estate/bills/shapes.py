"""Shapes of documents that others wrote: what is missing, null or a number where a text belongs is no reason
to refuse the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from towpath.estate.bills.bill import Part

Shape = TypeVar("Shape")


class Lenient(msgspec.Struct):
    """Fields that are not named here are passed over."""


if TYPE_CHECKING:
    Text: TypeAlias = str
else:

    class Text(str):
        """A text, whatever stood there: a number is written out, null is none."""

        __slots__ = ()


def decode(body: bytes, shape: type[Shape]) -> Shape:
    """The document in this shape. Raises msgspec.DecodeError."""
    try:
        return msgspec.json.decode(body, type=shape, dec_hook=_as_text)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error


def _as_text(_kind: type, value: object) -> Text:
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"expected a text, got {type(value).__name__}")
    return Text("" if value is None else value)


class Refs(Lenient):
    ref: Text = Text()


def named(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts that have a name, and in words what was left out because it has none."""
    given = list(parts)
    found = tuple(part for part in given if part.name)
    lacking = len(given) - len(found)
    doubts = (f"{lacking} of its parts have no name and were left out.",) if lacking else ()
    return found, doubts
