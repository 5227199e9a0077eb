"""`towpath desk tickets`."""

from __future__ import annotations

from typing import get_args

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.queries.ticket import ticket
from towpath.desk.queries.tickets import tickets
from towpath.desk.schemas.tickets import WantedTickets, Which
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("tickets")
@click.argument("name", default="")
@click.option("--number", default="", help="One ticket: its whole way, and its clocks.")
@click.option("--search", "q", default="", help="Words of number or title, or a customer's identifier.")
@click.option("--which", type=click.Choice(get_args(Which)), default="all", show_default=True)
@click.option("--state", default="", help="A class of states, like waiting_customer.")
@click.option("--team", default="", help="That has it now.")
@click.option("--tier", default="", help="That has it now.")
@click.option("--topic", default="", help="As the tickets have it.")
@click.option("--priority", default="", help="As the tickets have it.")
@click.option("--after", default="", help="`next` of the page before.")
@AS_JSON
def show_tickets(name: str, number: str, as_json: bool, **wanted: str) -> None:
    """Tickets of desk NAME, the newest first.

    Without NAME: the only desk there is.
    """
    asked = msgspec.convert(wanted, WantedTickets)
    found = ticket(OPERATOR, name, number) if number else tickets(OPERATOR, name, asked)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
