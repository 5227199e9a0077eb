"""`towpath desk emerging`."""

from __future__ import annotations

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.queries.emerging import emerging
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("emerging")
@click.argument("name", default="")
@AS_JSON
def show_emerging(name: str, as_json: bool) -> None:
    """Topics of desk NAME that hold more tickets than usual, and what changed shortly before.

    Without NAME: the only desk there is.
    """
    found = emerging(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
