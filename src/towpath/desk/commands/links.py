"""`towpath desk links`."""

from __future__ import annotations

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.queries.links import missing_links
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("links")
@click.argument("name", default="")
@AS_JSON
def show_links(name: str, as_json: bool) -> None:
    """How many tickets of desk NAME say what they are about, and what the others may be about.

    Without NAME: the only desk there is.
    """
    found = missing_links(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
