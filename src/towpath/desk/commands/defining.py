"""`towpath desk define`."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils.translation import gettext as _

from towpath.desk.actions.desks import define_desk
from towpath.desk.commands.group import desk
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.documents import DocumentError


@desk.command("define")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def define(name: str, file: Path) -> None:
    """Read the tickets of desk NAME by the YAML FILE from now on, also those of the past."""
    try:
        found = define_desk(OPERATOR, name, file.read_text(encoding="utf-8"), str(file))
    except (DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(_("%(desk)s is read by %(file)s now") % {"desk": found.name, "file": file})
