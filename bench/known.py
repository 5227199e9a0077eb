"""Whether it matters how many identities the lake knows: look-ups in an index of 1, 10 and 100 million.

    python bench/known.py [--millions 1 10 100] [--looks 20]

The runs are written as `events/lake/index.py` describes them, in the sizes that its merging leaves.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from installation import machine
from report import Figures, tell

from towpath.events.lake.index import Identities, IdentityIndex

LOOKED_UP = 50_000
BYTES_EACH = 16
PIECE = 1_000_000
SHARES = (0.6, 0.25, 0.1, 0.04, 0.01)
"""Of the runs, oldest first: each more than twice the next, so that none are worth merging."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--looks", type=int, default=20, help=f"times that {LOOKED_UP:,} ids are looked up")
    given = parser.parse_args()
    figures: dict[str, object] = {"ids a look-up": LOOKED_UP}
    for millions in given.millions:
        figures |= measured(millions * 1_000_000, given.looks)
    tell("known", machine(), figures)


def measured(rows: int, looks: int) -> Figures:
    """Raises OSError where the disk has no room for twice the index."""
    folder = Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    try:
        if shutil.disk_usage(folder).free < 2 * rows * BYTES_EACH:
            raise OSError(f"{folder} has no room for an index of {rows:,} ids; set TMPDIR to a larger disk.")
        chance = np.random.default_rng(rows)
        write_index(folder, rows, chance)
        index = IdentityIndex(folder)
        index.reload()
        fresh = [_seconds(index, _drawn(chance), 0) for _ in range(looks)]
        again = [_seconds(index, _held(index, chance), LOOKED_UP) for _ in range(looks)]
    finally:
        shutil.rmtree(folder)
    name = f"{rows // 1_000_000} million"
    return {
        f"{name}: ms for new ids, first and median": [fresh[0] * 1000, median(fresh) * 1000],
        f"{name}: ms for known ids, first and median": [again[0] * 1000, median(again) * 1000],
    }


def write_index(folder: Path, rows: int, chance: np.random.Generator) -> None:
    runs = [[f"run{place}", int(rows * share)] for place, share in enumerate(SHARES)]
    for name, size in runs:
        with (folder / f"{name}.high").open("wb") as high, (folder / f"{name}.low").open("wb") as low:
            pieces = max(int(size) // PIECE, 1)
            bounds = np.linspace(0, int(size), pieces + 1).astype(int)
            for piece, count in enumerate(np.diff(bounds).tolist()):
                width = (1 << 64) // pieces
                first = np.uint64(piece * width)
                high.write(
                    (
                        np.sort(chance.integers(0, width - 1, count, np.uint64, endpoint=True)) + first
                    ).tobytes()
                )
                low.write(chance.bytes(8 * count))
    (folder / "manifest.json").write_text(json.dumps({"version": 0, "runs": runs}))


def _drawn(chance: np.random.Generator) -> Identities:
    high, low = np.frombuffer(chance.bytes(BYTES_EACH * LOOKED_UP), np.uint64).reshape(2, -1)
    return Identities(high, low)


def _held(index: IdentityIndex, chance: np.random.Generator) -> Identities:
    """From each run as many as its share of all."""
    parts = []
    for run, share in zip(index.runs, SHARES, strict=True):
        rows = chance.integers(0, run.rows, round(LOOKED_UP * share))
        parts.append((run.high[rows], run.low[rows]))
    return Identities(np.concatenate([high for high, _ in parts]), np.concatenate([low for _, low in parts]))


def _seconds(index: IdentityIndex, wanted: Identities, known: int) -> float:
    begun = time.perf_counter()
    found = int(index.known(wanted).sum())
    took = time.perf_counter() - begun
    if found != known:
        raise AssertionError(f"Of {LOOKED_UP:,} ids {found:,} were found, not {known:,}.")
    return took


if __name__ == "__main__":
    main()
