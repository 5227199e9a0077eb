"""`towpath desk agreements`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk.actions.agreements import apply_agreements
from towpath.desk.commands.group import desk
from towpath.desk.queries.agreements import agreements
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError


@desk.command("agreements")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS_JSON
def show_agreements(file: Path | None, as_json: bool) -> None:
    """Put the agreements of the YAML FILE in force; without FILE: show those that are."""
    if file is not None:
        try:
            row = apply_agreements(OPERATOR, file.read_text(encoding="utf-8"), str(file))
        except (DocumentError, UnicodeDecodeError) as error:
            raise click.ClickException(str(error)) from error
        if not as_json:
            click.echo(_("Version %(number)s is in force.") % {"number": row.number})
            return
    found = agreements(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(found.text or _("Nothing is agreed yet."))
