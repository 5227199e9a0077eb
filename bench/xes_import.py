"""How long it takes to import an XES log, beside one bare pass of lxml and beside pm4py.

    python bench/xes_import.py FILE.xes.gz [--runs 3]

Each reader in a process of its own. `import`: into an empty lake, until events can be queried. pm4py reads
into memory only; with and without rustxes (pip install rustxes).
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from installation import machine
from report import tell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--reader", choices=READERS, help="in this process, once: prints events and seconds")
    given = parser.parse_args()
    if given.reader:
        sys.stdout.write(json.dumps(once(given.reader, given.file)))
        return
    figures: dict[str, object] = {}
    medians = {}
    for reader in READERS:
        if reader == "pm4py with rustxes" and not find_spec("rustxes"):
            figures[f"{reader}: s"] = "not installed: pip install rustxes"
            continue
        found = [_asked(reader, given.file) for _run in range(given.runs)]
        medians[reader] = [median(each[place] for each in found) for place in (1, 2)]
        figures[f"{reader}: events"] = found[0][0]
        figures[f"{reader}: s, s of processors"] = medians[reader]
    for reader in ("conversion alone", "import"):
        both = zip(medians[reader], medians["lxml"], strict=True)
        figures[f"{reader} : lxml"] = [own / bare for own, bare in both]
    tell("xes_import", machine(), figures)


def _asked(reader: str, file: Path) -> tuple[int, float, float]:
    command = [sys.executable, __file__, str(file), "--reader", reader]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    events, seconds, busy = json.loads(done.stdout[done.stdout.rindex("[") :])
    return events, seconds, busy


def once(reader: str, file: Path) -> tuple[int, float, float]:
    """Events, seconds and seconds of processors, without what loading the reader's modules takes."""
    read = READERS[reader]()
    begun, busy = time.perf_counter(), time.process_time()
    events = read(file)
    return events, time.perf_counter() - begun, time.process_time() - busy


def lxml_pass() -> Callable[[Path], int]:
    """Every attribute read, nothing made of it."""
    from lxml import etree

    def read(file: Path) -> int:
        events = 0
        with gzip.open(file) as opened:
            for _end, element in etree.iterparse(opened):
                element.get("key"), element.get("value")
                if element.tag.endswith("}event") or element.tag == "event":
                    events += 1
                    element.clear()
                elif element.tag.endswith("trace"):
                    element.clear()
        return events

    return read


def towpath_import(*, lake: bool) -> Callable[[], Callable[[Path], int]]:
    def loaded() -> Callable[[Path], int]:
        from towpath.events.importers.importer import open_importer
        from towpath.events.lake import Lake, Staging
        from towpath.events.sniffing import sniff

        def read(file: Path) -> int:
            mapping = sniff(file).mapping
            with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
                staging = Staging(Path(folder) / "staging", "bench")
                events = 0
                for chunk in open_importer(file, mapping):
                    events += chunk.batch.num_rows
                    if lake:
                        staging.append(chunk.batch)
                if lake:
                    into = Lake(Path(folder) / "lake")
                    into.create()
                    into.absorb(staging)
                    events = into.snapshot().rows
            return events

        return read

    return loaded


def pm4py_read(variant: str) -> Callable[[], Callable[[Path], int]]:
    def loaded() -> Callable[[Path], int]:
        import pm4py

        return lambda file: len(pm4py.read_xes(str(file), variant=variant))

    return loaded


READERS: dict[str, Callable[[], Callable[[Path], int]]] = {
    "lxml": lxml_pass,
    "conversion alone": towpath_import(lake=False),
    "import": towpath_import(lake=True),
    "pm4py": pm4py_read("iterparse"),
    "pm4py with rustxes": pm4py_read("rustxes"),
}

if __name__ == "__main__":
    main()
