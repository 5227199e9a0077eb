"""A quarantined row, mended by a person, becomes an event under the same rules of identity as the rows of
its file."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pyarrow as pa

from towpath.events.envelope import row_id
from towpath.events.importers.chunks import LINE_KEY, SURPLUS_KEY, Refused, Row
from towpath.events.importers.conversion import Conversion, Reasons, raw_json
from towpath.events.importers.treating import treated_row, treatments
from towpath.events.mapping import Mapping

_EXAMPLE = 'Write the row as JSON of its columns, like {"time": "2026-01-31 09:00", "type": "order"}'


def repair(
    raw: str, mapping: Mapping, place: str, *, seq: int = 0, nth: int = 0, now: datetime | None = None
) -> pa.RecordBatch | Refused:
    """The event of one mended row (a batch of EVENT_SCHEMA with one row), or why it is still refused.

    `raw` is JSON text of the row's columns; `place`, `seq` and `nth` are those of the refused row. Without
    an id of its own the event's id is that of the mended content: when the source mends its file in the same
    way and the file is imported again, the event counts once.
    """
    row = _read(raw)
    if isinstance(row, str):
        return Refused(place, row, raw, seq, nth)
    row = treated_row(row, treatments(mapping))
    canonical = raw_json(row)
    conversion = Conversion(mapping, now or datetime.now(UTC))
    if "id" in mapping.events:
        ids = conversion.texts("id", [row])
    else:
        ids = [row_id(mapping.source, canonical, nth)]
    reasons: Reasons = [None]
    batch = conversion.convert([row], [canonical], ids, [seq], reasons)
    if reasons[0] is not None:
        return Refused(place, reasons[0], canonical.decode(), seq, nth)
    return batch


def _read(raw: str) -> Row | str:
    try:
        row = msgspec.json.decode(raw.encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return f"this is not JSON ({error}). {_EXAMPLE}"
    if not isinstance(row, dict):
        return f"this is JSON, but not an object. {_EXAMPLE}"
    for key in (LINE_KEY, SURPLUS_KEY):
        if key in row:
            return f"{key!r} is not a column of the source. {_EXAMPLE}, without {key!r}"
    return row
