"""The command `towpath`. Each area brings its commands (`commands.py`); here they are gathered."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click
import django
from django.core import checks
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django.http import Http404

from towpath.foundation.operations.environment import BadSetting

NOT_DONE = 2
AREAS = (
    "towpath.foundation.accounts.commands",
    "towpath.foundation.outbox.commands",
    "towpath.foundation.jobs.commands",
    "towpath.events.commands",
    "towpath.journeys.commands",
    "towpath.site.commands",
    "towpath.site.manual",
    "towpath.site.serving",
    "towpath.site.worker",
)
"""Modules whose `COMMANDS` are gathered."""


def prepare() -> None:
    """Load the settings, check them, and bring the records' tables up to date (a new home has none).

    Raises BadSetting, one line for each thing that is wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
    django.setup()
    found = checks.run_checks(tags=["towpath"])
    if wrong := [message for message in found if message.is_serious()]:
        raise BadSetting("\n".join(f"{message.id}: {message.msg} {message.hint}" for message in wrong))
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise BadSetting(f"The records cannot be opened ({reason}): see TOWPATH_DATABASE_URL.") from error


def gather() -> click.Group:
    """The group with every area's commands. Needs `prepare` first: commands import models."""
    group = click.Group("towpath", help="Follow each customer journey down to what breaks it.")
    for area in AREAS:
        for command in import_module(area).COMMANDS:
            group.add_command(command)
    return group


def run(arguments: list[str]) -> int:
    """Run one command. Exit codes: 0 done, 1 done with refused records, 2 not done."""
    try:
        prepare()
        ended = gather().main(arguments, prog_name="towpath", standalone_mode=False)
    except click.ClickException as error:
        error.show()
    except click.Abort:
        click.echo("towpath: stopped", err=True)
    except ValidationError as error:
        click.echo(f"towpath: {' '.join(error.messages)}", err=True)
    except (BadSetting, PermissionDenied, Http404) as error:
        click.echo(f"towpath: {error}", err=True)
    else:
        return ended if isinstance(ended, int) else 0
    return NOT_DONE


def main() -> None:
    """Entry point of the command `towpath`."""
    sys.exit(run(sys.argv[1:]))
