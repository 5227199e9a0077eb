"""What the doctor may find, in words: what, where, how grave, what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from django.utils.translation import gettext as _

from towpath.events.lake.checking import Kind, Trouble

Gravity = Literal["grave", "warning"]
"""grave: events are lost, wrong or in danger, or will be; warning: a person should look."""


class Finding(msgspec.Struct, frozen=True):
    """`repairable`: `towpath doctor --repair` puts it right."""

    name: str
    gravity: Gravity
    what: str
    where: str
    advice: str
    repairable: bool


class Report(msgspec.Struct, frozen=True):
    """What a look found, grave things first. `not_looked_at`: what could not be looked at now, and why."""

    at: datetime
    healthy: bool
    version: int
    files: int
    events: int
    findings: tuple[Finding, ...]
    not_looked_at: tuple[str, ...]
    repaired: tuple[str, ...]


def _restore() -> str:
    return _("Bring the file back from a backup, or restore the whole (towpath restore). Do not vacuum.")


def _report_it() -> str:
    return _("Stop the worker, make a backup, and report it: Towpath writes no such file.")


def finding_of(trouble: Trouble) -> Finding:
    """One trouble of the lake in words."""
    what, advice = _words(trouble)[trouble.kind]
    repairable = trouble.kind in _REPAIRABLE
    gravity: Gravity = "warning" if trouble.kind in _WARNINGS else "grave"
    return Finding(trouble.kind.value, gravity, what, trouble.where, advice, repairable)


_REPAIRABLE = {Kind.INDEX_BROKEN, Kind.INDEX_AHEAD, Kind.UNKNOWN, Kind.ORPHANS, Kind.LEFTOVERS}
_WARNINGS = {Kind.INDEX_BROKEN, Kind.ORPHANS, Kind.LEFTOVERS}


def _words(trouble: Trouble) -> dict[Kind, tuple[str, str]]:
    """What it is, and what to do, for each kind."""
    given = {"count": f"{trouble.count:,}", "told": trouble.told, "bytes": f"{trouble.bytes:,}"}
    texts = _of_files() | _of_rows() | _of_index() | _of_strays()
    return {kind: (what % given, advice) for kind, (what, advice) in texts.items()}


def _of_files() -> dict[Kind, tuple[str, str]]:
    return {
        Kind.MISSING: (_("A file of the lake is gone; it held %(count)s events."), _restore()),
        Kind.UNREADABLE: (
            _("A file of the lake with %(count)s events cannot be read (%(told)s)."),
            _restore(),
        ),
        Kind.ROWS: (_("A file has not as many events as the log says (%(told)s)."), _restore()),
        Kind.SCHEMA: (_("A file has columns that no event has, or lacks some: %(told)s."), _report_it()),
    }


def _of_rows() -> dict[Kind, tuple[str, str]]:
    return {
        Kind.UNSORTED: (
            _("Events are out of order at %(count)s places: figures of journeys may be wrong."),
            _report_it(),
        ),
        Kind.MISPLACED: (
            _("%(count)s events lie in the wrong month or bucket: some pages do not see them."),
            _report_it(),
        ),
        Kind.TIMES: (
            _("Events lie outside of the times that the log says: some pages do not see them."),
            _report_it(),
        ),
        Kind.DOUBLED: (_("%(count)s events are in the lake more than once: %(told)s."), _report_it()),
    }


def _of_index() -> dict[Kind, tuple[str, str]]:
    rebuild = _("Run: towpath doctor --repair. Until then an event that is sent again may count twice.")
    return {
        Kind.INDEX_BROKEN: (
            _("The index of identities is not whole."),
            _("The next flush makes it anew; towpath doctor --repair also keeps what retention removed."),
        ),
        Kind.INDEX_AHEAD: (_("The index is ahead of the lake (%(told)s)."), rebuild),
        Kind.UNKNOWN: (_("The index does not know %(count)s events of the lake."), rebuild),
    }


def _of_strays() -> dict[Kind, tuple[str, str]]:
    return {
        Kind.ORPHANS: (
            _("%(count)s files (%(bytes)s bytes) belong to no version of the lake: %(told)s."),
            _("They only take room. Run: towpath doctor --repair."),
        ),
        Kind.LEFTOVERS: (
            _("%(count)s notes of writers that were killed are left."),
            _("The next writer clears them up; or run: towpath doctor --repair."),
        ),
    }
