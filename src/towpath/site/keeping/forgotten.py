"""Who was forgotten does not come back with a backup that was made before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.events.lake.moves import Forgotten
from towpath.site.keeping.manifest import FORGOTTEN, NotKept

Int64 = npt.NDArray[np.int64]


class ForgottenList(msgspec.Struct, frozen=True):
    """Keyed hash of a subject's key -> until when (UTC microseconds) nothing of it comes in.

    With the secret of the hash, so that it must be kept as secrets are.
    """

    secret: str
    until: dict[int, int]


def list_of(forgotten: Forgotten) -> ForgottenList:
    return ForgottenList(forgotten.secret.decode(), dict(forgotten.until))


def read_list(path: Path) -> ForgottenList:
    """The list that a backup holds (`forgotten.json`, or the backup's folder). Raises NotKept."""
    file = path / FORGOTTEN if path.is_dir() else path
    try:
        return msgspec.json.decode(file.read_bytes(), type=ForgottenList)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotKept(f"{file} holds no list of the forgotten ({error}).") from error


def take_over(later: ForgottenList) -> None:
    """Note who was forgotten after the backup was made. Raises NotKept for another installation's list."""
    from towpath.events import keys
    from towpath.events.models import ForgottenKey
    from towpath.foundation.operations.home import home

    known = keys.forgotten()
    if known.secret.decode() != later.secret:
        if known.until:
            raise NotKept("The list of the forgotten is another installation's than the backup.")
        (home().secrets / "forgotten").unlink()
        home().write_secret("forgotten", later.secret)
    rows = [
        ForgottenKey(digest=digest, at=datetime.fromtimestamp(until / 1_000_000, UTC))
        for digest, until in later.until.items()
        if until > known.until.get(digest, 0)
    ]
    ForgottenKey.objects.bulk_create(
        rows, 500, update_conflicts=True, unique_fields=["digest"], update_fields=["at"]
    )


def forget_again() -> int:
    """Take those who are on the list out of what was restored; returns how many subjects that were.

    Whoever came back after they were forgotten stays, unless something from before is there too.
    """
    from towpath.events import keys
    from towpath.foundation.operations.forgetting import Person, erase_everywhere, scrub_records

    forgotten = keys.forgotten()
    if not forgotten.until:
        return 0
    found = _found(forgotten)
    persons: dict[int, set[int]] = defaultdict(set)
    for key, until in found.items():
        persons[until].add(key)
    for until, own in sorted(persons.items()):
        names = tuple(sorted(_identifiers(own)))
        erase_everywhere(Person(names, frozenset(own), datetime.fromtimestamp(until / 1_000_000, UTC)))
    scrub_records()
    return len(found)


def _found(forgotten: Forgotten) -> dict[int, int]:
    """Key -> until when, of those on the list of whom something from that time is there."""
    found: dict[int, int] = {}
    for subjects, first in (*_of_the_lake(), *_of_the_inbox(), _of_the_records()):
        earliest: Mapping[int, int] = dict(zip(subjects.tolist(), first.tolist(), strict=True))
        listed = forgotten.among(np.unique(subjects))
        for key, until in zip(listed["own"].to_pylist(), listed["until"].to_pylist(), strict=True):
            if earliest[key] <= until:
                found[key] = until
    return found


def _of_the_lake() -> Iterator[tuple[Int64, Int64]]:
    from towpath.events.store import lake

    table = lake().snapshot().query("select key, min(epoch_us(time)) as first from events group by key")
    yield _int64(table["key"]), _int64(table["first"])


def _of_the_inbox() -> Iterator[tuple[Int64, Int64]]:
    from towpath.events.store import inbox

    for _number, batches in inbox().batches():
        table = pa.Table.from_batches(batches)
        first = table.select(["key", "time"]).group_by("key").aggregate([("time", "min")])
        yield _int64(first["key"]), _int64(first["time_min"].cast(pa.int64()))


def _of_the_records() -> tuple[Int64, Int64]:
    from towpath.customers.models import Identifier

    rows = list(Identifier.objects.values_list("key", "first_seen").iterator())
    return (
        np.array([key for key, _first in rows], np.int64),
        np.array([int(first.timestamp() * 1_000_000) for _key, first in rows], np.int64),
    )


def _identifiers(own: set[int]) -> set[str]:
    """How these subjects were named, in records, lake and inbox."""
    from towpath.customers.models import Identifier
    from towpath.events.store import inbox, lake

    wanted = sorted(own)
    named = {each.written for part in _parts(wanted) for each in Identifier.objects.filter(pk__in=part)}
    sql = "select distinct identifier from events where key in (select unnest($keys::bigint[]))"
    told = lake().snapshot().query(sql, {"keys": wanted})["identifier"].to_pylist()
    for _number, batches in inbox().batches():
        table = pa.Table.from_batches(batches)
        theirs = np.isin(_int64(table["key"]), np.array(wanted, np.int64))
        told += table.filter(pa.array(theirs))["identifier"].to_pylist()
    return named | {each for each in told if each}


def _parts(keys: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(keys), 500):
        yield keys[first : first + 500]


def _int64(column: pa.ChunkedArray) -> Int64:
    return np.asarray(column.to_numpy(), np.int64)
