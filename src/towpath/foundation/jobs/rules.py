"""Who may see and steer jobs, when a failed attempt is tried again, when a schedule is next due."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import Role

READ_JOBS = permission("jobs:read", Role.ADMINISTRATOR, Role.SERVICE_MANAGER)
MANAGE_JOBS = permission("jobs:manage", Role.ADMINISTRATOR)

LONGEST_PAUSE = 3600.0
"""Seconds. The pause grows no longer: a service that was away for a night is found again within the hour."""


class State(TextChoices):
    """What a person is told about a job."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    FAILED = "failed", _("Failed")
    GIVEN_UP = "given_up", _("Given up")
    DONE = "done", _("Done")


class GivenUp(Exception):
    """A person decided that the job is not to be run."""


class WorkerLost(Exception):
    """The worker that held the job stopped answering: it was killed, or its machine was."""


class ProcessEnded(Exception):
    """The process that ran the job ended in mid-job (killed for want of memory, or crashed)."""


class TimeLimit(Exception):
    """The job ran longer than it declared."""


def pause_after(attempt: int, first: float, draw: float) -> timedelta:
    """How long to wait after the `attempt`-th failure (1, 2, ...).

    Doubles from `first` seconds up to LONGEST_PAUSE. `draw` in [0, 1) spreads it over 50 % to 150 %, so that
    jobs which failed together do not come back together.
    """
    grown = min(first * 2.0 ** min(attempt - 1, 64), LONGEST_PAUSE)
    return timedelta(seconds=grown * (0.5 + draw))


def due_after(due: datetime, every: float, now: datetime) -> datetime:
    """The first time on the grid `due + n * every` seconds that lies after `now`.

    A schedule that slept through several turns is therefore caught up with once, not once for each.
    """
    missed = (now - due).total_seconds() / every
    return due + timedelta(seconds=every * (math.floor(max(missed, 0.0)) + 1))
