"""Histories beside the lake: as they were made once, in files that are mapped into memory rather than read.

`home/histories/<source>/<token>/`: `movements.arrow` and `tickets.arrow` hold the numbers and codes, row by
row, `names.arrow` one row with the names of each column's codes. Removing any of it is harmless.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.desk.rules.reading import Reading
from towpath.desk.shelves import clear_others, shelf_of
from towpath.foundation.operations.drafts import draft_of

_FORMAT = 1
_OF_MOVEMENTS = ("time", "state", "tier")
_SAID = "said "
"""Before the names of times that the source says, which some columns bear too."""


def put(history: History, name: str) -> Path | None:
    """Keep a history under a name in place of those that there are of its source; None where the disk does
    not take it: that costs time later, not the answer."""
    folder = _folder(history.source, name)
    with contextlib.suppress(OSError):
        with draft_of(folder) as draft:
            draft.mkdir(mode=0o700, parents=True)
            _write(draft / "movements.arrow", _movements(history))
            _write(draft / "tickets.arrow", _tickets(history))
            _write(draft / "names.arrow", _names(history))
        clear_others(folder)
        return folder
    return None


def found(source: str, name: str, token: str, reading: Reading) -> History | None:
    """The history that is kept under a name, if it is."""
    folder = _folder(source, name)
    try:
        movements, tickets, names = (
            _mapped(folder / f"{each}.arrow") for each in ("movements", "tickets", "names")
        )
    except (OSError, pa.ArrowInvalid):
        return None
    spelled = {each: names[each][0].values for each in names.column_names}

    def coded(table: pa.Table, column: str, rows: int) -> Coded:
        if column not in table.column_names:
            return Coded.nothing(rows)
        return Coded(_numbers(table, column), spelled[column])

    return History(
        source=source,
        token=token,
        reading=reading,
        as_of=int(movements.schema.metadata[b"as_of"]),
        tickets=tickets["number"].chunk(0),
        starts=np.append(_numbers(tickets, "starts"), len(movements)),
        time=_numbers(movements, "time"),
        state=_numbers(movements, "state"),
        tier=_numbers(movements, "tier"),
        moving={each: coded(movements, each, len(movements)) for each in _listed(movements, b"moving")},
        of_ticket={each: coded(tickets, each, len(tickets)) for each in _listed(tickets, b"of_ticket")},
        made_sla=_numbers(tickets, "made_sla"),
        said={each: _numbers(tickets, _SAID + each) for each in _listed(tickets, b"said")},
    )


def _folder(source: str, name: str) -> Path:
    return shelf_of(source) / f"{_FORMAT}-{name}"


def _movements(history: History) -> pa.Table:
    columns: dict[str, pa.Array] = {each: pa.array(getattr(history, each)) for each in _OF_MOVEMENTS}
    columns |= _codes(history.moving)
    about = {b"as_of": str(history.as_of).encode(), b"moving": " ".join(history.moving).encode()}
    return pa.table(columns).replace_schema_metadata(about)


def _tickets(history: History) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "number": history.tickets,
        "starts": pa.array(history.starts[:-1]),
        "made_sla": pa.array(history.made_sla),
        **_codes(history.of_ticket),
        **{_SAID + name: pa.array(times) for name, times in history.said.items()},
    }
    about = {b"of_ticket": " ".join(history.of_ticket).encode(), b"said": " ".join(history.said).encode()}
    return pa.table(columns).replace_schema_metadata(about)


def _codes(columns: dict[str, Coded]) -> dict[str, pa.Array]:
    """Columns that say nothing are left out: they would be as large as the others."""
    return {name: pa.array(each.codes) for name, each in columns.items() if len(each.names)}


def _names(history: History) -> pa.Table:
    every = {**history.moving, **history.of_ticket}
    return pa.table(
        {
            name: pa.ListArray.from_arrays([0, len(each.names)], each.names)
            for name, each in every.items()
            if len(each.names)
        }
    )


def _write(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_file(str(path), table.schema) as sink:
        sink.write_table(table.combine_chunks())


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _listed(table: pa.Table, about: bytes) -> list[str]:
    return str(table.schema.metadata[about], "utf-8").split()


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    chunks = table[column].chunks
    found: np.ndarray = chunks[0].to_numpy() if len(chunks) == 1 else table[column].to_numpy()
    return found
