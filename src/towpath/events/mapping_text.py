"""Reading the text of a mapping, with the line and column of whatever is wrong in it.

Scalars are taken as written (`no`, `-100` and `1.0` are texts, not a truth value or numbers), except `null`.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from django.utils.translation import gettext as _

from towpath.events.importers.formats import format_names, table_formats
from towpath.events.mapping import (
    EVENT_FIELDS,
    IDENTIFIERS,
    MAX_SOURCE_CHARACTERS,
    MILLISECONDS,
    REQUIRED_FIELDS,
    CsvForm,
    Data,
    Mapping,
    Pick,
    TimeForm,
)
from towpath.events.sections import sections
from towpath.events.times import FormatError, compile_format, zones
from towpath.foundation.operations.documents import (
    Document,
    DocumentError,
    Form,
    Items,
    Node,
    Pairs,
    Place,
    Scalar,
    as_written,
    read_document,
)

LONGEST, DEEPEST = 200_000, 12
TOP_KEYS = ("source", "format", "csv", "missing", "times", "events", "data")
PICK_KEYS = ("column", "constant", "map", "otherwise", "prefix", "unit")


def load_mapping(text: str, name: str) -> Mapping:
    """The mapping that `text` describes; `name` is the file's name, for errors. Raises `DocumentError`."""
    form = Form(longest=LONGEST, deepest=DEEPEST, begin=_("Begin with `source:` and `format:`."))
    return _Reading(name).mapping(read_document(text, name, form).root)


def _all_of(form: str, data: Data) -> Data:
    """An OCEL row's `data` holds all of it already, with its relations, which an export gives back."""
    return Pick(column="data") if form == "ocel2" and data == "rest" else data


