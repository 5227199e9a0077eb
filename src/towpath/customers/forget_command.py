"""`towpath forget`: takes a customer out of everything, and says what was removed."""

from __future__ import annotations

import sys

import click
import msgspec
from django.http import Http404

from towpath.customers.actions.forgetting import forget
from towpath.customers.forgetting import ImportsRun
from towpath.events.lake import LakeBusy
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON


@click.command("forget", context_settings={"ignore_unknown_options": True})
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask at a terminal.")
@AS_JSON
def forget_command(customer: str, yes: bool, as_json: bool) -> None:
    """Forget CUSTOMER (key, or identifier such as mail:a@b.example) everywhere, for good.

    Events go from lake, tail and inbox, names from quarantine, jobs, announcements, uploads and audit log.
    What happened up to now does not come in again. Broken off, or while imports run, a worker finishes it.
    Backups made before keep what they hold: restore them with --forgotten and a later backup.
    """
    if sys.stdin.isatty() and not yes:
        click.confirm(f"Forget {customer} for good?", abort=True)
    try:
        done = forget(OPERATOR, customer)
    except (Http404, LakeBusy, ImportsRun) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
        return
    known = "1 identifier" if done.identifiers == 1 else f"{done.identifiers} identifiers"
    click.echo(f"Forgotten: {done.key}, known by {known}. Removed or blotted out in")
    for place, count in done.removed.items():
        click.echo(f"  {place}: {count}")


COMMANDS = (forget_command,)
