"""`towpath desk list`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.desk.commands.group import desk
from towpath.desk.queries.desks import desks
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON


@desk.command("list")
@AS_JSON
def list_desks(as_json: bool) -> None:
    """All desks, each with the source that its tickets come from."""
    found = desks(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        proposed = _("its reading was proposed by Towpath") if each.proposed else ""
        click.echo("  ".join(filter(None, (each.name, each.source, proposed))))
