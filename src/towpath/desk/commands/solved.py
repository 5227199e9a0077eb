"""`towpath desk solved`."""

from __future__ import annotations

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.measures.solved import CHOICES
from towpath.desk.queries.solved import solved
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("solved")
@click.argument("name", default="")
@click.option("--by", type=click.Choice(CHOICES), default=None, help="By what; the first that is named.")
@AS_JSON
def show_solved(name: str, by: str | None, as_json: bool) -> None:
    """What desk NAME solves at first contact and at the first level, and what comes back.

    Without NAME: the only desk there is.
    """
    found = solved(OPERATOR, name, by or "")
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
