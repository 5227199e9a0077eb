"""Looking at a file: a mapping is proposed, with every doubt in words, and ten rows are shown as it
understands them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from towpath.events.importers import ImportFailed, Refused, open_importer
from towpath.events.importers.chunks import Row
from towpath.events.importers.files import Source
from towpath.events.importers.formats import added_formats, refined
from towpath.events.importers.importer import read_blocks
from towpath.events.importers.ocel_proposal import propose_ocel
from towpath.events.importers.treating import treated, treatments
from towpath.events.mapping import CLOUDEVENTS, IDENTIFIERS, Mapping, Pick, TimeForm
from towpath.events.sniffing.columns import (
    Column,
    best_by_name,
    columns_of,
    find_case,
    find_time,
    find_type,
    is_number,
    kind_of,
    outcome_map,
    unit_of,
)
from towpath.events.sniffing.form import Form, missing_marks, sniff_form
from towpath.events.sniffing.times import sniff_times

SAMPLE_ROWS = 20_000
EXAMPLE_ROWS = 500
EXAMPLE_CHARACTERS = 60
_NAMES = (
    "channel",
    "session",
    "service",
    "component",
    "environment",
    "version",
    "team",
    "tier",
    "change",
    "trace",
)


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as a mapping understands them: field to value, and those refused."""

    rows: list[dict[str, object]]
    refused: list[Refused]


@dataclass(frozen=True)
class Proposal:
    """A mapping for a file, the first rows by it, and what a person should look at, in words."""

    mapping: Mapping
    preview: Preview
    doubts: tuple[str, ...]


def preview(path: Path | str, mapping: Mapping, rows: int = 10, *, now: datetime | None = None) -> Preview:
    """The first `rows` rows of a file as this mapping understands them. Raises ImportFailed."""
    first = next(iter(open_importer(path, mapping, now=now, chunk_rows=rows)), None)
    return Preview([], []) if first is None else Preview(first.batch.to_pylist(), first.refused)


def examples(path: Path | str, mapping: Mapping) -> dict[str, str]:
    """The columns of a file in their order, each with the first value that its first rows hold, shortened.

    `mapping` says the format alone. Raises ImportFailed.
    """
    found: dict[str, str] = {}
    with Source(Path(path)) as source:
        blocks = treated(read_blocks(source, mapping, EXAMPLE_ROWS), treatments(mapping))
        block = next(iter(blocks), None)
    for column in columns_of(block.rows if block else [], mapping.missing):
        value = column.given[0] if column.given else ""
        found[column.name] = value if len(value) <= EXAMPLE_CHARACTERS else value[:EXAMPLE_CHARACTERS] + "…"
    return found


def sniff(path: Path | str, *, name: str = "", now: datetime | None = None) -> Proposal:
    """A mapping for the file, from its first SAMPLE_ROWS rows; `name`: its own, where `path` is a copy.

    Raises ImportFailed for a file that cannot be read at all.
    """
    path = Path(path)
    with Source(path) as source:
        form = sniff_form(source)
    rows, doubts = _sample(path, form)
    if form.format == "jsonl" and all(str(row.get("specversion")) == "1.0" for row in rows[:100]):
        return Proposal(CLOUDEVENTS, preview(path, CLOUDEVENTS, now=now), tuple(doubts))
    source_name = _source_of(name or path.name)
    if form.format in added_formats():
        added = added_formats()[form.format]
        mapping, uncertain = added.propose(source_name, rows)
        mapping = replace(mapping, csv=form.csv) if added.table else mapping
    elif form.format == "ocel2":
        mapping, uncertain = propose_ocel(source_name, rows)
    else:
        mapping, uncertain = _Looking(name or path.name, form, rows).propose()
        mapping, more = refined(mapping, rows)
        uncertain = (*uncertain, *more)
    return Proposal(mapping, preview(path, mapping, now=now), (*doubts, *uncertain))


def _sample(path: Path, form: Form) -> tuple[list[Row], list[str]]:
    doubts = list(form.doubts)
    rows: list[Row] = []
    broken = 0
    with Source(path) as source:
        plain = Mapping("sample", form.format, {}, form.csv)
        blocks = read_blocks(source, plain, SAMPLE_ROWS)
        try:
            for block in islice(blocks, 1):
                rows, broken = block.rows, len(block.broken)
        except ImportFailed as failure:
            if not rows:
                raise
            doubts.append(str(failure))
    if not rows:
        raise ImportFailed(path.name, None, "No row of it can be read.", "Is the file what it should be?")
    if broken:
        doubts.append(f"Of the first {len(rows) + broken:,} rows, {broken:,} cannot be split into columns.")
    return rows, doubts


def _source_of(name: str) -> str:
    stem = name.partition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "source"


