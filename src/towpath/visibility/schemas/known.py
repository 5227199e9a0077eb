"""A finding as far as home and the account look at it: now, or as it was when a week was kept."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.improvement.schemas.findings import Detected


class Known(msgspec.Struct, frozen=True):
    """Language-free. `seen`: by the look that the figures beside it are of. `silent_since`: nothing came in
    from there since."""

    digest: str
    state: str
    seen: bool
    owner: str
    due: date | None
    grave: bool
    expected_gain: float | None
    measured: dict[str, object] | None
    detected: Detected
    silent_since: datetime | None = None
