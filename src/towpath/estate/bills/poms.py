"""Maven's pom.xml: what is required directly, with the versions that it, its parents and imported lists say,
as far as these lie in the checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.parsers import expat

_PROPERTY = re.compile(r"\$\{([^}]+)\}")
DEEPEST = 60
MOST_PARENTS = 20
MOST_LISTS = 100
LONGEST = 1_000
Named = tuple[str, str]
"""groupId, artifactId."""
Fields = Mapping[str, str]


def read_pom(body: bytes) -> Pom:
    """Raises ExpatError, ValueError for entities (an attack) and endless nesting."""
    reading = _Reading()
    reading.parser.Parse(body, True)
    return Pom(reading)


class Pom:
    """One file as it is written. `managed`: what its dependencyManagement says of those that name no version
    themselves; with scope `import`, a list of another file."""

    def __init__(self, reading: _Reading) -> None:
        self.required: Sequence[Fields] = reading.found
        self.managed: Sequence[Fields] = reading.managed
        self.properties: Fields = reading.properties
        self.own: Fields = reading.own
        self.parent: Fields = reading.parent

    @property
    def named(self) -> Named:
        return self.own.get("groupId") or self.parent.get("groupId", ""), self.own.get("artifactId", "")


def required(pom: Pom, others: Mapping[Named, Pom]) -> Iterator[tuple[str, str, str]]:
    """(groupId, artifactId, version) of each dependency whose version these files tell."""
    line = _lineage(pom, others)
    properties = _properties(line)
    managed = _managed(line, others, properties, {pom.named})
    for each in (each for one in reversed(line) for each in one.required):
        group, name, version = (
            _filled(each, field, properties) for field in ("groupId", "artifactId", "version")
        )
        version = version or managed.get((group, name), "")
        if group and name and version and "${" not in version:
            yield group, name, version


def _lineage(pom: Pom, others: Mapping[Named, Pom]) -> list[Pom]:
    """The file, its parent, that one's parent ...; a circle ends where it begins."""
    line = [pom]
    while len(line) <= MOST_PARENTS:
        parent = line[-1].parent
        above = others.get((parent.get("groupId", ""), parent.get("artifactId", "")))
        if above is None or above in line:
            break
        line.append(above)
    return line


def _properties(line: Sequence[Pom]) -> dict[str, str]:
    """The nearest file's word counts."""
    found: dict[str, str] = {}
    for each in reversed(line):
        found |= each.properties
    own = line[0]
    found["project.version"] = own.own.get("version") or own.parent.get("version", "")
    found["project.groupId"] = own.named[0]
    found["project.parent.version"] = own.parent.get("version", "")
    return found


def _managed(
    line: Sequence[Pom], others: Mapping[Named, Pom], properties: Fields, seen: set[Named]
) -> dict[Named, str]:
    """Versions by name; the nearest file's word counts, its own before an imported list's. `seen`: lists that
    are not looked at again, so that a circle of them ends."""
    found: dict[Named, str] = {}
    for pom in line:
        imported: list[Named] = []
        for each in pom.managed:
            group, name, version = (
                _filled(each, field, properties) for field in ("groupId", "artifactId", "version")
            )
            if each.get("scope") == "import":
                imported.append((group, name))
            elif version:
                found.setdefault((group, name), version)
        for named in imported:
            if (listed := others.get(named)) is not None and named not in seen and len(seen) < MOST_LISTS:
                seen.add(named)
                more = _lineage(listed, others)
                for key, version in _managed(more, others, _properties(more), seen).items():
                    found.setdefault(key, version)
    return found


def _filled(each: Fields, field: str, properties: Fields) -> str:
    """With properties put in, which may hold others."""
    text = each.get(field, "")
    for _time in range(5):
        if "${" not in text:
            break
        text = _PROPERTY.sub(lambda match: properties.get(match[1], match[0]), text)[:LONGEST]
    return text.strip()


class _Reading:
    """Collects dependencies and properties as expat walks."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text = ""
        self.found: list[dict[str, str]] = []
        self.managed: list[dict[str, str]] = []
        self.properties: dict[str, str] = {}
        self.own: dict[str, str] = {}
        self.parent: dict[str, str] = {}
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
            self.dependencies.append({})

    @property
    def dependencies(self) -> list[dict[str, str]]:
        return self.managed if "dependencyManagement" in self.path else self.found

    def data(self, text: str) -> None:
        self.text = (self.text + text)[:LONGEST]

    def end(self, name: str) -> None:
        above = self.path[-2] if len(self.path) > 1 else ""
        if above == "dependency":
            self.dependencies[-1][name] = self.text.strip()
        elif above == "properties":
            self.properties[name] = self.text.strip()
        elif self.path[:-1] == ["project"]:
            self.own[name] = self.text.strip()
        elif self.path[:-1] == ["project", "parent"]:
            self.parent[name] = self.text.strip()
        self.path.pop()
        self.text = ""
