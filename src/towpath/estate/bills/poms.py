"""Maven's pom.xml: what is required directly, with the versions that the file itself says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

_PROPERTY = re.compile(r"\$\{([^}]+)\}")
DEEPEST = 60


def read_pom(body: bytes) -> Iterator[tuple[str, str, str]]:
    """(groupId, artifactId, version) of each dependency whose version is known from this file. Raises
    ExpatError, ValueError for entities (an attack) and endless nesting."""
    reading = _Reading()
    reading.parser.Parse(body, True)
    properties = {**reading.properties, "project.version": reading.own.get("version", "")}
    for each in reading.found:
        group, name, version = (
            _PROPERTY.sub(lambda match: properties.get(match[1], match[0]), each.get(field, "")).strip()
            for field in ("groupId", "artifactId", "version")
        )
        if group and name and version and "${" not in version:
            yield group, name, version


class _Reading:
    """Collects dependencies and properties as expat walks."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text = ""
        self.found: list[dict[str, str]] = []
        self.properties: dict[str, str] = {}
        self.own: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = self.entity
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def entity(self, *_: object) -> None:
        raise ValueError("it declares entities: this can be an attack")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.path.append(name)
        self.text = ""
        if len(self.path) > DEEPEST:
            raise ValueError(f"it is nested deeper than {DEEPEST} levels")
        if name == "dependency":
            self.found.append({})

    def data(self, text: str) -> None:
        self.text = (self.text + text)[:1_000]

    def end(self, name: str) -> None:
        above = self.path[-2] if len(self.path) > 1 else ""
        if above == "dependency":
            self.found[-1][name] = self.text.strip()
        elif above == "properties":
            self.properties[name] = self.text.strip()
        elif above == "project":
            self.own[name] = self.text.strip()
        self.path.pop()
        self.text = ""
