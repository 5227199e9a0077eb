"""Advisories in the Open Source Vulnerability format 1.7 (https://ossf.github.io/osv-schema/), as far as
matching and telling need them."""

from __future__ import annotations

from typing import Any

import msgspec

from towpath.estate.advisories.refusing import AdvisoriesRefused
from towpath.estate.advisories.yaml_text import load_yaml

COMPARED = frozenset({"SEMVER", "ECOSYSTEM"})
"""Ranges of the third type, GIT, are over commits, which no component's version tells."""


class Event(msgspec.Struct, frozen=True):
    """One of the four is set."""

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""


class Range(msgspec.Struct, frozen=True):
    """Half open: affected from each `introduced` until the next `fixed`, or with `last_affected`."""

    type: str = ""
    events: list[Event] = []


class Package(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""


class Severity(msgspec.Struct, frozen=True):
    """`type` CVSS_V3 or the like, `score` its vector."""

    type: str = ""
    score: str = ""


class Affected(msgspec.Struct, frozen=True):
    """One package: its versions, named one by one, by ranges, or both."""

    package: Package | None = None
    ranges: list[Range] = []
    versions: list[str] = []
    severity: list[Severity] = []


class Advisory(msgspec.Struct, frozen=True):
    """`withdrawn`: when it was taken back, "" where it stands."""

    id: str
    modified: str = ""
    published: str = ""
    withdrawn: str = ""
    summary: str = ""
    details: str = ""
    aliases: list[str] = []
    upstream: list[str] = []
    severity: list[Severity] = []
    affected: list[Affected] = []
    database_specific: dict[str, Any] = {}

    @property
    def title(self) -> str:
        """The summary, else how the details begin."""
        return " ".join((self.summary or self.details[:1_000]).split())[:200]

    @property
    def names(self) -> tuple[str, ...]:
        """Its own identifier and all others by which it is known."""
        return tuple(dict.fromkeys((self.id, *self.aliases, *self.upstream)))


_DECODER = msgspec.json.Decoder(Advisory)


def read_advisory(name: str, body: bytes) -> Advisory:
    """From JSON, or YAML where the name ends so. Raises AdvisoriesRefused."""
    try:
        if name.endswith((".yaml", ".yml")):
            found = msgspec.convert(load_yaml(name, body), Advisory)
        else:
            found = _DECODER.decode(_without_nulls(body))
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        what = f"It is no advisory in the OSV format: {str(error).partition(chr(10))[0]}."
        raise AdvisoriesRefused(name, what, "Take it from the mirror again.") from error
    if not found.id:
        raise AdvisoriesRefused(name, "It has no `id`.", "Take it from the mirror again.")
    return found


def _without_nulls(body: bytes) -> bytes:
    """Some databases write null where a list or text is empty."""
    if b"null" not in body:
        return body
    return msgspec.json.encode(_dropped(msgspec.json.decode(body)))


def _dropped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dropped(each) for key, each in value.items() if each is not None}
    return [_dropped(each) for each in value] if isinstance(value, list) else value
