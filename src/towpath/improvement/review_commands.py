"""`towpath reviews`: reviews after incidents, and the work that they led to."""

from __future__ import annotations

import click
import msgspec

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables
from towpath.improvement.queries.reviews import reviews as all_reviews


@click.command("reviews")
@AS_JSON
def list_reviews(as_json: bool) -> None:
    """Reviews after incidents, and the actions of all of them that are open."""
    found = all_reviews(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)


COMMANDS = (list_reviews,)
