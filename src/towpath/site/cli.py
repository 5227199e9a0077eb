"""The command `towpath`. Each area brings its commands (`commands.py`); here they are gathered."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click
import django
from django.core import checks
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.utils import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.events.lake.errors import LakeError
from towpath.foundation.operations.command_line import NOT_DONE
from towpath.foundation.operations.environment import BadSetting
from towpath.foundation.operations.home import home
from towpath.foundation.operations.lean import leave_out_pandas
from towpath.site.keeping.halves import refuse_half_restored
from towpath.site.migrating import bring_up_to_date

AREAS = {
    "towpath.catalogue.commands": ("catalogue",),
    "towpath.customers.commands": ("customer", "customers"),
    "towpath.customers.forget_command": ("forget",),
    "towpath.desk.commands": ("desk", "shift"),
    "towpath.estate.commands": ("estate", "sbom", "advisories"),
    "towpath.events.commands": ("import", "events"),
    "towpath.events.export_command": ("export",),
    "towpath.events.keeping.commands": ("doctor", "keeping", "retention", "inbox"),
    "towpath.foundation.accounts.commands": ("user", "keys"),
    "towpath.foundation.jobs.commands": ("jobs",),
    "towpath.foundation.outbox.commands": ("announcements",),
    "towpath.improvement.beneath_command": ("beneath",),
    "towpath.improvement.commands": ("findings", "finding"),
    "towpath.improvement.component_commands": ("components",),
    "towpath.improvement.review_commands": ("reviews",),
    "towpath.journeys.commands": (
        "journeys", "funnel", "flow", "variants", "times", "segments", "loss", "friction", "turns",
        "after-loss", "blueprint", "people",
    ),
    "towpath.site.commands": ("routes", "openapi"),
    "towpath.site.demo.commands": ("demo",),
    "towpath.site.keeping.backup_command": ("backup",),
    "towpath.site.keeping.restore_command": ("restore",),
    "towpath.site.keeping.upgrade_command": ("upgrade",),
    "towpath.site.manual": ("manual",),
    "towpath.site.serving": ("serve", "up"),
    "towpath.site.worker": ("worker",),
    "towpath.visibility.commands": ("account", "home"),
}  # fmt: skip
"""Modules and the names of their `COMMANDS`: a module is loaded when one of its commands is asked for, since
loading them all takes longer than most commands run."""


class Areas(click.Group):
    """The commands of all areas."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(name for names in AREAS.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for module, names in AREAS.items():
            if cmd_name in names:
                commands: tuple[click.Command, ...] = import_module(module).COMMANDS
                return next(command for command in commands if command.name == cmd_name)
        return None


def prepare(*, tables: bool = True) -> None:
    """Load the settings, check them, and bring the records' tables up to date (a new home has none).

    Raises BadSetting, one line for each thing that is wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "towpath.site.settings")
    django.setup()
    found = checks.run_checks(tags=["towpath"])
    if wrong := [message for message in found if message.is_serious()]:
        raise BadSetting("\n".join(f"{message.id}: {message.msg} {message.hint}" for message in wrong))
    try:
        if tables:
            bring_up_to_date()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise BadSetting(f"The records cannot be opened ({reason}): see TOWPATH_DATABASE_URL.") from error


def gather() -> click.Group:
    """The group with every area's commands. Needs `prepare` first: commands import models."""
    return Areas("towpath", help="Follow each customer journey down to what breaks it.")


def run(arguments: list[str]) -> int:
    """Run one command. Exit codes: 0 done, 1 done with refused records, 2 not done."""
    try:
        _prepare_for(arguments[:1])
        ended = gather().main(arguments, prog_name="towpath", standalone_mode=False)
    except click.ClickException as error:
        _say(error)
    except click.Abort:
        click.echo("towpath: stopped", err=True)
    except ValidationError as error:
        click.echo(f"towpath: {' '.join(error.messages)}", err=True)
    except (BadSetting, LakeError, PermissionDenied, Http404) as error:
        click.echo(f"towpath: {error}", err=True)
    else:
        return ended if isinstance(ended, int) else 0
    return NOT_DONE


def _prepare_for(command: list[str]) -> None:
    """As every command needs it. A restore brings settings and records itself; an upgrade first looks."""
    if command != ["restore"]:
        refuse_half_restored(home())
        prepare(tables=command != ["upgrade"])


def _say(error: click.ClickException) -> None:
    """As every other error; a command that was misspelt gets its usage and where to read on."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(context.get_usage(), err=True)
    click.echo(f"towpath: {error.format_message()}", err=True)
    if context is not None:
        told = _("See: %(command)s --help") % {"command": context.command_path}
        click.echo(told, err=True)


def main() -> None:
    """Entry point of the command `towpath`."""
    leave_out_pandas()
    sys.exit(run(sys.argv[1:]))
