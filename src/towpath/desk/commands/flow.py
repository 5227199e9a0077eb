"""`towpath desk flow`."""

from __future__ import annotations

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.queries.flow import flow
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.ui.tables import print_tables


@desk.command("flow")
@click.argument("name", default="")
@AS_JSON
def show_flow(name: str, as_json: bool) -> None:
    """Who solves the tickets of desk NAME, how often they move, and what that costs.

    Without NAME: the only desk there is.
    """
    try:
        found = flow(OPERATOR, name)
    except DocumentError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
