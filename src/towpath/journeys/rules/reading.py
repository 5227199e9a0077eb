"""A journey's YAML, read into its definition and written from it."""

from __future__ import annotations

import msgspec
import xxhash
import yaml

from towpath.foundation.operations.documents import Form, plain_value, read_document
from towpath.foundation.operations.shaping import in_words, shaped
from towpath.journeys.rules.checks import problems
from towpath.journeys.rules.definition import Definition

JOURNEY = Form(longest=1_000_000, deepest=20, begin="Begin with `key:` and `name:`.")


def read_journey(text: str, name: str) -> Definition:
    """The definition that a YAML text holds; `name` is the file, for errors. Raises DocumentError with the
    line."""
    document = read_document(text, name, JOURNEY)
    definition = shaped(document, Definition)
    for path, problem in problems(definition):
        raise document.error(path, in_words(path, problem))
    return definition


def problems_of(definition: Definition) -> list[str]:
    """Everything that is wrong with a definition, each with its place in words."""
    return [in_words(path, problem) for path, problem in problems(definition)]


def write_journey(definition: Definition) -> str:
    """The YAML of a definition; reading it gives the same definition."""
    body = msgspec.to_builtins(definition)
    first = ("key", "name", "description", "follows", "sources", "window")
    ordered = {key: body.pop(key) for key in first if key in body} | body
    dumped: str = yaml.dump(
        ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return dumped


def body_of(definition: Definition) -> dict[str, object]:
    """The definition as JSON, as a version stores it."""
    body: dict[str, object] = msgspec.to_builtins(definition)
    return body


def definition_of(body: object) -> Definition:
    """The definition that a version stored."""
    return msgspec.convert(body, Definition)


def digest_of(definition: Definition) -> str:
    """Equal definitions have equal digests, whatever the order of their fields."""
    return xxhash.xxh3_128_hexdigest(msgspec.json.encode(definition, order="deterministic"))


class _Dumper(yaml.SafeDumper):
    """Quotes whatever our own reader would not take for text."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None if plain_value(value) == value else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
