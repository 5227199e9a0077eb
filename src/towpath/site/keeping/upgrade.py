"""What an older Towpath left, brought to what this one works with: the records' tables and the lake."""

from __future__ import annotations

import multiprocessing

import structlog
from deltalake.exceptions import DeltaError

from towpath.events.lake import LakeError, LakeTooNew, LakeTooOld
from towpath.events.store import lake, lake_as_it_is
from towpath.site.migrating import bring_up_to_date, changes_to_come

log = structlog.get_logger(__name__)


def outstanding() -> list[str]:
    """What `upgrade` would do, in words. Raises LakeTooNew, CannotUpgrade."""
    told = [f"the records' tables change: {name}" for name in changes_to_come()]
    found = lake_as_it_is()
    steps = found.outdated()
    if not steps:
        found.check_known()
    return [*told, *steps]


def upgrade() -> list[str]:
    """Do it; returns what was done. Broken off, the same again goes on. Raises LakeBusy, CannotUpgrade."""
    done = outstanding()
    bring_up_to_date()
    lake_as_it_is().upgrade()
    return done


def refuse_unfit_lake() -> None:
    """Raises LakeTooOld, LakeTooNew.

    A lake that merely cannot be reached now is no reason not to start: what is accepted waits in the inbox.
    It looks from a process of its own: the lake's library keeps threads, which processes that the web server
    forks from this one would lack.
    """
    try:
        with multiprocessing.get_context("fork").Pool(1) as alone:
            alone.apply(_look)
    except (LakeTooOld, LakeTooNew):
        raise
    except (LakeError, DeltaError, OSError) as error:
        log.warning("the lake cannot be looked at", error=str(error))


def _look() -> None:
    lake().check_known()
