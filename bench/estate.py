"""A large estate: what hangs on an item, and what it hangs on, lists, search, a report; beside NetworkX.

    python bench/estate.py [--items 250000] [--links 1000000] [--asked 60] [--hosts 10000]

Items lie in seven layers, from services down to devices. Each needs some of the layer beneath it; every other
item needs one of a group of two or three that stand in for each other.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from installation import fresh_home, machine
from report import percentile, tell

LAYERS = (
    ("service", 0.002), ("application", 0.05), ("component", 0.25), ("database", 0.05), ("host", 0.35),
    ("storage", 0.048), ("network_device", 0.25),
)  # fmt: skip
NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 5_000
SEARCHES: dict[str, dict[str, str]] = {
    "list": {},
    "list of a kind": {"kind": "host"},
    "unmanaged": {"which": "unmanaged"},
    "search of a number": {"q": "host-4711"},
    "search of two words": {"q": "host 99"},
    "search of nothing": {"q": "nowhere"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=250_000)
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=60)
    parser.add_argument("--hosts", type=int, default=10_000)
    given = parser.parse_args()
    with fresh_home() as home:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        start, end, grouped = drawn(given.items, given.links)
        filled(given.items, start, end, grouped)
        figures: dict[str, object] = {"items": given.items, "links": len(start)}
        figures |= beside_networkx(start, end, given.asked) | listed(given.asked)
        figures |= scanned(home, given.hosts)
        tell("estate", machine(), figures)


def kinds_of(items: int) -> list[str]:
    counts = [max(3, round(share * items)) for _kind, share in LAYERS]
    counts[-1] = items - sum(counts[:-1])
    return [kind for (kind, _share), count in zip(LAYERS, counts, strict=True) for _each in range(count)]


def drawn(items: int, links: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who needs whom, as places, and whether as one of a group."""
    chance = np.random.default_rng(items)
    layer = np.unique(kinds_of(items), return_inverse=True)[1]
    begins = np.flatnonzero(np.append(True, layer[1:] != layer[:-1]))
    ends = np.append(begins[1:], items)
    above = chance.integers(0, begins[-1], links)
    at = np.searchsorted(begins, above, "right") - 1
    beneath = begins[at + 1] + (chance.random(links) * (ends[at + 1] - begins[at + 1])).astype(np.int64)
    pairs = np.unique(np.stack([above, beneath], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1], pairs[:, 0] % 2 == 0


def filled(items: int, start: np.ndarray, end: np.ndarray, grouped: np.ndarray) -> None:
    from towpath.estate.models import Item, Link, Sighting

    kinds = kinds_of(items)
    names = [f"{kind}-{place}" for place, kind in enumerate(kinds)]
    for some in _parts(range(items)):
        Item.objects.bulk_create(
            Item(
                pk=place + 1, kind=kinds[place], name=names[place], words=names[place], first_seen=NOW,
                last_seen=NOW, seen_by=1, managed=place % 10 > 0,
            )
            for place in some
        )  # fmt: skip
        Sighting.objects.bulk_create(
            Sighting(item_id=place + 1, source="bench", form="csv", first_seen=NOW, last_seen=NOW)
            for place in some
        )
    for some in _parts(range(len(start))):
        Link.objects.bulk_create(
            Link(
                kind="depends_on", start_id=int(start[at]) + 1, end_id=int(end[at]) + 1, source="bench",
                group="stand-ins" if grouped[at] else "", needed=1 if grouped[at] else None,
                first_seen=NOW, last_seen=NOW,
            )
            for at in some
        )  # fmt: skip


def beside_networkx(start: np.ndarray, end: np.ndarray, asked: int) -> dict[str, object]:
    """The blast radius of some items; what each hangs on must be the same number of items for both."""
    import networkx as nx

    from towpath.estate.queries.blast import blast
    from towpath.foundation.access.actor import OPERATOR

    chosen = np.random.default_rng(1).choice(np.unique(np.append(start, end)), asked, replace=False).tolist()
    first = _took(lambda: blast(OPERATOR, f"#{chosen[0] + 1}"))
    begun = time.perf_counter()
    peer = nx.DiGraph()
    peer.add_edges_from(zip(start.tolist(), end.tolist(), strict=True))
    built = time.perf_counter() - begun
    ours, theirs = [], []
    for place in chosen:
        begun = time.perf_counter()
        found = blast(OPERATOR, f"#{place + 1}")
        ours.append((time.perf_counter() - begun) * 1_000)
        begun = time.perf_counter()
        beneath, over = nx.descendants(peer, place), nx.ancestors(peer, place)
        theirs.append((time.perf_counter() - begun) * 1_000)
        if found.needs != len(beneath) or found.falls > len(over):
            raise SystemExit(f"#{place + 1}: {found.needs} beneath, NetworkX {len(beneath)}")
    return {
        "blast, first, s": first,
        "blast, p95 ms": percentile(ours, 0.95),
        "blast, median ms": percentile(ours, 0.5),
        "NetworkX: graph made, s": built,
        "NetworkX: reached both ways without redundancy, p95 ms": percentile(theirs, 0.95),
    }


def listed(rounds: int) -> dict[str, object]:
    from towpath.estate.queries.items import items
    from towpath.estate.schemas.items import WantedItems
    from towpath.foundation.access.actor import OPERATOR

    def asked(given: dict[str, str]) -> Callable[[], object]:
        return lambda: items(OPERATOR, WantedItems(**given))  # type: ignore[arg-type]

    return {
        f"{name}, p95 ms": percentile([_took(asked(given)) * 1_000 for _round in range(rounds)], 0.95)
        for name, given in SEARCHES.items()
    }


def scanned(home: Path, hosts: int) -> dict[str, object]:
    """A report of nmap with two open ports a host, read and taken in."""
    from towpath.estate.actions.reports import take_in
    from towpath.estate.sources.reading import read_report
    from towpath.foundation.access.actor import OPERATOR

    file = home / "scan.xml"
    file.write_text(_report(hosts))
    begun = time.perf_counter()
    report = read_report(file)
    read = time.perf_counter()
    take_in(OPERATOR, "bench-scan", report)
    return {
        "hosts of a scan": hosts,
        "scan read, s": read - begun,
        "scan taken in, s": time.perf_counter() - read,
    }


def _report(hosts: int) -> str:
    ports = "".join(
        f'<port protocol="tcp" portid="{port}"><state state="open" reason="syn-ack"/>'
        f'<service name="{name}" product="{product}" version="1.{port}" method="probed" conf="10"/></port>'
        for port, name, product in ((22, "ssh", "OpenSSH"), (443, "https", "nginx"))
    )
    told = "".join(
        f'<host><status state="up" reason="syn-ack"/>'
        f'<address addr="10.{at >> 16}.{at >> 8 & 255}.{at & 255}" addrtype="ipv4"/>'
        f'<hostnames><hostname name="scan{at}.example.org" type="PTR"/></hostnames>'
        f"<ports>{ports}</ports></host>"
        for at in range(1, hosts + 1)
    )
    return (
        '<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -oX" start="1767225600" version="7.94" '
        f'xmloutputversion="1.05">{told}<runstats><finished time="1767229200" exit="success"/>'
        f'<hosts up="{hosts}" down="0" total="{hosts}"/></runstats></nmaprun>'
    )


def _parts(places: range) -> Iterable[range]:
    return (places[first : first + AT_ONCE] for first in range(0, len(places), AT_ONCE))


def _took(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
