"""What becomes of a body: events, refused events, or the refusal of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from towpath.events.importers.chunks import MAX_RAW_BYTES, Refused


class BodyRefused(Exception):
    """A body of which nothing can be read; `status`, `title` and `detail` are those of RFC 9457.

    400: it is not what its content type says. 413: it is too large. 415: its content type, charset or
    content encoding is not known here.
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}")
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True)
class RefusedEvent(Refused):
    """An event of a batch that was not taken: place for people ("event 3", "line 17"), reason, text as it
    came."""

    @property
    def index(self) -> int:
        """Its place in the batch, from 0; empty lines do not count."""
        return self.seq


@dataclass(frozen=True)
class Received:
    """The events that could be read (EVENT_SCHEMA, in the order of the batch), and those that could not."""

    events: pa.RecordBatch
    refused: tuple[RefusedEvent, ...]


def refused(place: str, reason: str, raw: bytes, index: int) -> RefusedEvent:
    """`raw` may be anything; what is not UTF-8 is kept as escapes, what is too long is cut."""
    return RefusedEvent(place, reason, raw[:MAX_RAW_BYTES].decode("utf-8", "backslashreplace"), index)
