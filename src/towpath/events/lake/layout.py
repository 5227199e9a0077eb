"""How the lake lies on disk: months, buckets, names.

    <root>/events/                   one Delta table, tail and body together
    <root>/events/month=2011-10/bucket=0000-of-0001/<token>.parquet    a file of the body
    <root>/events/month=tail/bucket=0000-of-0001/<token>.parquet       a file of the tail: one flush
    <root>/events/_intents/          what a writer is about to add; forgotten once it is committed
    <root>/index/                    which identities are known (local roots; else, and for several nodes, in
                                     the home of each)
    <root>/writer.lock               held by the one process that commits (else in the home, or a lease)
    <root>/body.lock                 held by the one process that makes files of the body anew (likewise)

The tail is in the same table as the body, since compaction takes files out of the one and puts files into
the other in one commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA

LAKE_FORMAT = 2
"""Raised when an older Towpath could no longer read or safely write the lake.

1: a table `body`. 2: tail and body in the table `events`.
"""

BUCKET_ROWS = 2_000_000
"""A month of fewer events lies in one bucket (measured, see the design)."""

ROW_GROUP_ROWS = 131_072
PARTITIONS = ("month", "bucket")
TAIL = "tail"
"""What a file of the tail has in place of a month."""
TABLE_SCHEMA = pa.schema(
    [*EVENT_SCHEMA, *(pa.field(name, pa.string(), nullable=False) for name in PARTITIONS)]
)

KEY_MIN = -(1 << 63)
KEY_MAX = (1 << 63) - 1


@dataclass(frozen=True)
class EventFile:
    """A file of events in SORT_ORDER.

    In the body it holds those of one `month` whose keys fall into bucket `bucket` of `of`; in the tail those
    of one flush, whatever their month and key.
    """

    path: str
    month: str
    bucket: int
    of: int
    rows: int
    bytes: int
    min_time: datetime
    max_time: datetime
    written_at: datetime = field(compare=False)

    @property
    def in_tail(self) -> bool:
        return self.month == TAIL

    @property
    def partition(self) -> dict[str, str]:
        return {"month": self.month, "bucket": bucket_name(self.bucket, self.of)}

    def key_range(self) -> tuple[int, int]:
        return key_range(self.bucket, self.of)


def buckets_of(rows: int, bucket_rows: int = BUCKET_ROWS) -> int:
    """Number of buckets for a month of so many rows: a power of two, so that buckets of all months nest."""
    return 1 << (rows // bucket_rows).bit_length()


def bucket_name(bucket: int, of: int) -> str:
    return f"{bucket:04d}-of-{of:04d}"


def parse_bucket(name: str) -> tuple[int, int]:
    bucket, of = name.split("-of-")
    return int(bucket), int(of)


def key_range(part: int, of: int) -> tuple[int, int]:
    """First and last key (both inclusive) of part `part` of `of` equal parts of all keys, in their order."""
    return KEY_MIN + (part << 64) // of, KEY_MIN + ((part + 1) << 64) // of - 1


def bucket_bounds(of: int) -> npt.NDArray[np.int64]:
    """First key of each bucket but the first: `np.searchsorted(bounds, key, side="right")` is the bucket."""
    return np.array([key_range(part, of)[0] for part in range(1, of)], dtype=np.int64)


def event_path(month: str, bucket: int, of: int, token: str) -> str:
    return f"month={month}/bucket={bucket_name(bucket, of)}/{token}.parquet"


def months_of(times: pa.ChunkedArray) -> npt.NDArray[np.datetime64]:
    """Month (UTC) of each time."""
    micros: npt.NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    return micros.astype("datetime64[us]").astype("datetime64[M]")


def utc(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(
        microsecond=microseconds % 1_000_000
    )
