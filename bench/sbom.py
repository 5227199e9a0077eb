"""A large bill of materials against a large mirror of advisories, and `packaging` and `univers` alone.

    python bench/sbom.py [--parts 5000 20000] [--advisories 62500 250000]

Half of the packages are PyPI's, half npm's; each advisory names one package, with a range and a few versions.
Peers keep all in memory and compare as straightforwardly as one can: what they find is what Towpath finds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from installation import fresh_home, machine
from report import tell

ECOSYSTEMS = {"PyPI": "pypi", "npm": "npm"}
MB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--advisories", type=int, nargs="+", default=[62_500, 250_000])
    given = parser.parse_args()
    for parts, advisories in zip(given.parts, given.advisories, strict=True):
        with fresh_home() as home:
            mirror, bill = home / "mirror.zip", home / "bom.json"
            write_mirror(mirror, advisories)
            write_bill(bill, parts, advisories)
            towpath = in_a_process(lambda found, m=mirror, b=bill: judged_by_towpath(m, b, found))
            alone = in_a_process(lambda found, m=mirror, b=bill: judged_alone(m, b, found))
            if towpath["found"] != alone["found"]:
                raise AssertionError(f"Towpath found {towpath['found']}, the peers {alone['found']}.")
            figures = {"parts": parts, "advisories": advisories, **towpath}
            tell(
                f"sbom-{parts}", machine(), figures | {f"alone: {key}": value for key, value in alone.items()}
            )


def in_a_process(work: Any) -> dict[str, Any]:
    """What a process of its own found, with the most memory that it took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        found: dict[str, Any] = {}
        work(found)
        found["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    if os.waitpid(child, 0)[1] or not text:
        sys.exit("A process ended before it was done: its error stands above.")
    return dict(json.loads(text))


def write_mirror(path: Path, count: int) -> None:
    chance = random.Random(1)  # noqa: S311 (no secret)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(count):
            ecosystem = chance.choice(list(ECOSYSTEMS))
            major, minor = chance.randrange(1, 6), chance.randrange(1, 30)
            events = [{"introduced": f"{major}.0.0"}, {"fixed": f"{major}.{minor}.0"}]
            package = {"ecosystem": ecosystem, "name": f"package-{chance.randrange(max(count // 3, 1))}"}
            told = {
                "id": f"BENCH-{number}",
                "modified": "2026-01-01T00:00:00Z",
                "summary": "Something leaks in this package",
                "details": "It does so under conditions that are told here at some length. " * 12,
                "affected": [
                    {
                        "package": package,
                        "ranges": [{"type": "ECOSYSTEM", "events": events}],
                        "versions": [f"{major}.{each}.0" for each in range(minor)],
                    }
                ],
            }
            archive.writestr(f"BENCH-{number}.json", json.dumps(told))


def write_bill(path: Path, parts: int, advisories: int) -> None:
    chance = random.Random(2)  # noqa: S311 (no secret)
    listed = []
    for number in range(parts):
        kind = chance.choice(list(ECOSYSTEMS.values()))
        name = f"package-{chance.randrange(max(advisories // 3, 1))}"
        version = f"{chance.randrange(1, 6)}.{chance.randrange(30)}.{chance.randrange(5)}"
        purl = f"pkg:{kind}/{name}@{version}"
        listed.append({"bom-ref": str(number), "name": name, "version": version, "purl": purl})
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": listed}))


def judged_by_towpath(mirror: Path, bill: Path, found: dict[str, Any]) -> None:
    import django

    django.setup()
    from towpath.estate.actions.advisories import bring_in_advisories
    from towpath.estate.queries.software import scan
    from towpath.foundation.access.actor import OPERATOR

    begun = time.perf_counter()
    bring_in_advisories(OPERATOR, mirror)
    taken = time.perf_counter()
    scanned = scan(OPERATOR, bill)
    ended = time.perf_counter()
    found |= {
        "seconds to take advisories in": taken - begun,
        "seconds to judge the bill": ended - taken,
        "found": len(scanned.vulnerabilities),
    }


def judged_alone(mirror: Path, bill: Path, found: dict[str, Any]) -> None:
    from packaging.version import Version
    from univers.versions import SemverVersion

    begun = time.perf_counter()
    known: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    with zipfile.ZipFile(mirror) as archive:
        for name in archive.namelist():
            for each in json.loads(archive.read(name))["affected"]:
                package = each["package"]
                known[ECOSYSTEMS[package["ecosystem"]], package["name"]].append(each)
    taken = time.perf_counter()
    count = 0
    for part in json.loads(bill.read_text())["components"]:
        kind = part["purl"].partition(":")[2].partition("/")[0]
        order: Any = Version if kind == "pypi" else SemverVersion
        own = order(part["version"])
        for each in known.get((kind, part["name"]), ()):
            first, last = (next(iter(event.values())) for event in each["ranges"][0]["events"])
            count += part["version"] in each["versions"] or order(first) <= own < order(last)
    ended = time.perf_counter()
    found |= {
        "seconds to read advisories": taken - begun,
        "seconds to judge the bill": ended - taken,
        "found": count,
    }


if __name__ == "__main__":
    main()
