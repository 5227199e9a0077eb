"""Looking for what is left of a customer: in every file of a home, packed or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from towpath.events.inbox import Inbox
from towpath.foundation.operations.home import Home


def traces_in(place: Path, traces: Sequence[str]) -> list[str]:
    """Which traces a file holds, as it lies there and, where it is packed, unpacked."""
    content = place.read_bytes()
    if place.suffix == ".parquet" and "_delta_log" not in place.parts:
        content += str(pq.read_table(place).to_pylist()).encode()
    if place.suffix == ".sqlite3":
        with sqlite3.connect(place) as records:
            content += "\n".join(records.iterdump()).encode()
        if place.name == "inbox.sqlite3":
            waiting = [batch.to_pylist() for _n, batches in Inbox(place).batches() for batch in batches]
            content += str(waiting).encode()
    text = content.decode("utf-8", "replace").lower()
    return [trace for trace in traces if trace in text]


def found_in(home: Home, traces: Sequence[str]) -> dict[str, list[str]]:
    """File below the home -> traces in it, for files that hold any."""
    places = [place for place in home.root.rglob("*") if place.is_file()]
    held = {str(place.relative_to(home.root)): traces_in(place, traces) for place in places}
    return {name: those for name, those in held.items() if those}
