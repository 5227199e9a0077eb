"""Reading the text of a mapping, with the line and column of whatever is wrong in it.

Scalars are taken as written (`no`, `-100` and `1.0` are texts, not a truth value or numbers), except `null`.
Anchors, aliases and tags are refused: a mapping needs none, and a few lines of them can fill a memory.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterable
from datetime import date
from typing import NoReturn, cast
from zoneinfo import available_timezones

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from towpath.events.mapping import (
    EVENT_FIELDS,
    FORMATS,
    MILLISECONDS,
    REQUIRED_FIELDS,
    CsvForm,
    Data,
    Mapping,
    MappingError,
    Pick,
    TimeForm,
)
from towpath.events.times import FormatError, compile_format

MAX_CHARACTERS = 200_000
MAX_DEPTH = 12
TOP_KEYS = ("source", "format", "csv", "missing", "times", "events", "data")
PICK_KEYS = ("column", "constant", "map", "otherwise", "prefix", "unit")


def load_mapping(text: str, name: str) -> Mapping:
    """The mapping that `text` describes; `name` is the file's name, for errors. Raises `MappingError`."""
    return _Reading(name).mapping(_compose(text, name))


def _compose(text: str, name: str) -> Node:
    if len(text) > MAX_CHARACTERS:
        what = f"The text has {len(text):,} characters; a mapping has at most {MAX_CHARACTERS:,}."
        raise MappingError(name, 1, 1, what, "Is this the mapping, or the data itself?")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            mark = cast(yaml.Mark, event.start_mark)
            tagged = getattr(event, "tag", None) is not None
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or tagged:
                what = "Anchors, aliases and tags (&, *, !) are not allowed in a mapping."
                raise MappingError(name, mark.line + 1, mark.column + 1, what, "Write the value out.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                what = f"The text is nested deeper than {MAX_DEPTH} levels."
                raise MappingError(name, mark.line + 1, mark.column + 1, what, "A mapping needs three.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        line, column = (place.line + 1, place.column + 1) if place else (1, 1)
        what = f"This is not YAML: {error.problem or error.context}."
        raise MappingError(name, line, column, what, "Mend the text there or just above.") from error
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        what = "This is not YAML: it holds a character that YAML does not allow."
        raise MappingError(name, line, 1, what, "Save it as plain UTF-8 text.") from error
    if node is None:
        raise MappingError(name, 1, 1, "The mapping is empty.", "Begin with `source:` and `format:`.")
    return node


class _Reading:
    """One walk over the nodes of a mapping's text; `file` names it in errors."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, node: Node, what: str, remedy: str) -> NoReturn:
        mark = node.start_mark
        raise MappingError(self.file, mark.line + 1, mark.column + 1, what, remedy)

    def pairs(self, node: Node, where: str) -> dict[str, tuple[Node, Node]]:
        if not isinstance(node, MappingNode):
            self.fail(node, f"{where} must be `key: value` pairs.", "Write one pair a line, indented alike.")
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.fail(key, f"A key of {where} is not a text.", "Write a plain name before the colon.")
            if key.value in found:
                first = found[key.value][0].start_mark.line + 1
                self.fail(
                    key,
                    f"`{key.value}` stands twice in {where} (first on line {first}).",
                    "Keep one of them.",
                )
            found[key.value] = (key, value)
        return found

    def known(self, node: Node, where: str, allowed: Iterable[str]) -> dict[str, Node]:
        names = tuple(allowed)
        found = self.pairs(node, where)
        for name, (key, _) in found.items():
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                remedy = f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(names)}."
                self.fail(key, f"`{name}` is not known in {where}.", remedy)
        return {name: value for name, (_, value) in found.items()}

    def optional_text(self, node: Node, where: str) -> str | None:
        if not isinstance(node, ScalarNode):
            self.fail(node, f"{where} must be a single text.", "Write it on the same line, without a list.")
        return None if node.tag == "tag:yaml.org,2002:null" and node.value != "" else str(node.value)

    def text(self, node: Node, where: str) -> str:
        found = self.optional_text(node, where)
        if not found:
            self.fail(node, f"{where} is empty.", "Write a value after the colon, or leave the line out.")
        return found

    def texts(self, node: Node, where: str) -> tuple[str, ...]:
        if not isinstance(node, SequenceNode):
            self.fail(node, f"{where} must be a list.", "Write it as [one, two].")
        return tuple(self.optional_text(item, f"An item of {where}") or "" for item in node.value)

    def choice(self, node: Node, where: str, allowed: Iterable[str]) -> str:
        found = self.text(node, where)
        names = tuple(allowed)
        if found not in names:
            self.fail(node, f"{where} is `{found}`.", f"It must be one of: {', '.join(names)}.")
        return found

    def mapping(self, node: Node) -> Mapping:
        top = self.known(node, "the mapping", TOP_KEYS)
        for name in ("source", "format", "events"):
            if name not in top:
                self.fail(node, f"`{name}:` is missing.", "Every mapping has source, format and events.")
        formats = {name: name for name in FORMATS}
        form = formats[self.choice(top["format"], "`format`", FORMATS)]  # type: ignore[index]
        if "csv" in top and form != "csv":
            self.fail(top["csv"], f"`csv:` is set, but the format is {form}.", "Leave one of both out.")
        return Mapping(
            source=self.text(top["source"], "`source`"),
            format=form,
            csv=self.csv_form(top["csv"]) if "csv" in top else CsvForm(),
            missing=self.texts(top["missing"], "`missing`") if "missing" in top else ("",),
            times=self.time_form(top["times"]) if "times" in top else TimeForm(),
            events=self.events(top["events"]),
            data=self.data(top["data"]) if "data" in top else "rest",
        )

    def csv_form(self, node: Node) -> CsvForm:
        found = self.known(node, "`csv`", ("delimiter", "encoding", "quote"))
        marks = {"delimiter": ",", "quote": '"'}
        for name in tuple(marks):
            if name in found:
                marks[name] = self.text(found[name], f"`{name}`").replace("\\t", "\t")
                if len(marks[name]) != 1 or marks[name] in "\r\n\0":
                    self.fail(found[name], f"`{name}` must be one character.", 'For a tab write "\\t".')
        encoding = self.text(found["encoding"], "`encoding`") if "encoding" in found else "utf-8"
        try:
            known = codecs.lookup(encoding)
        except (LookupError, ValueError):
            known = None
        if known is None or not known._is_text_encoding:
            remedy = "Usual ones: utf-8, cp1252 (Windows, western Europe), utf-16."
            self.fail(found["encoding"], f"No encoding is called `{encoding}`.", remedy)
        return CsvForm(marks["delimiter"], encoding, marks["quote"])

    def time_form(self, node: Node) -> TimeForm:
        found = self.known(node, "`times`", ("zone", "formats", "earliest"))
        plain = TimeForm()
        zone = self.text(found["zone"], "`zone`") if "zone" in found else plain.zone
        if zone not in available_timezones():
            near = difflib.get_close_matches(zone, available_timezones(), n=1)
            remedy = f"Did you mean `{near[0]}`?" if near else "Write it like Europe/Amsterdam or UTC."
            self.fail(found["zone"], f"No time zone is called `{zone}`.", remedy)
        formats = self.time_formats(found["formats"]) if "formats" in found else plain.formats
        earliest = plain.earliest
        if "earliest" in found:
            try:
                earliest = date.fromisoformat(self.text(found["earliest"], "`earliest`"))
            except ValueError:
                self.fail(found["earliest"], "`earliest` is not a day.", "Write it like 1990-01-01.")
        return TimeForm(zone, formats, earliest)

    def time_formats(self, node: Node) -> tuple[str, ...]:
        formats = self.texts(node, "`formats`")
        if not formats:
            self.fail(node, "`formats` is empty.", "Leave it out for ISO 8601, or write [iso].")
        assert isinstance(node, SequenceNode)  # noqa: S101 (texts() has refused the others)
        for item, each in zip(node.value, formats, strict=True):
            try:
                compile_format(each)
            except FormatError as error:
                self.fail(item, f"`{each}` is not a time format: {error}.", "Example: %d/%m/%Y %H:%M.")
        return formats

    def events(self, node: Node) -> dict[str, tuple[Pick, ...]]:
        found = self.known(node, "`events`", EVENT_FIELDS)
        for name in REQUIRED_FIELDS:
            if name not in found:
                self.fail(node, f"`{name}:` is missing in `events`.", "Say which column holds it.")
        return {name: self.picks(name, value) for name, value in found.items()}

    def picks(self, name: str, node: Node) -> tuple[Pick, ...]:
        if isinstance(node, SequenceNode):
            if not node.value:
                self.fail(node, f"The list of `{name}` is empty.", "Name a column, or leave the field out.")
            return tuple(self.pick(name, item) for item in node.value)
        return (self.pick(name, node),)

    def pick(self, name: str, node: Node) -> Pick:
        if isinstance(node, ScalarNode):
            return Pick(column=self.text(node, f"`{name}`"))
        found = self.known(node, f"`{name}`", PICK_KEYS)
        if ("column" in found) == ("constant" in found):
            self.fail(node, f"`{name}` needs either a column or a constant.", "Write {column: ...}.")
        if "constant" in found and name in ("time", "seq", "id"):
            self.fail(found["constant"], f"`{name}` cannot be the same for all rows.", "Name its column.")
        if "unit" in found and name != "latency_ms":
            self.fail(found["unit"], f"`{name}` has no unit.", "Only latency_ms is converted.")
        if "prefix" in found and name in ("time", "seq", "latency_ms", "value", "outcome"):
            self.fail(found["prefix"], f"`{name}` takes no prefix.", "Only names do.")
        return Pick(
            column=self.text(found["column"], "`column`") if "column" in found else None,
            constant=self.text(found["constant"], "`constant`") if "constant" in found else None,
            map=self.map(found["map"]) if "map" in found else None,
            otherwise=self.optional_text(found["otherwise"], "`otherwise`") if "otherwise" in found else None,
            has_otherwise="otherwise" in found,
            prefix=self.text(found["prefix"], "`prefix`") if "prefix" in found else "",
            unit=self.choice(found["unit"], "`unit`", MILLISECONDS) if "unit" in found else None,
        )

    def map(self, node: Node) -> dict[str, str | None]:
        found = self.pairs(node, "`map`")
        return {name: self.optional_text(value, f"`{name}`") for name, (_, value) in found.items()}

    def data(self, node: Node) -> Data:
        if isinstance(node, SequenceNode):
            return self.texts(node, "`data`")
        if isinstance(node, MappingNode):
            found = self.known(node, "`data`", ("column",))
            if "column" not in found:
                self.fail(node, "`data` names no column.", "Write rest, none, a list or {column: name}.")
            return Pick(column=self.text(found["column"], "`column`"))
        return "none" if self.choice(node, "`data`", ("rest", "none")) == "none" else "rest"
