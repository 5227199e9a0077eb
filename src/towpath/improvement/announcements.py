"""Facts about findings that higher areas, and people outside, may want to know."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class FindingChanged(Announcement, frozen=True):
    """A finding has another state. `before` is empty for a new one; `state` as in `Finding.State`; `step`:
    the number of the step in its life."""

    digest: str
    before: str
    state: str
    grave: bool = False
    step: int = 0
