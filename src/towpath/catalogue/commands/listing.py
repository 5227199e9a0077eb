"""`towpath catalogue list` and `show`."""

from __future__ import annotations

from typing import get_args

import click
import msgspec

from towpath.catalogue.commands.group import catalogue
from towpath.catalogue.queries.service import service
from towpath.catalogue.queries.services import services
from towpath.catalogue.rules.declaring import Audience
from towpath.catalogue.schemas.services import WantedServices
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@catalogue.command("list")
@click.option("--search", "q", default="", help="Words of name, purpose or owner.")
@click.option("--for", "audience", type=click.Choice(get_args(Audience)), default=None, help="For whom.")
@click.option("--owner", default="", help="Who looks after it.")
@AS_JSON
def list_services(q: str, audience: str | None, owner: str, as_json: bool) -> None:
    """Services by title, each with how it is."""
    wanted = {"q": q, "audience": audience or "", "owner": owner}
    found = services(OPERATOR, msgspec.convert(wanted, WantedServices))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.services:
        told = (each.name, each.title, each.audience_in_words, each.owner, each.health.in_words)
        click.echo("  ".join(told))


@catalogue.command("show")
@click.argument("name", metavar="SERVICE")
@AS_JSON
def show_service(name: str, as_json: bool) -> None:
    """SERVICE: owner, health, consumers, promises, journeys carried, changes, risks."""
    found = service(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
