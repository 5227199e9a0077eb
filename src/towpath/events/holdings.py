"""What a source holds already: two different files whose names are alike would otherwise become one."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from towpath.events.mapping import Mapping
from towpath.events.models import FileImport
from towpath.events.rules import READ_EVENTS
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.foundation.ui.figures import day


class SourceHolding(msgspec.Struct, frozen=True):
    """Events that a source holds; `file` and `at`: the last other file that brought some (empty and null
    where none did, but the door)."""

    source: str
    events: int
    file: str
    at: datetime | None

    def __str__(self) -> str:
        asked = {"source": self.source, "events": f"{self.events:,}", "file": self.file}
        if self.at is None:
            told = (
                ngettext(
                    "Source %(source)s already holds %(events)s event.",
                    "Source %(source)s already holds %(events)s events.",
                    self.events,
                )
                % asked
            )
        else:
            asked["day"] = day(self.at)
            told = (
                ngettext(
                    "Source %(source)s already holds %(events)s event (from %(file)s, %(day)s).",
                    "Source %(source)s already holds %(events)s events (from %(file)s, %(day)s).",
                    self.events,
                )
                % asked
            )
        return f"{told} " + _(
            "If this file goes on with them, keep the name: what is there already counts once. If it is "
            "something else, write another name at “source:” in the mapping."
        )


def already_held(actor: Actor, mapping: Mapping, digest: str) -> SourceHolding | None:
    """What the mapping's source holds from elsewhere than the file with this digest; None for nothing.

    Where a column names the source, nothing is said: such files are told apart row by row.
    """
    require(actor, READ_EVENTS)
    if "source" in mapping.events:
        return None
    events = lake().snapshot().sources().get(mapping.source, 0)
    brought = visible(FileImport, actor).filter(
        source=mapping.source, finished_at__isnull=False, written__gt=0
    )
    other = brought.exclude(digest=digest).order_by("-finished_at").first()
    if not events or (other is None and brought.exists()):
        return None
    return SourceHolding(
        mapping.source, events, other.name if other else "", other.finished_at if other else None
    )
