"""Where this installation's events lie."""

from __future__ import annotations

import os

from towpath.events.lake import Lake
from towpath.foundation.operations.home import home


def lake() -> Lake:
    """The lake that `TOWPATH_LAKE_URL` names, else the one on local disk under the home; made where it is missing."""
    named = os.environ.get("TOWPATH_LAKE_URL", "").strip()
    found = Lake(named or home().lake)
    found.create()
    return found
