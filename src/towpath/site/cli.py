"""The command `towpath`. Each area brings its commands (`commands.py`); here they are gathered."""

from __future__ import annotations

import os
import sys

import click
import django
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from towpath.foundation.operations.environment import BadSetting


def prepare() -> None:
    """Load the settings, and bring the records' tables up to date (a new home has none)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
    django.setup()
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def gather() -> click.Group:
    """The group with every area's commands. Needs `prepare` first: commands import models."""
    group = click.Group("towpath", help="Follow each customer journey down to what breaks it.")
    return group


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 done with refused records, 2 not done."""
    try:
        prepare()
    except BadSetting as error:
        click.echo(f"towpath: {error}", err=True)
        sys.exit(2)
    gather()()
