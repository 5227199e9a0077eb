"""`towpath estate list`."""

from __future__ import annotations

from typing import get_args

import click
import msgspec

from towpath.estate.commands.group import estate
from towpath.estate.queries.items import items
from towpath.estate.schemas.items import WantedItems, Which
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON


@estate.command("list")
@click.option("--search", "q", default="", help="Words of name or identity.")
@click.option("--kind", default="", help="As the estate's rules call it, like host.")
@click.option("--owner", default="", help="Who looks after it.")
@click.option("--source", default="", help="Who sees it.")
@click.option("--which", type=click.Choice(get_args(Which)), default="here", show_default=True)
@click.option("--after", default="", help="`next` of the page before.")
@AS_JSON
def list_items(as_json: bool, **wanted: str) -> None:
    """What exists, by name, a page at a time."""
    found = items(OPERATOR, msgspec.convert(wanted, WantedItems))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.items:
        told = (f"#{each.id}", each.name, each.kind_in_words, each.owner, ", ".join(each.sources))
        click.echo("  ".join(filter(None, told)))
