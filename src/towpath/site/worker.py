"""`towpath worker`: background work."""

from __future__ import annotations

import os
import signal
import threading
import time

import click

from towpath.foundation.jobs.declaring import discover, loop
from towpath.foundation.jobs.working import Worker, work_until_signalled
from towpath.foundation.outbox.delivery import deliver
from towpath.site.keeping.upgrade import refuse_unfit_lake

loop(every=1.0, name="outbox")(deliver)

PARENT = click.option(
    "--parent", type=int, hidden=True, help="End with this process (set by `towpath up` for what it starts)."
)


def end_with(parent: int | None) -> None:
    """Stop this process, as SIGTERM does, once the parent is gone (killed, so that it could not say so)."""
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


@click.command()
@click.option(
    "--lease", default=30.0, show_default=True, help="Seconds until a dead worker's job is another's."
)
@click.option(
    "--grace", default=20.0, show_default=True, help="Seconds a running job may go on after a stop."
)
@click.option("--drain", is_flag=True, help="Do what is ready, then end (no loops).")
@PARENT
def worker(lease: float, grace: float, drain: bool, parent: int | None) -> None:
    """Run jobs, schedules and loops until stopped (Ctrl-C, SIGTERM). Several may run."""
    if lease <= 0 or grace < 0:
        raise click.UsageError("--lease must be more than 0 seconds, --grace 0 or more")
    end_with(parent)
    refuse_unfit_lake()
    discover()
    work_until_signalled(Worker(lease=lease, grace=grace), drain=drain)


COMMANDS = (worker,)
