"""`towpath desk analysis`."""

from __future__ import annotations

import click
import msgspec

from towpath.desk.commands.group import desk
from towpath.desk.queries.problems import problem_analysis
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.tables import print_tables


@desk.command("analysis")
@click.argument("number")
@click.option("--desk", "name", default="", help="Name of the desk; without it the only one there is.")
@AS_JSON
def show_analysis(number: str, name: str, as_json: bool) -> None:
    """The problem analysis of ticket NUMBER, and how each possible cause stands the test."""
    found = problem_analysis(OPERATOR, name, number)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    print_tables(found)
