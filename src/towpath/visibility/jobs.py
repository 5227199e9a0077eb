"""Work of this area that a worker does in the background."""

from __future__ import annotations

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs.declaring import job, scheduled
from towpath.visibility import keeping


@scheduled(every=600)
@job(attempts=2)
def keep_week() -> str:
    """Keep the running week's figures for its account; returns the week's name, "" where nothing changed."""
    return keeping.keep_week(OPERATOR)
