"""Whether the inbox is whole: it opens, counts right, and keeps nothing that the lake has."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from django.utils.translation import gettext as _

from towpath.events.inbox import BUSY_TIMEOUT_S
from towpath.events.keeping.findings import Finding

FILL = "inbox-fill"
STAYS_S = 300.0
"""A flushed batch goes at once, or with the flush after a kill."""


def findings(path: Path, flushed: Callable[[str], int]) -> Iterator[Finding]:
    """`flushed`: number of the last batch of a writer that is in the lake."""
    if not path.exists():
        # Made with the first event; a home that takes none has none.
        return
    try:
        with closing(_open(path)) as connection:
            yield from _whole(connection, path)
            yield from _fill(connection, path)
            yield from _staying(connection, path, flushed)
    except sqlite3.Error as error:
        what = _("The inbox cannot be read (%(error)s).") % {"error": error}
        yield Finding("inbox-broken", "grave", what, str(path), _keep(), False)


def count_anew(path: Path) -> None:
    """Set the fill to what the rows are."""
    with closing(_open(path)) as connection, connection:
        connection.execute("begin immediate")
        connection.execute(
            "update fill set events = (select coalesce(sum(events), 0) from batches), "
            "bytes = (select coalesce(sum(bytes), 0) from batches)"
        )


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )


def _whole(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    told = [row[0] for row in connection.execute("pragma quick_check(5)")]
    if told != ["ok"]:
        what = _("The inbox is damaged: %(told)s.") % {"told": "; ".join(told)}
        yield Finding("inbox-broken", "grave", what, str(path), _keep(), False)


def _fill(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    # One statement, so that no sender comes in between.
    told, counted, size, summed = connection.execute(
        "select fill.events, coalesce(sum(b.events), 0), fill.bytes, coalesce(sum(b.bytes), 0) "
        "from fill left join batches b on true"
    ).fetchone()
    if (told, size) != (counted, summed):
        given = {"told": f"{told:,}", "counted": f"{counted:,}"}
        what = _("The inbox says that %(told)s events wait, and %(counted)s do.") % given
        advice = _("Senders may be refused too early or too late. Run: towpath doctor --repair.")
        yield Finding(FILL, "warning", what, str(path), advice, True)


def _staying(connection: sqlite3.Connection, path: Path, flushed: Callable[[str], int]) -> Iterator[Finding]:
    (writer,) = connection.execute("select writer from inbox").fetchone()
    (count,) = connection.execute(
        "select count(*) from batches where number <= ? and accepted < ?",
        (flushed(writer), time.time() - STAYS_S),
    ).fetchone()
    if count:
        what = _("%(count)s batches wait in the inbox although the lake has them.") % {"count": f"{count:,}"}
        advice = _("The next flush removes them: see that a worker runs (towpath worker).")
        yield Finding("inbox-flushed", "warning", what, str(path), advice, False)


def _keep() -> str:
    return _("Stop Towpath and copy the file away: it may hold events that are nowhere else. Then restore.")
