"""Where this installation's events lie."""

from __future__ import annotations

import os

from towpath.events.lake import Lake
from towpath.foundation.operations.home import home


def lake() -> Lake:
    """The lake of this home, or the one that `TOWPATH_LAKE_URL` names; made where there is none."""
    named = os.environ.get("TOWPATH_LAKE_URL", "").strip()
    found = Lake(named or home().lake, local=home().root)
    found.create()
    return found
