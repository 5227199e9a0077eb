"""The lake: Delta tables of plain Parquet that hold every event. Pure; paths come in as arguments.

`Staging` gathers an import's rows, `Lake.absorb` takes them into the body, `Lake.snapshot` pins a version to
read: whole customers with `units`, single ones with `Snapshot.read`, aggregates with `Snapshot.query`.
"""

from towpath.events.lake.absorbing import Absorbed
from towpath.events.lake.errors import (
    LakeBusy,
    LakeError,
    LakeFull,
    LakeMissing,
    LakeTooNew,
    LakeTooOld,
    SnapshotGone,
)
from towpath.events.lake.lake import Lake
from towpath.events.lake.layout import EventFile
from towpath.events.lake.snapshot import Snapshot, Unit, units
from towpath.events.lake.staging import Staging

__all__ = [
    "Absorbed",
    "EventFile",
    "Lake",
    "LakeBusy",
    "LakeError",
    "LakeFull",
    "LakeMissing",
    "LakeTooNew",
    "LakeTooOld",
    "Snapshot",
    "SnapshotGone",
    "Staging",
    "Unit",
    "units",
]