class _Reading:
    """One walk over the nodes of a mapping's text; `file` names it in errors."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, where: Node | Place, what: str, remedy: str) -> NoReturn:
        place = where if isinstance(where, Place) else where.place
        raise DocumentError(self.file, place.line, place.column, what, remedy)

    def pairs(self, node: Node, where: str) -> Pairs:
        if not isinstance(node, Pairs):
            self.fail(
                node,
                _("%(where)s must be `key: value` pairs.") % {"where": where},
                _("Write one pair a line, indented alike."),
            )
        return node

    def known(self, node: Node, where: str, allowed: Iterable[str]) -> dict[str, Node]:
        names = tuple(allowed)
        found = self.pairs(node, where)
        for name, place in found.keys.items():
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                remedy = (
                    _("Did you mean `%(near)s`?") % {"near": near[0]}
                    if near
                    else _("Known here: %(names)s.") % {"names": ", ".join(names)}
                )
                self.fail(
                    place, _("`%(name)s` is not known in %(where)s.") % {"name": name, "where": where}, remedy
                )
        return found.pairs

    def optional_text(self, node: Node, where: str) -> str | None:
        if not isinstance(node, Scalar):
            self.fail(
                node,
                _("%(where)s must be a single text.") % {"where": where},
                _("Write it on the same line, without a list."),
            )
        return None if node.value is None and node.written != "" else node.written

    def text(self, node: Node, where: str) -> str:
        found = self.optional_text(node, where)
        if not found:
            self.fail(
                node,
                _("%(where)s is empty.") % {"where": where},
                _("Write a value after the colon, or leave the line out."),
            )
        return found

    def texts(self, node: Node, where: str) -> tuple[str, ...]:
        items = self.items(node, where)
        return tuple(
            self.optional_text(item, _("An item of %(where)s") % {"where": where}) or "" for item in items
        )

    def items(self, node: Node, where: str) -> tuple[Node, ...]:
        if not isinstance(node, Items):
            self.fail(node, _("%(where)s must be a list.") % {"where": where}, _("Write it as [one, two]."))
        return node.items

    def choice(self, node: Node, where: str, allowed: Iterable[str]) -> str:
        found = self.text(node, where)
        names = tuple(allowed)
        if found not in names:
            self.fail(
                node,
                _("%(where)s is `%(found)s`.") % {"where": where, "found": found},
                _("It must be one of: %(names)s.") % {"names": ", ".join(names)},
            )
        return found

    def mapping(self, node: Node) -> Mapping:
        top = self.known(node, _("the mapping"), (*TOP_KEYS, *sections()))
        for name in ("source", "format", "events"):
            if name not in top:
                self.fail(
                    node,
                    _("`%(name)s:` is missing.") % {"name": name},
                    _("Every mapping has source, format and events."),
                )
        form = self.choice(top["format"], "`format`", format_names())
        if "csv" in top and form not in table_formats():
            self.fail(
                top["csv"],
                _("`csv:` is set, but the format is %(form)s.") % {"form": form},
                _("Leave one of both out."),
            )
        return Mapping(
            source=self.source(top["source"]),
            format=form,
            csv=self.csv_form(top["csv"]) if "csv" in top else CsvForm(),
            missing=self.texts(top["missing"], "`missing`") if "missing" in top else ("",),
            times=self.time_form(top["times"]) if "times" in top else TimeForm(),
            events=self.events(top["events"]),
            data=_all_of(form, self.data(top["data"]) if "data" in top else "rest"),
            sections={name: self.section(name, top[name]) for name in sections() if name in top},
        )

    def section(self, name: str, node: Node) -> object:
        sections()[name].check(Document(self.file, node))
        return as_written(node)

    def source(self, node: Node) -> str:
        found = self.text(node, "`source`")
        if len(found) > MAX_SOURCE_CHARACTERS:
            what = _("`source` has %(count)s characters.") % {"count": f"{len(found):,}"}
            self.fail(
                node, what, _("A source's name has at most %(most)s.") % {"most": MAX_SOURCE_CHARACTERS}
            )
        return found

    def csv_form(self, node: Node) -> CsvForm:
        found = self.known(node, "`csv`", ("delimiter", "encoding", "quote"))
        marks = {"delimiter": ",", "quote": '"'}
        for name in tuple(marks):
            if name in found:
                marks[name] = self.text(found[name], f"`{name}`").replace("\\t", "\t")
                if len(marks[name]) != 1 or marks[name] in "\r\n\0":
                    self.fail(
                        found[name],
                        _("`%(name)s` must be one character.") % {"name": name},
                        _('For a tab write "\\t".'),
                    )
        encoding = self.text(found["encoding"], "`encoding`") if "encoding" in found else "utf-8"
        try:
            known = codecs.lookup(encoding)
        except (LookupError, ValueError):
            known = None
        if known is None or not known._is_text_encoding:
            remedy = _("Usual ones: utf-8, cp1252 (Windows, western Europe), utf-16.")
            self.fail(
                found["encoding"], _("No encoding is called `%(encoding)s`.") % {"encoding": encoding}, remedy
            )
        return CsvForm(marks["delimiter"], encoding, marks["quote"])

    def time_form(self, node: Node) -> TimeForm:
        found = self.known(node, "`times`", ("zone", "formats", "earliest"))
        plain = TimeForm()
        zone = self.text(found["zone"], "`zone`") if "zone" in found else plain.zone
        if zone not in zones():
            near = difflib.get_close_matches(zone, zones(), n=1)
            remedy = (
                _("Did you mean `%(near)s`?") % {"near": near[0]}
                if near
                else _("Write it like Europe/Amsterdam or UTC.")
            )
            self.fail(found["zone"], _("No time zone is called `%(zone)s`.") % {"zone": zone}, remedy)
        formats = self.time_formats(found["formats"]) if "formats" in found else plain.formats
        earliest = plain.earliest
        if "earliest" in found:
            try:
                earliest = date.fromisoformat(self.text(found["earliest"], "`earliest`"))
            except ValueError:
                self.fail(found["earliest"], _("`earliest` is not a day."), _("Write it like 1990-01-01."))
        return TimeForm(zone, formats, earliest)

    def time_formats(self, node: Node) -> tuple[str, ...]:
        formats = self.texts(node, "`formats`")
        if not formats:
            self.fail(node, _("`formats` is empty."), _("Leave it out for ISO 8601, or write [iso]."))
        for item, each in zip(self.items(node, "`formats`"), formats, strict=True):
            try:
                compile_format(each)
            except FormatError as error:
                self.fail(
                    item,
                    _("`%(each)s` is not a time format: %(error)s.") % {"each": each, "error": error},
                    _("Example: %d/%m/%Y %H:%M."),
                )
        return formats

    def events(self, node: Node) -> dict[str, tuple[Pick, ...]]:
        found = self.known(node, "`events`", EVENT_FIELDS)
        for name in REQUIRED_FIELDS:
            if name not in found:
                self.fail(
                    node,
                    _("`%(name)s:` is missing in `events`.") % {"name": name},
                    _("Say which column holds it."),
                )
        return {name: self.picks(name, value) for name, value in found.items()}

    def picks(self, name: str, node: Node) -> tuple[Pick, ...]:
        if isinstance(node, Items):
            if not node.items:
                self.fail(
                    node,
                    _("The list of `%(name)s` is empty.") % {"name": name},
                    _("Name a column, or leave the field out."),
                )
            return tuple(self.pick(name, item) for item in node.items)
        return (self.pick(name, node),)

    def pick(self, name: str, node: Node) -> Pick:
        if isinstance(node, Scalar):
            return Pick(column=self.text(node, f"`{name}`"))
        found = self.known(node, f"`{name}`", PICK_KEYS)
        if ("column" in found) == ("constant" in found):
            self.fail(
                node,
                _("`%(name)s` needs either a column or a constant.") % {"name": name},
                _("Write {column: ...}."),
            )
        if "constant" in found and name in ("time", "seq", "id"):
            self.fail(
                found["constant"],
                _("`%(name)s` cannot be the same for all rows.") % {"name": name},
                _("Name its column."),
            )
        if "constant" in found and name == IDENTIFIERS:
            self.fail(
                found["constant"], _("Not every customer has the same identifier."), _("Name its column.")
            )
        if "unit" in found and name != "latency_ms":
            self.fail(
                found["unit"],
                _("`%(name)s` has no unit.") % {"name": name},
                _("Only latency_ms is converted."),
            )
        if "prefix" in found and name in ("time", "seq", "latency_ms", "value", "outcome"):
            self.fail(found["prefix"], _("`%(name)s` takes no prefix.") % {"name": name}, _("Only names do."))
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
        found = self.pairs(node, "`map`").pairs
        return {name: self.optional_text(value, f"`{name}`") for name, value in found.items()}

    def data(self, node: Node) -> Data:
        if isinstance(node, Items):
            return self.texts(node, "`data`")
        if isinstance(node, Pairs):
            found = self.known(node, "`data`", ("column",))
            if "column" not in found:
                self.fail(
                    node, _("`data` names no column."), _("Write rest, none, a list or {column: name}.")
                )
            return Pick(column=self.text(found["column"], "`column`"))
        return "none" if self.choice(node, "`data`", ("rest", "none")) == "none" else "rest"
