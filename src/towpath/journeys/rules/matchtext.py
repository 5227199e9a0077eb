"""A match as one line that a person types: event types, or YAML's flow style for all else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from towpath.foundation.operations.documents import DocumentError, Form, read_document

RULE = Form(longest=100_000, deepest=20, begin="Write an event type.")
PLAIN_TYPE = re.compile(r"[^\s,{}\[\]:#&*!|>'\"%@`][^,{}\[\]:#&!|>'\"%@`]*\*?")


def text_of(match: Mapping[str, Any]) -> str:
    """`{type: [A, B]}` is written "A, B"; every other match as YAML in one line. `match_of` reads it back."""
    types = match.get("type")
    if set(match) == {"type"}:
        named = [types] if isinstance(types, str) else types
        if isinstance(named, list | tuple) and all(_plain(name) for name in named):
            return ", ".join(named)
    line: str = yaml.safe_dump(dict(match), default_flow_style=True, allow_unicode=True, width=10_000)
    return line.strip()


def match_of(text: str) -> dict[str, Any]:
    """The match that the line means. Raises ValueError with what is wrong in it."""
    text = text.strip()
    if not text.startswith("{"):
        types = [part.strip() for part in text.split(",") if part.strip()]
        return {"type": types[0] if len(types) == 1 else types}
    try:
        value = read_document(text, "the rule", RULE).value
    except DocumentError as error:
        raise ValueError(error.told) from error
    if not isinstance(value, dict):
        raise ValueError("write {column: value}, such as {type: A_SENT, channel: web}")
    return value


def _plain(name: object) -> bool:
    return isinstance(name, str) and bool(PLAIN_TYPE.fullmatch(name)) and name == name.strip()
