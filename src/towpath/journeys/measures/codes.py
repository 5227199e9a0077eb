"""Recognised codes, kept beside the lake so that rules run once per set of body files.

`home/codes/<digest of the rules>/<digest of the files>.npz`. Removing any of it is harmless: it is made
again.
"""

from __future__ import annotations

import contextlib
import time
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from towpath.analytics.recognition import Recognised, columns_of, recognise
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Unit
from towpath.foundation.operations.home import home
from towpath.journeys.measures.plan import Plan

KEPT_SECONDS = 7 * 86_400
"""Codes of files that are gone are removed when nobody has read them for so long."""
PLAIN = ("data",)
"""Text columns of which most values differ: read as they are, not by dictionary."""


def codes_of(unit: Unit, plan: Plan, places: npt.NDArray[np.int64]) -> Recognised:
    """Codes of the unit's events, row by row beside `unit.read(..., sources=plan.sources)`, whose column
    `PLACE` is `places`.

    The body's are kept; those of the tail, which changes every second, are made each time.
    """
    columns = columns_of(plan.rules)
    settled = _settled_codes(unit.settled(), plan, columns)
    loose = unit.loose(columns, sources=plan.sources or None, encoded=text_columns(columns))
    if loose is None:
        return settled
    late = recognise(loose, plan.rules)
    masks, same = np.unique(np.concatenate([settled.masks, late.masks]), return_inverse=True)
    first, then = np.split(same.astype(settled.codes.dtype), [len(settled.masks)])
    return Recognised(np.concatenate([first[settled.codes], then[late.codes]])[places], masks)


def _settled_codes(unit: Unit, plan: Plan, columns: Sequence[str]) -> Recognised:
    place = _place(unit, plan)
    kept = _load(place)
    if kept is not None:
        return kept
    found = recognise(
        unit.read(columns, sources=plan.sources or None, encoded=text_columns(columns)), plan.rules
    )
    _keep(place, found)
    return found


def text_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that are worth reading by dictionary."""
    return tuple(
        name for name in columns if name not in PLAIN and str(EVENT_SCHEMA.field(name).type) == "string"
    )


def _place(unit: Unit, plan: Plan) -> Path:
    files = "\n".join(file.path for file in unit.files)
    name = xxhash.xxh3_128_hexdigest(f"{unit.low} {unit.high}\n{files}".encode())
    return home().root / "codes" / plan.digest() / f"{name}.npz"


def _load(place: Path) -> Recognised | None:
    try:
        with place.open("rb") as file, np.load(file) as kept:
            return Recognised(kept["codes"], kept["masks"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(place: Path, found: Recognised) -> None:
    """Write it whole or not at all; a full disk costs time, not the answer."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_suffix(f".{time.monotonic_ns()}.draft")
        with draft.open("wb") as file:
            np.savez(file, codes=found.codes, masks=found.masks)
        draft.rename(place)
        for old in place.parent.iterdir():
            if old != place and old.stat().st_atime < time.time() - KEPT_SECONDS:
                old.unlink(missing_ok=True)
