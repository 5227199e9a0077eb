"""`towpath desk teams` and `towpath desk firefighting`."""

from __future__ import annotations

import click
import msgspec
from django.http import Http404

from towpath.desk.commands.group import desk
from towpath.desk.queries import teams as queries
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("teams")
@click.argument("name", default="")
@click.argument("team", default="")
@AS_JSON
def show_teams(name: str, team: str, as_json: bool) -> None:
    """The teams of desk NAME, or one of them: who waits for it, and what it waits for.

    Without NAME: the only desk there is.
    """
    try:
        found = queries.team(OPERATOR, name, team) if team else queries.teams(OPERATOR, name)
    except Http404 as error:
        raise click.ClickException(str(error)) from error
    _print(found, as_json)


@desk.command("firefighting")
@click.argument("name", default="")
@AS_JSON
def show_firefighting(name: str, as_json: bool) -> None:
    """How much of each team's effort goes into incidents, repeats and rework, week by week."""
    _print(queries.firefighting(OPERATOR, name), as_json)


def _print(found: msgspec.Struct, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        print_tables(found)
