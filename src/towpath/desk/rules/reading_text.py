"""A desk's reading: read from the text of a document, and written as one."""

from __future__ import annotations

import msgspec
import xxhash
import yaml

from towpath.desk.rules.reading import Reading
from towpath.desk.rules.reading_checks import problems
from towpath.foundation.operations.documents import Document, Form, read_document
from towpath.foundation.operations.shaping import in_words, shaped

FORM = Form(longest=200_000, deepest=8, begin="Begin with `state:` or `states:`.")


def read_reading(text: str, name: str) -> Reading:
    """The reading that a YAML text holds, with or without `desk:` above it; `name` is the file, for errors.
    Raises DocumentError with line and column."""
    document = read_document(text, name, FORM)
    pairs = getattr(document.root, "pairs", {})
    return reading_of(Document(name, pairs["desk"]) if list(pairs) == ["desk"] else document)


def reading_of(document: Document) -> Reading:
    """The reading that a section of a mapping holds. Raises DocumentError with line and column."""
    if document.value is None:
        return Reading()
    reading = shaped(document, Reading, written=True)
    for path, problem in problems(reading):
        raise document.error(path, in_words(path, problem))
    return reading


def write_reading(reading: Reading) -> str:
    """The YAML of a reading; reading it gives the same reading."""
    dumped: str = yaml.safe_dump(
        msgspec.to_builtins(reading), sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return dumped


def digest_of(reading: Reading) -> str:
    """Equal readings have equal digests. The order of states and patterns counts: the first that fits."""
    return xxhash.xxh3_128_hexdigest(msgspec.json.encode(reading))
