"""`towpath jobs`."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
import msgspec
from django.http import Http404
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs import actions, queries
from towpath.foundation.jobs.rules import State
from towpath.foundation.operations.command_line import AS_JSON, NOT_DONE


@click.group("jobs")
def jobs() -> None:
    """Background work: what runs, waits and failed."""


@jobs.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only those.")
@click.option(
    "--top", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many to show."
)
@AS_JSON
def list_jobs(state: str | None, top: int, as_json: bool) -> None:
    """Jobs, newest first."""
    found = queries.list_jobs(OPERATOR, State(state) if state else None, limit=top)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    table = Table(_("Job"), _("State"), _("Attempts"), _("Enqueued"), _("Why it failed"), box=None)
    for row in found.jobs:
        attempts = f"{row.attempts} / {row.attempts_allowed}"
        table.add_row(
            f"{row.name}\n{row.id}", row.state, attempts, f"{row.enqueued_at:%Y-%m-%d %H:%M}", row.reason
        )
    console = Console()
    console.print(table if found.jobs else _("No jobs."))
    console.print(", ".join(f"{count} {state}" for state, count in found.counts.items() if count))


@jobs.command("show")
@click.argument("job_id", metavar="JOB")
@AS_JSON
def show(job_id: str, as_json: bool) -> None:
    """One job, with the traceback of its last failed attempt."""
    try:
        row = queries.get_job(OPERATOR, job_id)
    except Http404 as error:
        _refuse(error)
    if as_json:
        click.echo(msgspec.json.encode(row).decode())
        return
    for name, value in msgspec.to_builtins(row).items():
        if value not in (None, "", {}):
            click.echo(f"{name}: {value}")


@jobs.command("retry")
@click.argument("job_id", metavar="JOB")
def retry(job_id: str) -> None:
    """Run a failed job again, with all its attempts."""
    try:
        actions.run_again(OPERATOR, job_id)
    except (Http404, actions.NotNow) as error:
        _refuse(error)
    click.echo(_("It waits for the next free worker."))


@jobs.command("give-up")
@click.argument("job_id", metavar="JOB")
def give_up(job_id: str) -> None:
    """Settle that a job is not to be run any more; a running one is ended."""
    try:
        actions.give_up(OPERATOR, job_id)
    except (Http404, actions.NotNow) as error:
        _refuse(error)
    click.echo(_("Given up."))


def _refuse(error: Exception) -> NoReturn:
    click.echo(f"towpath: {error}", err=True)
    sys.exit(NOT_DONE)


COMMANDS = (jobs,)
