"""Which events go out, and how they are read: in the order of events, never all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Snapshot

SLICE_ROWS = 200_000
"""Events held in memory at once, unless one hour holds more."""
_HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ", ".join(f'"{name}"' for name in EVENT_SCHEMA.names)
_WHERE = (
    "(len($sources::varchar[]) = 0 or list_contains($sources::varchar[], source)) "
    "and (len($types::varchar[]) = 0 or list_contains($types::varchar[], type)) "
    "and ($start::timestamptz is null or time >= $start::timestamptz) "
    "and ($end::timestamptz is null or time < $end::timestamptz) "
    "and ($text = '' or contains(data, $text))"
)


@dataclass(frozen=True)
class Chosen:
    """Events of these sources and types (none named: all), from `start` on and before `end` (with zones)."""

    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @property
    def whole_sources(self) -> bool:
        """True if nothing of a chosen source is left out."""
        return not (self.types or self.start or self.end)


def slices(
    snapshot: Snapshot, chosen: Chosen, *, holding: str = "", rows: int = SLICE_ROWS
) -> Iterator[pa.Table]:
    """Tables of EVENT_SCHEMA of about `rows` rows, in the order of events; only events whose data holds the
    text `holding`."""
    for start, end in _cuts(snapshot, chosen, holding, rows):
        found = snapshot.query(
            f"select {_COLUMNS} from events where {_WHERE} order by time, seq, source, id",  # noqa: S608 (fixed texts)
            _parameters(chosen, holding) | {"start": start, "end": end},
        )
        yield found.cast(EVENT_SCHEMA)


def _parameters(chosen: Chosen, holding: str) -> dict[str, object]:
    return {
        "sources": list(chosen.sources),
        "types": list(chosen.types),
        "start": chosen.start,
        "end": chosen.end,
        "text": holding,
    }


def _cuts(
    snapshot: Snapshot, chosen: Chosen, holding: str, rows: int
) -> Iterator[tuple[datetime | None, datetime | None]]:
    hours = snapshot.query(
        f"select floor(epoch_us(time) / {_HOUR_US})::bigint as hour, count(*) as events "  # noqa: S608 (fixed texts)
        f"from events where {_WHERE} group by 1 order by 1",
        _parameters(chosen, holding),
    ).to_pylist()
    if not hours:
        return
    start, held = chosen.start, 0
    for at in hours:
        if held and held + at["events"] > rows:
            cut = _EPOCH + timedelta(hours=at["hour"])
            yield start, cut
            start, held = cut, 0
        held += at["events"]
    yield start, chosen.end
