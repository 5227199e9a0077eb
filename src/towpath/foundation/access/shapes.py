"""The API's shapes, made from the typed records that queries return: one declaration for page, API and
`--json`."""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Any

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import create_model


@cache
def shape_of(record: type[msgspec.Struct]) -> type[Schema]:
    """The schema with the record's fields, for `response=` of an operation. Records inside it become
    schemas too."""
    hints = typing.get_type_hints(record)
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(record):
        required = field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT
        default = ... if required else None if field.default is msgspec.NODEFAULT else field.default
        fields[field.encode_name] = (_shaped(hints[field.name]), default)
    schema: type[Schema] = create_model(record.__name__, __base__=Schema, __doc__=record.__doc__, **fields)
    return schema


def shapes_of(record: type[msgspec.Struct]) -> Any:
    """A list of `shape_of(record)`."""
    return list[shape_of(record)]  # type: ignore[misc]


def answered(record: object, status: int = 200) -> HttpResponse:
    """The record, or the list of them, as the operation's answer: encoded as `--json` is, without a second
    model in between."""
    return HttpResponse(msgspec.json.encode(record), content_type="application/json", status=status)


def _shaped(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return shape_of(hint)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is None or not inside or origin is typing.Literal:
        return hint
    shaped = tuple(_shaped(part) for part in inside)
    if origin in (types.UnionType, typing.Union):
        return typing.Union[shaped]  # noqa: UP007  (made at run time)
    return origin[shaped]
