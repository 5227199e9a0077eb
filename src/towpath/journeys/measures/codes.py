"""Recognised codes, kept beside the lake so that rules run once per file of the body.

`home/codes/<digest of the rules>/<digest of the file's name>.npz`. Files of the body never change under their
name. Removing any of it is harmless: it is made again.
"""

from __future__ import annotations

import contextlib
import threading
import time
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from towpath.analytics.kernels.blocks import in_threads
from towpath.analytics.recognition import columns_of, recognise
from towpath.events.envelope import EVENT_SCHEMA, subject, subject_key
from towpath.events.lake import EventFile, Snapshot, Unit
from towpath.foundation.operations.home import home
from towpath.journeys.measures.plan import Plan

KEPT_SECONDS = 7 * 86_400
"""Codes of files that are gone are removed when nobody has read them for so long."""
PLAIN = ("data",)
"""Text columns of which most values differ: read as they are, not by dictionary."""
_NAMING = ("source", "service")
"""What tells the key of events that name nobody."""

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Codes:
    """What a plan sees in some rows. `codes` uint8 or uint16, row by row: an index into `masks` (uint64), or
    just beyond them for the events of sources that do not concern the plan. `nobodys`: keys under which
    events lie that name neither customer nor case, ascending. `sources`: those in which something is
    recognised."""

    codes: npt.NDArray[Any]
    masks: npt.NDArray[np.uint64]
    nobodys: Int64
    sources: tuple[str, ...]


def codes_of_body(snapshot: Snapshot, plan: Plan) -> dict[str, Codes]:
    """Of every file of the body, by its path."""
    files = [file for file in snapshot.files if not file.in_tail]
    found = in_threads(lambda file: _codes_of_file(snapshot, file, plan), files)
    return {file.path: codes for file, codes in zip(files, found, strict=True)}


def codes_of_rows(table: pa.Table, plan: Plan, concerned: bool) -> Codes:
    """Of the rows of a table that holds `columns_for(plan)`. `concerned`: all of them are of the plan's
    sources."""
    found = recognise(table, plan.rules)
    small = np.uint8 if len(found.masks) < 1 << 8 else np.uint16
    codes = found.codes.astype(small)
    if not concerned:
        inside = pc.is_in(table["source"].cast(pa.string()), pa.array(plan.sources, pa.string()))
        codes[~inside.to_numpy()] = len(found.masks)
    seen = table["source"].filter(pa.array(np.append(found.masks != 0, False)[codes]))
    sources = tuple(sorted(pc.unique(seen.cast(pa.string())).to_pylist()))
    return Codes(codes, found.masks, _nobodys(table), sources)


def codes_of_loose(unit: Unit, plan: Plan) -> Codes | None:
    """Of the rows of a unit that do not lie in the body under their key; None without any."""
    columns = columns_for(plan)
    loose = unit.loose(columns, sources=plan.sources or None, encoded=text_columns(columns))
    return None if loose is None else codes_of_rows(loose, plan, concerned=True)


def columns_for(plan: Plan) -> list[str]:
    """The columns that recognition needs, and those that tell who is nobody."""
    return list(dict.fromkeys([*columns_of(plan.rules), *_NAMING]))


def text_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that are worth reading by dictionary."""
    return tuple(
        name for name in columns if name not in PLAIN and str(EVENT_SCHEMA.field(name).type) == "string"
    )


def _nobodys(table: pa.Table) -> Int64:
    pairs = table.select(list(_NAMING)).unify_dictionaries().group_by(list(_NAMING)).aggregate([])
    named = zip(*(pairs[name].to_pylist() for name in _NAMING), strict=True)
    return np.unique(np.array([subject_key(subject(None, None, *pair)) for pair in named], np.int64))


def _codes_of_file(snapshot: Snapshot, file: EventFile, plan: Plan) -> Codes:
    place = _place(file, plan)
    kept = _load(place)
    if kept is not None and len(kept.codes) == file.rows:
        return kept
    columns = columns_for(plan)
    (whole,) = Unit(snapshot.store, (file,), *file.key_range()).slices(
        ["key", *columns], text_columns(columns)
    )
    concerned = not plan.sources or snapshot.sources_of(file) <= set(plan.sources)
    found = codes_of_rows(whole.table, plan, concerned)
    _keep(place, found)
    return found


def _place(file: EventFile, plan: Plan) -> Path:
    name = xxhash.xxh3_128_hexdigest(file.path.encode())
    return home().root / "codes" / plan.digest() / f"{name}.npz"


def _load(place: Path) -> Codes | None:
    try:
        with place.open("rb") as file, np.load(file) as kept:
            sources = tuple(kept["sources"].tolist())
            return Codes(kept["codes"], kept["masks"], kept["nobodys"], sources)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(place: Path, found: Codes) -> None:
    """Write it whole or not at all; a full disk costs time, not the answer."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_suffix(f".{threading.get_ident()}-{time.monotonic_ns()}.draft")
        with draft.open("wb") as file:
            sources = np.array(found.sources, np.str_)
            np.savez(file, codes=found.codes, masks=found.masks, nobodys=found.nobodys, sources=sources)
        draft.rename(place)
        for old in place.parent.iterdir():
            if old != place and old.stat().st_atime < time.time() - KEPT_SECONDS:
                old.unlink(missing_ok=True)