class _Looking:
    """One look at a sample: fields are found one after the other, a column serves one field."""

    def __init__(self, name: str, form: Form, rows: Sequence[Row]) -> None:
        self.name, self.form = name, form
        self.missing = missing_marks(rows)
        self.columns = columns_of(rows, self.missing)
        self.events: dict[str, tuple[Pick, ...]] = {}
        self.doubts: list[str] = []

    def propose(self) -> tuple[Mapping, tuple[str, ...]]:
        times = sniff_times({column.name: column.given for column in self.columns})
        case = find_case(self.columns, tuple(times.formats))
        time = find_time(self.columns, tuple(times.formats), case)
        if time is None:
            time = best_by_name("time", self.columns) or self.columns[0]
            self.doubts.append(
                f"No column holds times that are understood; {time.name} is a guess. Name the right column, "
                "and say under times.formats how it is written (such as %d/%m/%Y %H:%M)."
            )
        self.doubts.extend(doubt for doubt in times.doubts if doubt.startswith(f"{time.name}: "))
        self.events["time"] = (Pick(column=time.name),)
        used = {time.name}
        self._type(case, used, set(times.formats))
        self._case(case, used)
        self._rest([column for column in self.columns if column.name not in used | set(times.formats)])
        form = times.formats.get(time.name, "iso")
        self._zone(time, form)
        mapping = Mapping(
            _source_of(self.name),
            self.form.format,
            self.events,
            self.form.csv,
            self.missing,
            TimeForm(formats=(form,)),
        )
        return mapping, tuple(self.doubts)

    def _type(self, case: Column | None, used: set[str], times: set[str]) -> None:
        free = [column for column in self.columns if column.name not in times and column is not case]
        found = find_type(free, case)
        if found is None:
            name = _source_of(self.name)
            self.events["type"] = (Pick(constant=name),)
            self.doubts.append(f"No column says what happened; every event gets the type {name!r}.")
        else:
            self.events["type"] = (Pick(column=found.name),)
            used.add(found.name)

    def _case(self, case: Column | None, used: set[str]) -> None:
        if case is None:
            self.doubts.append("No column says which rows belong together (a case).")
            return
        self.events["case"] = (Pick(column=case.name),)
        used.add(case.name)
        if len(case.distinct) == len(case.given):
            self.doubts.append(f"{case.name} differs in every row: each case has one event.")

    def _rest(self, free: list[Column]) -> None:
        found = best_by_name("identifier", free)
        if found is not None:
            word = kind_of(found) or re.sub(r"_(id|number)$", "", found.plain)
            self.events["identifier"] = (Pick(column=found.name, prefix=f"{word}:"),)
            free.remove(found)
            self._further(free)
        elif "case" in self.events:
            self.doubts.append("No column names the customer; each case stands for one.")
        self._outcome(free)
        self._numbers(free)
        for name in _NAMES:
            found = best_by_name(name, free)
            if found is not None and found.given:
                self.events[name] = (Pick(column=found.name),)
                free.remove(found)

    def _further(self, free: list[Column]) -> None:
        """Other columns that plainly name the same customer: mail, phone, device."""
        kinds = [(column, kind) for column in free if (kind := kind_of(column))]
        if kinds:
            self.events[IDENTIFIERS] = tuple(
                Pick(column=column.name, prefix=f"{kind}:") for column, kind in kinds
            )
            free[:] = [column for column in free if all(column is not taken for taken, _ in kinds)]

    def _outcome(self, free: list[Column]) -> None:
        found = best_by_name("outcome", free)
        known = outcome_map(found) if found is not None else {}
        if found is None or not known:
            self.doubts.append("No column says how it ended (ok, fault, refused); faults cannot be counted.")
            return
        self.events["outcome"] = (Pick(column=found.name, map=known, has_otherwise=True),)
        others = sorted(found.distinct - set(known))
        if others:
            shown = ", ".join(others[:5])
            self.doubts.append(f"{found.name}: no outcome is known for {shown}; they are left open.")

    def _numbers(self, free: list[Column]) -> None:
        numbers = [column for column in free if is_number(column)]
        latency = best_by_name("latency_ms", numbers)
        if latency is not None:
            unit = unit_of(latency)
            if unit is None:
                self.doubts.append(f"{latency.name} does not say its unit; milliseconds are assumed.")
            self.events["latency_ms"] = (Pick(column=latency.name, unit=unit or "ms"),)
        value = best_by_name("value", [column for column in numbers if column is not latency])
        if value is None:
            return
        self.events["value"] = (Pick(column=value.name),)
        currency = best_by_name("currency", free)
        if currency is not None:
            self.events["currency"] = (Pick(column=currency.name),)
        else:
            self.doubts.append(f"{value.name} is taken for money, but no column names its currency.")

    def _zone(self, time: Column, form: str) -> None:
        if form.startswith("epoch"):
            return
        offset = re.compile(r"([zZ]|[+-]\d{2}:?(\d{2})?)$")
        if any(not offset.search(value) or len(value) <= 10 for value in time.given[:1_000]):
            self.doubts.append(
                f"{time.name} has no time zone; UTC is assumed. Set times.zone if it is another."
            )
